"""Masks as inputs of networks: what each encoding shows, and that no object is lost."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import label

from cellsim.errors import InputError
from cellsim.masks.flows import encode_flows
from cellsim.masks.inputs import INPUTS, MaskInput

TOUCHING = np.zeros((12, 20), np.uint16)
TOUCHING[2:8, 2:7], TOUCHING[2:8, 7:12], TOUCHING[9:11, 15:19] = 1, 2, 3


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def tiled(edge: int, size: int) -> NDArray[np.uint16]:
    """Squares without gaps, edge x edge of them."""
    return np.kron(np.arange(1, edge * edge + 1, dtype=np.uint16).reshape(edge, edge), np.ones((size, size), np.uint16))


@pytest.mark.parametrize("encoding", INPUTS)
def test_every_encoding_has_its_channels_and_the_range_of_networks(encoding: str) -> None:
    step = MaskInput(encoding)
    for labels in (TOUCHING, np.zeros_like(TOUCHING)):
        labels.flags.writeable = False
        image = step(labels, rng())
        assert image.shape == (step.channels, *labels.shape)
        assert image.dtype == np.float32
        assert abs(image).max() <= 1
    assert (step(TOUCHING, rng()) != step(np.zeros_like(TOUCHING), rng())).any()


def test_touching_objects_stand_on_different_layers_and_all_are_there() -> None:
    image = MaskInput("layers")(TOUCHING, rng())
    assert set(np.unique(image)) == {-1, 1}
    np.testing.assert_array_equal((image > 0).sum(axis=0), TOUCHING > 0)
    of = {i: set(np.argwhere(image[:, np.equal(TOUCHING, i)] > 0)[:, 0]) for i in (1, 2, 3)}
    assert all(len(layers) == 1 for layers in of.values())
    assert of[1] != of[2]


def test_layers_are_arranged_anew_by_the_stream_alone() -> None:
    labels = tiled(4, 4)
    images = [MaskInput("layers")(labels, rng(seed)) for seed in (0, 0, 1, 2)]
    np.testing.assert_array_equal(images[0], images[1])
    assert any((images[0] != other).any() for other in images[2:])


@pytest.mark.parametrize(("fit", "least"), [("first", 0.0), ("random", 0.15)])
def test_the_last_layers_are_used_as_often_as_the_first_if_the_fit_is_random(fit: Any, least: float) -> None:
    apart = np.zeros((60, 60), np.uint16)
    apart[::10, ::10] = np.arange(1, 37).reshape(6, 6)
    step = MaskInput("layers", fit=fit)
    shares = np.mean([(step(apart, rng(seed)) > 0).mean(axis=(1, 2)) for seed in range(8)], axis=0)
    shares /= shares.sum()
    assert shares.argmax() == 0 if fit == "first" else shares.max() < 0.35
    assert shares[-1] == 0 if fit == "first" else shares.min() > least


def test_the_merged_plane_comes_first() -> None:
    image = MaskInput("layers+merged", layers=3)(TOUCHING, rng())
    assert len(image) == 4
    np.testing.assert_array_equal(image[0] > 0, TOUCHING > 0)
    np.testing.assert_array_equal(image[1:], MaskInput("layers", layers=3)(TOUCHING, rng()))


def test_what_does_not_fit_is_an_error_or_shares_a_layer() -> None:
    labels = tiled(3, 4)
    with pytest.raises(InputError, match="do not fit on 2 layers"):
        MaskInput("layers", layers=2)(labels, rng())
    shared = MaskInput("layers", layers=2, overflow="share")(labels, rng())
    assert len(shared) == 2
    np.testing.assert_array_equal((shared > 0).sum(axis=0), 1)


def test_ids_are_dealt_levels_of_their_own() -> None:
    image = MaskInput("labels")(TOUCHING, rng())[0]
    levels = [np.unique(image[np.equal(TOUCHING, i)]) for i in range(4)]
    assert all(len(one) == 1 for one in levels)
    assert levels[0] == -1
    assert len(set(np.concatenate(levels))) == 4
    np.testing.assert_allclose((image + 1) * 127.5, np.rint((image + 1) * 127.5), atol=1e-4)
    many = MaskInput("labels")(tiled(20, 2), rng())
    assert len(np.unique(many)) == 255, "400 objects have all the levels there are"
    assert many.min() > -1


def test_border_and_inside_are_apart_and_together_the_objects() -> None:
    border, inside = MaskInput("boundary+interior")(TOUCHING, rng()) > 0
    np.testing.assert_array_equal(border ^ inside, TOUCHING > 0)
    assert not (border & inside).any()
    assert border[4, 6], "where two touch"
    assert border[4, 7]
    assert inside[4, 4]


def test_flows_are_those_of_the_flow_encoding() -> None:
    image, (flow, probability) = MaskInput("flows")(TOUCHING, rng()), encode_flows(TOUCHING)
    np.testing.assert_array_equal(image[0], 2 * probability - 1)
    np.testing.assert_array_equal(image[1:], flow)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"encoding": "layer"}, r"no input encoding 'layer' \(encodings: layers,"),
        ({"encoding": "layers", "layers": 0}, "layers must be >= 1 and gap >= 0, got 0 and 2"),
        ({"encoding": "layers", "overflow": "add"}, "overflow must be error or share, got 'add'"),
        ({"encoding": "layers", "fit": "best"}, "fit must be first or random, got 'best'"),
    ],
)
def test_what_makes_no_sense_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        MaskInput(**fields)


def test_it_needs_no_torch() -> None:
    code = "import sys, cellsim.masks.inputs, cellsim.nn.ranges; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("shape", [(16, 40), (32, 20), (48, 62)])
def test_the_mirror_image_of_flows_is_that_of_mirrored_masks(shape: tuple[int, int]) -> None:
    labels = np.zeros((16, 20), np.uint16)
    labels[3:12, 4:9], labels[5:10, 12:17] = 1, 2  # away from the border, so that mirrored objects are apart
    extra = [(0, m - n) for n, m in zip(labels.shape, shape, strict=True)]
    larger = label(np.pad(labels, extra, mode="symmetric"))[0]
    given = MaskInput("flows")
    whole, found = given(larger, rng()), given.extended(given(labels, rng())[np.newaxis], shape)[0]
    np.testing.assert_array_equal(found[0], whole[0])
    along = np.sum(found[1:] * whole[1:], axis=0)[larger > 0]
    assert np.mean(along > 0.99) > 0.95, "all but the centres"


def test_masks_without_vectors_are_mirrored_as_they_are() -> None:
    image = np.random.default_rng(0).random((2, 4, 9, 7), np.float32)
    found = MaskInput("layers").extended(image, (12, 9))
    np.testing.assert_array_equal(found, np.pad(image, [(0, 0), (0, 0), (0, 3), (0, 2)], mode="symmetric"))
    assert MaskInput("layers").extended(image, (9, 7)) is image
