"""Flows of objects, against theory, a plain solver and Cellpose."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from cellsim.masks.flows import decode_flows, encode_flows, errors, track_flows
from cellsim.masks.relabel import consecutive
from cellsim.sample import Labels
from tests.strategies import label_images

DATA = (Path(__file__).parents[2] / os.environ.get("CELLSIM_REAL_DATA", "../shared/data")).resolve()
MASKS = sorted(path for path in DATA.glob("*/masks/*.png") if path.parts[-3] != "nuclei-3d")
CLOSE = 1e-3  # single precision, where the heat is nearly even


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
    np.testing.assert_allclose(flow, expected, atol=CLOSE)


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


def best_overlaps(truth: NDArray[np.integer], found: NDArray[np.integer]) -> NDArray[np.float64]:
    """Greatest IoU of each true object with a found one."""
    common = np.zeros((int(truth.max()) + 1, int(found.max()) + 1))
    np.add.at(common, (truth.ravel(), found.ravel()), 1)
    union = common.sum(axis=1, keepdims=True) + common.sum(axis=0) - common
    return (common / np.maximum(union, 1))[1:, 1:].max(axis=1, initial=0)


def whole_objects(labels: NDArray[np.integer], smallest: int = 15) -> Labels:
    """Make every piece (eight neighbours) an object; drop those that are too small to have a peak."""
    pieces, n = np.zeros(labels.shape, np.int64), 0
    for label, box in enumerate(ndimage.find_objects(labels), 1):
        if box is not None:
            found, more = ndimage.label(labels[box] == label, np.ones((3, 3)))
            pieces[box] += np.where(found, found + n, 0)
            n += more
    return consecutive(pieces, smallest)[0]


def test_touching_objects_come_back() -> None:
    np.testing.assert_array_equal(best_overlaps(TOUCHING, decode_flows(*encode_flows(TOUCHING))), 1)


@st.composite
def cells(draw: st.DrawFn) -> Labels:
    """Draw Voronoi cells of seeds on a jittered grid, without some of them."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    step = draw(st.integers(9, 20))
    seeds = step * (np.indices((4, 5)).reshape(2, -1) + 0.5) + rng.uniform(-step / 5, step / 5, (2, 20))
    y, x = np.indices((4 * step, 5 * step))
    nearest = np.argmin([(y - cy) ** 2 + (x - cx) ** 2 for cy, cx in seeds.T], axis=0) + 1
    return consecutive(np.where(rng.random(21) < draw(st.floats(0.3, 1)), np.arange(21), 0)[nearest])[0]


@given(labels=cells())
def test_cells_that_tile_the_plane_come_back(labels: Labels) -> None:
    found = decode_flows(*encode_flows(labels))
    assert found.max() == labels.max()
    assert best_overlaps(labels, found).min(initial=1) > 0.95


@given(labels=label_images(2, largest=30), noise=st.floats(0, 3))
def test_any_flow_gives_whole_labels(labels: Labels, noise: float) -> None:
    flow, probability = encode_flows(labels)
    flow += noise * np.random.default_rng(0).standard_normal(flow.shape, np.float32)
    decoded = track_flows(flow, probability, smallest=4)
    assert decoded.labels.dtype == np.uint16
    sizes = np.bincount(decoded.labels.ravel())[1:]
    assert np.all(sizes >= 4)
    assert 0 <= decoded.converged <= 1
    for label in range(1, len(sizes) + 1):
        assert ndimage.label(decoded.labels == label, np.ones((3, 3)))[1] == 1


def test_a_stack_is_decoded_image_by_image() -> None:
    stack = np.stack([TOUCHING, TOUCHING[::-1], np.zeros_like(TOUCHING)])
    labels, converged = track_flows(*encode_flows(stack))
    assert (labels.shape, converged.tolist()) == (stack.shape, [1, 1, 1])
    for one, found in zip(stack, labels, strict=True):
        np.testing.assert_array_equal(found, decode_flows(*encode_flows(one)))
    assert track_flows(*encode_flows(TOUCHING)).converged.shape == ()


def test_a_field_without_sinks_does_not_converge() -> None:
    flow, probability = np.zeros((2, 30, 30), np.float32), np.ones((30, 30), np.float32)
    labels, converged = track_flows(flow, probability)
    assert (labels.max(), converged) == (0, 0)


def test_lost_pixels_and_holes_are_filled_and_stray_pieces_dropped() -> None:
    labels = disks((24.2, 30.3, 15))
    flow, probability = encode_flows(labels)
    probability[20, 22] = 0
    probability[2, 2:6] = 1
    flow[1, 2, 2:6] = 26  # four stray pixels that leap into the object
    flow[0, 2, 2:6] = 20
    found = decode_flows(flow, probability)
    assert (found[20, 22], found[2, 2:6].max()) == (1, 0)
    assert np.count_nonzero(found != labels) <= 2  # paths that end in the hole


