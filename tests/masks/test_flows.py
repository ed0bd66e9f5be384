"""Flows of objects, against theory, a plain solver and Cellpose."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from numpy.typing import NDArray
from scipy import ndimage

from cellsim.masks.flows import encode_flows
from cellsim.sample import Labels
from tests.strategies import label_images


def disks(*circles: tuple[float, float, float], shape: tuple[int, int] = (48, 64)) -> Labels:
    """Draw disks of centre (y, x) and radius, in pixels; the later lie below."""
    labels = np.zeros(shape, np.uint16)
    y, x = np.indices(shape)
    for i, (cy, cx, radius) in enumerate(circles, 1):
        labels[((y - cy) ** 2 + (x - cx) ** 2 <= radius**2) & (labels == 0)] = i
    return labels


TOUCHING = disks((16.2, 18.3, 11), (22.1, 40.3, 12.5), (36.3, 20.4, 9), (30.2, 58.1, 9))


def plain_flow(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Diffuse on the whole canvas, by convolution."""
    pixels = np.argwhere(mask)
    source = tuple(pixels[((pixels - pixels.mean(axis=0)) ** 2).sum(axis=1).argmin()])
    steps = 2 * int(np.ptp(pixels, axis=0).sum() + 2 + 4)
    heat = np.zeros(np.add(mask.shape, 2))
    inside = np.pad(mask, 1)
    for _ in range(steps):
        heat[source[0] + 1, source[1] + 1] += 1
        heat = ndimage.uniform_filter(heat, 3, mode="constant") * inside
    gradient = np.stack([heat[2:, 1:-1] - heat[:-2, 1:-1], heat[1:-1, 2:] - heat[1:-1, :-2]]) * mask
    return gradient / np.maximum(np.linalg.norm(gradient, axis=0), 1e-60)


def test_flow_is_that_of_a_plain_solver() -> None:
    flow, _ = encode_flows(TOUCHING)
    expected = np.sum([plain_flow(i == TOUCHING) for i in range(1, 5)], axis=0)
    np.testing.assert_allclose(flow, expected, atol=1e-3)  # single precision


def test_flow_leads_to_the_centre() -> None:
    labels = disks((20, 30, 15))
    flow, _ = encode_flows(labels)
    y, x = np.nonzero(labels)
    away = np.stack([y - 20, x - 30])
    far = np.linalg.norm(away, axis=0) > 2
    cosine = -(flow[:, y, x] * away).sum(axis=0) / np.maximum(np.linalg.norm(away, axis=0), 1)
    assert cosine[far].min() > 0.95


def test_a_stack_is_encoded_image_by_image() -> None:
    stack = np.stack([TOUCHING, TOUCHING[::-1], np.zeros_like(TOUCHING)])
    flow, probability = encode_flows(stack.astype(np.int64) * 70_000)
    assert (flow.shape, flow.dtype, probability.dtype) == ((3, 2, 48, 64), np.float32, np.float32)
    for labels, vectors, inside in zip(stack, flow, probability, strict=True):
        np.testing.assert_array_equal(vectors, encode_flows(labels)[0])
        np.testing.assert_array_equal(inside, labels > 0)


@given(labels=label_images(2, largest=14))
def test_vectors_have_unit_length_inside_and_none_outside(labels: Labels) -> None:
    flow, _ = encode_flows(labels)
    length = np.linalg.norm(flow, axis=0)
    assert np.all((abs(length - 1) < 1e-6) | (length == 0))
    assert not length[labels == 0].any()


def test_every_piece_of_an_object_has_a_flow_of_its_own() -> None:
    pieces = disks((16.2, 18.3, 11), (36.1, 50.4, 6))
    apart, _ = encode_flows(pieces)
    whole, _ = encode_flows(np.minimum(pieces, 1))
    cosine = (apart * whole).sum(axis=0)
    assert cosine[pieces == 2].min() > 0.99
    assert np.linalg.norm(whole, axis=0)[pieces == 1].min() > 0.99


def test_flow_reaches_the_end_of_a_long_thin_object() -> None:
    labels = np.zeros((3, 3000), np.uint16)
    labels[1] = 1
    flow, _ = encode_flows(labels)
    np.testing.assert_array_equal(flow[1, 1, :1499], 1)
    np.testing.assert_array_equal(flow[1, 1, 1500:], -1)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.array([[-1, 2]]), "labels must be >= 0, got -1"),
        (np.zeros(4, np.uint16), r"labels must have axes \(..., Y, X\), got 1"),
    ],
)
def test_what_is_no_label_image_is_refused(labels: NDArray[np.int64], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        encode_flows(labels)
