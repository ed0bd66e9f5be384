"""Objects on layers: apart, all there, and back."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from cellsim.errors import InputError
from cellsim.masks.layers import layer_masks, merge_layers, split_layers
from cellsim.sample import Labels
from tests.strategies import label_images

DATA = (Path(__file__).parents[2] / os.environ.get("CELLSIM_REAL_DATA", "../shared/data")).resolve()

images = st.one_of(label_images(2, most=8, largest=14), label_images(3, most=5, largest=6))


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def least_gap(plane: NDArray[Any], up_to: int = 6) -> int:
    """Pixels of background between the nearest two objects along both axes, by growing each of them alone."""
    for grown in range(1, up_to + 1):
        square = np.ones((2 * grown + 1,) * plane.ndim, np.bool_)
        for i in np.setdiff1d(plane, [0]):
            near = plane[ndimage.binary_dilation(plane == i, square)]
            if ((near != 0) & (near != i)).any():
                return grown - 1
    return up_to


@given(labels=images, gap=st.integers(0, 3), seed=st.integers(0, 99), fit=st.sampled_from(["first", "random"]))
def test_objects_of_a_layer_are_apart_and_all_there(labels: Labels, gap: int, seed: int, fit: Any) -> None:
    labels.flags.writeable = False
    planes = split_layers(labels, 3, gap, rng=rng(seed), fit=fit, overflow="add")
    assert planes.dtype == labels.dtype
    assert len(planes) >= 3
    assert all(least_gap(plane, 4) >= gap for plane in planes)
    for i in np.setdiff1d(labels, [0]):
        assert [(plane == i).any() for plane in planes].count(True) == 1
    np.testing.assert_array_equal(merge_layers(planes), labels)


def test_touching_nuclei_get_different_layers() -> None:
    labels = np.zeros((12, 30), np.uint16)
    labels[2:10, 2:10], labels[2:10, 10:18], labels[2:10, 21:28] = 1, 2, 3
    for seed in range(20):
        planes = split_layers(labels, rng=rng(seed))
        on = [int(np.argmax([(plane == i).any() for plane in planes])) for i in (1, 2, 3)]
        assert on[0] != on[1]
        assert sorted(set(on)) in ([0, 1], [1, 2]) or sorted(set(on)) == [0, 1, 2]


@pytest.mark.parametrize("gap", [1, 2, 5])
def test_the_gap_is_exact(gap: int) -> None:
    for between in (gap - 1, gap):
        labels = np.zeros((6, 20), np.uint16)
        labels[1:4, 1:5], labels[1:4, 5 + between : 9 + between] = 1, 2
        planes = split_layers(labels, gap=gap, rng=rng())
        assert (planes[1] > 0).any() == (between < gap), "on one layer if and only if the gap is there"


def test_a_gap_that_is_too_small_is_seen() -> None:
    labels = np.zeros((6, 20), np.uint16)
    labels[1:4, 1:5], labels[1:4, 6:9] = 1, 2
    assert least_gap(split_layers(labels, gap=0, rng=rng())[0]) == 1


def test_every_randomisation_is_another_arrangement() -> None:
    labels = np.zeros((40, 40), np.uint16)
    for k in range(64):
        labels[5 * (k // 8) : 5 * (k // 8) + 4, 5 * (k % 8) : 5 * (k % 8) + 4] = k + 1
    one = rng()
    found = [split_layers(labels, rng=one) for _ in range(10)]
    assert len({planes.tobytes() for planes in found}) == 10
    np.testing.assert_array_equal(found[0], split_layers(labels, rng=rng()))


def crowd(n: int) -> Labels:
    """Objects of which each is near all others."""
    labels = np.zeros((4, 2 * n), np.uint16)
    labels[0, :n] = np.arange(1, n + 1)
    labels[1:3] = 0
    return labels


def test_an_error_says_how_many_layers_would_do() -> None:
    with pytest.raises(InputError, match=r"6 objects do not fit on 4 layers with 9 px between .*: 6 layers would do"):
        split_layers(crowd(6), gap=9, rng=rng())
    assert split_layers(crowd(6), layers=6, gap=9, rng=rng()).shape == (6, 4, 12)


def test_layers_are_added_if_asked_for() -> None:
    planes = split_layers(crowd(6), gap=9, rng=rng(), overflow="add")
    assert planes.shape == (6, 4, 12)
    np.testing.assert_array_equal(merge_layers(planes), crowd(6))


def test_wide_ids_are_kept() -> None:
    labels = np.array([[7, 2_000_000_000, 0, 0, 0, 3]], np.int64)
    planes = split_layers(labels, rng=rng())
    assert planes.dtype == np.int64
    np.testing.assert_array_equal(merge_layers(planes), labels)
    assert (planes[0] > 0).sum() == 2


def test_an_empty_image_has_empty_layers() -> None:
    assert not split_layers(np.zeros((5, 7), np.uint16), rng=rng()).any()
    assert split_layers(np.zeros((0, 7), np.uint16), rng=rng()).shape == (4, 0, 7)
    assert merge_layers(np.zeros((0, 5, 7), np.uint16)).shape == (5, 7)


def test_layers_that_overlap_are_not_merged() -> None:
    planes = np.array([[[1, 1, 0]], [[0, 2, 0]]], np.uint16)
    with pytest.raises(InputError, match="must not overlap, got 1 pixels"):
        merge_layers(planes)


def test_masks_are_the_layers_and_first_all_of_them() -> None:
    planes = np.array([[[1, 0, 0]], [[0, 2, 0]]], np.uint16)
    np.testing.assert_array_equal(layer_masks(planes), [[[True, False, False]], [[False, True, False]]])
    merged = layer_masks(planes, merged=True)
    assert merged.shape == (3, 1, 3)
    np.testing.assert_array_equal(merged[0], [[True, True, False]])
    np.testing.assert_array_equal(merged[1:], layer_masks(planes))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"layers": 0}, "layers must be >= 1, got 0"),
        ({"gap": -1}, "gap must be >= 0 px, got -1"),
        ({"fit": "last"}, "fit must be first or random, got 'last'"),
        ({"overflow": "drop"}, "overflow must be error or add, got 'drop'"),
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        split_layers(crowd(2), rng=rng(), **wrong)


@pytest.mark.skipif(not DATA.is_dir(), reason="real images are not here")
@pytest.mark.parametrize("folder", ["nuclei-fluorescence", "tissue-histology", "cells-phase", "epithelium-membrane"])
def test_four_layers_do_for_real_images(folder: str) -> None:
    found = [np.asarray(Image.open(path)).astype(np.uint16) for path in (DATA / folder / "masks").iterdir()]
    densest = sorted(found, key=lambda labels: -len(np.unique(labels)) / labels.size)[:8]
    for labels in densest:
        planes = split_layers(labels, rng=rng())
        assert len(planes) == 4
        np.testing.assert_array_equal(merge_layers(planes), labels)
    crop = densest[0][:120, :120]
    assert all(least_gap(plane, 2) == 2 for plane in split_layers(crop, rng=rng()))