def test_small_objects_are_dropped() -> None:
    found = decode_flows(*encode_flows(TOUCHING), smallest=np.count_nonzero(TOUCHING == 3) + 1)
    assert not found[TOUCHING == 3].any()
    assert found.max() == np.count_nonzero(np.bincount(TOUCHING.ravel())[1:] > np.count_nonzero(TOUCHING == 3))


def test_objects_with_another_flow_are_dropped() -> None:
    labels = disks((24.2, 16.3, 12), (24.1, 46.2, 12))
    flow, probability = encode_flows(labels)
    flow[:, labels == 2] *= 0.3  # still converges; the mean squared difference is 0.49
    decoded = decode_flows(flow, probability)
    assert errors(decoded, flow) == pytest.approx([0, 0, 0.49], abs=0.01)
    assert decode_flows(flow, probability, error=0.5).max() == 2
    np.testing.assert_array_equal(decode_flows(flow, probability, error=0.4) > 0, labels == 1)


def test_fields_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match=r"flow must be of shape \(2, 8, 9\), got \(2, 9, 8\)"):
        decode_flows(np.zeros((2, 9, 8), np.float32), np.zeros((8, 9), np.float32))


def test_a_flow_that_is_no_number_is_refused() -> None:
    flow, probability = encode_flows(TOUCHING)
    flow[0, 20, 20] = np.nan
    with pytest.raises(ValueError, match="flow must be finite"):
        decode_flows(flow, probability)


def lost_objects(path: Path) -> tuple[int, int]:
    """How many objects of a mask do not come back, and how many there are."""
    labels = whole_objects(np.asarray(Image.open(path)).astype(np.int64))
    overlaps = best_overlaps(labels, decode_flows(*encode_flows(labels)))
    return int(np.count_nonzero(overlaps < 0.9)), len(overlaps)


@pytest.mark.skipif(not MASKS, reason="needs the real images")
@pytest.mark.parametrize("masks", [pytest.param(MASKS[5::24], id="a-few"), pytest.param(MASKS, marks=pytest.mark.slow)])
def test_real_masks_come_back(masks: list[Path]) -> None:
    lost, there = np.transpose([lost_objects(path) for path in masks])
    assert lost.sum() < 0.002 * there.sum()
    assert np.all(lost <= np.maximum(0.01 * there, 3))  # a nucleus with a waist can have two sinks
    assert np.count_nonzero(lost > 0.01 * there) <= max(0.03 * len(masks), 1)


@pytest.fixture(scope="module")
def cellpose() -> Iterator[ModuleType]:
    """Cellpose's functions; it compiles and warns when it is imported."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import torch
        from cellpose import dynamics

        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        yield dynamics
        torch.set_num_threads(threads)


def crowd() -> Labels:
    """Draw touching ellipses of all sizes."""
    rng, labels = np.random.default_rng(3), np.zeros((160, 160), np.uint16)
    y, x = np.indices(labels.shape)
    for i in range(1, 60):
        dy, dx, turn = y - rng.uniform(0, 160), x - rng.uniform(0, 160), rng.uniform(0, np.pi)
        along, across = dy * np.cos(turn) + dx * np.sin(turn), dx * np.cos(turn) - dy * np.sin(turn)
        labels[((along / rng.uniform(5, 18)) ** 2 + (across / rng.uniform(5, 12)) ** 2 < 1) & (labels == 0)] = i
    return whole_objects(labels, 30)


def test_flow_is_that_of_cellpose_away_from_the_centre(cellpose: ModuleType) -> None:
    labels = crowd()
    flow, _ = encode_flows(labels)
    expected, centres = cellpose.masks_to_flows_cpu(labels.astype(np.int32))
    y, x = np.nonzero(labels)
    corners = [[rows.start, columns.start] for rows, columns in ndimage.find_objects(labels)]
    centre = np.add(centres, corners)[labels[y, x] - 1]
    away = np.hypot(y - centre[:, 0], x - centre[:, 1]) > 2
    cosine = (flow * expected).sum(axis=0)[y, x]
    none = ~expected[:, y, x].any(axis=0)  # at the very ends, which only touch a corner of the next pixel
    np.testing.assert_array_equal(flow[:, y[none], x[none]], 0)
    assert np.mean(none) < 0.001
    assert cosine[away & ~none].min() > 0.999


@pytest.mark.parametrize("noise", [0.0, 0.2])
def test_labels_are_those_of_cellpose(cellpose: ModuleType, noise: float) -> None:
    flow, probability = encode_flows(crowd())
    flow += noise * np.random.default_rng(0).standard_normal(flow.shape, np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = cellpose.compute_masks(5 * flow, 12 * probability - 6, flow_threshold=0.0, min_size=15)
    found = decode_flows(flow, probability, smallest=15)
    assert found.max() == expected.max()
    assert best_overlaps(expected, found).min() > 0.95
