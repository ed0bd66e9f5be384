"""Label planes: bodies inside objects, and what is seen of those that overlap."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import ndimage

from cellsim.masks.crops import Crops
from cellsim.masks.planes import inside, visible

PLANES = np.zeros((2, 8, 10), np.uint16)
PLANES[0, 1:6, 1:5], PLANES[0, 1:7, 8:10], PLANES[1, 3:8, 3:7] = 1, 3, 2


def bodies(*corners: tuple[int, int], size: tuple[int, int] = (3, 3)) -> Crops:
    crops = Crops.from_list([np.ones(size, np.bool_) for _ in corners], 2)
    crops.corner[:, 1:] = corners
    return crops


def test_of_two_objects_the_earlier_is_seen() -> None:
    seen = visible(PLANES)
    assert seen.dtype == np.uint16
    assert seen[4, 4] == 1
    assert seen[7, 6] == 2
    assert seen[0, 0] == 0
    assert (seen > 0).sum() == PLANES.any(axis=0).sum()


@given(st.integers(0, 999), st.integers(1, 4))
def test_what_is_seen_is_the_least_id(seed: int, layers: int) -> None:
    planes = np.random.default_rng(seed).integers(0, 4, (layers, 5, 6)).astype(np.uint16)
    expected = np.where(planes > 0, planes, 9).min(axis=0)
    np.testing.assert_array_equal(visible(planes), np.where(expected == 9, 0, expected))


def test_bodies_are_cut_to_their_objects_and_have_their_ids() -> None:
    crops = bodies((0, 0), (5, 5), (2, 2), (4, 8))
    which, ids, layer = np.array([0, 1, 3]), np.array([1, 2, 3]), np.array([0, 1, 0])
    labels = inside(crops, which, ids, layer, PLANES)
    assert labels.shape == PLANES.shape
    expected = np.zeros_like(PLANES)
    expected[0, 1:3, 1:3], expected[1, 5:8, 5:7], expected[0, 4:7, 8:10] = 1, 2, 3
    np.testing.assert_array_equal(labels, expected)


def test_several_bodies_of_an_object_join() -> None:
    crops = bodies((1, 1), (3, 1), size=(2, 2))
    ids = np.array([1, 1])
    labels = inside(crops, np.arange(2), ids, np.zeros(2, np.int64), PLANES)
    assert (labels == 1).sum() == 8


def test_of_a_body_in_pieces_the_largest_is_kept() -> None:
    outer = np.zeros((1, 5, 9), np.uint16)
    outer[0, :, :3], outer[0, :, 5:] = 1, 1
    labels = inside(
        bodies((1, 1), size=(2, 7)), np.zeros(1, np.int64), np.ones(1, np.int64), np.zeros(1, np.int64), outer
    )
    assert ndimage.label(labels[0])[1] == 1
    assert labels[0, 1:3, 5:8].all()


def test_a_body_beyond_the_canvas_is_not_there() -> None:
    one: NDArray[np.int64] = np.ones(1, np.int64)
    assert not inside(bodies((-9, 50)), one - 1, one, one - 1, PLANES).any()
