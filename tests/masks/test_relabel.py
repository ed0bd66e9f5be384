"""Clean label images: consecutive ids, one piece an object."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from cellsim.masks.relabel import consecutive, largest_pieces, whole_cells
from cellsim.sample import Labels
from tests.strategies import label_images


def largest_by_scipy(labels: Labels) -> Labels:
    kept = np.zeros_like(labels)
    for i in np.unique(labels[labels > 0]):
        pieces, _ = ndimage.label(labels == i)
        sizes = np.bincount(pieces.ravel())[1:]
        kept[pieces == 1 + sizes.argmax()] = i
    return kept


@given(labels=label_images(2))
def test_the_largest_piece_is_scipys_in_2d(labels: Labels) -> None:
    np.testing.assert_array_equal(largest_pieces(labels), largest_by_scipy(labels))


@given(labels=label_images(3, most=2, largest=6))
def test_the_largest_piece_is_scipys_in_3d(labels: Labels) -> None:
    np.testing.assert_array_equal(largest_pieces(labels), largest_by_scipy(labels))


@pytest.mark.parametrize("shape", [(60, 70), (12, 14, 16)])
def test_the_largest_piece_of_a_maze_is_scipys(shape: tuple[int, ...]) -> None:
    for seed in range(5):
        labels = (np.random.default_rng(seed).random(shape) < 0.55).astype(np.uint16) * 65_535
        labels.flags.writeable = False
        np.testing.assert_array_equal(largest_pieces(labels), largest_by_scipy(labels))


def test_pieces_that_touch_by_a_corner_are_two() -> None:
    labels = np.array([[1, 1, 0], [0, 0, 1]], np.uint16)
    np.testing.assert_array_equal(largest_pieces(labels), [[1, 1, 0], [0, 0, 0]])


def test_of_equal_pieces_the_first_is_kept() -> None:
    np.testing.assert_array_equal(largest_pieces(np.array([[2, 0, 2]], np.uint16)), [[2, 0, 0]])


def test_ids_become_consecutive_in_their_order() -> None:
    labels, ids = consecutive(np.array([[0, 9, 9], [4, 0, 700]]))
    np.testing.assert_array_equal(labels, [[0, 2, 2], [1, 0, 3]])
    np.testing.assert_array_equal(ids, [4, 9, 700])
    assert labels.dtype == np.uint16
    assert ids.dtype == np.int64


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int32, np.uint32, np.int64, np.uint64])
def test_any_integers_are_renumbered(dtype: type[np.integer]) -> None:
    most = min(np.iinfo(dtype).max, 2**62)
    given_labels = np.array([most, 0, 3], dtype)
    given_labels.flags.writeable = False
    labels, ids = consecutive(given_labels)
    np.testing.assert_array_equal(labels, [2, 0, 1])
    np.testing.assert_array_equal(ids, [3, most])
    assert ids.dtype == np.int64


@given(labels=label_images(2, most=9), smallest=st.integers(1, 5), spread=st.sampled_from([1, 7, 1_000_003]))
def test_renumbering_names_the_same_objects(labels: Labels, smallest: int, spread: int) -> None:
    sparse = labels.astype(np.int64) * spread
    found, ids = consecutive(sparse, smallest)
    back = np.concatenate([[0], ids])[found]
    kept = [i for i in np.unique(sparse[sparse > 0]) if (sparse == i).sum() >= smallest]
    np.testing.assert_array_equal(ids, kept)
    np.testing.assert_array_equal(back, np.where(np.isin(sparse, kept), sparse, 0))


def test_small_objects_become_background() -> None:
    labels, ids = consecutive(np.array([1, 2, 2, 3, 3, 3]), smallest=2)
    np.testing.assert_array_equal(labels, [0, 1, 1, 2, 2, 2])
    np.testing.assert_array_equal(ids, [2, 3])


def test_an_empty_image_has_no_objects() -> None:
    for shape in ((0, 4), (3, 4)):
        labels, ids = consecutive(np.zeros(shape, np.int32))
        assert labels.shape == shape
        assert len(ids) == 0


def test_as_many_objects_as_uint16_names_are_kept_and_one_more_is_refused() -> None:
    most, _ = consecutive(np.arange(65_536))
    assert most.max() == 65_535
    for ids in (np.arange(65_537), 1000 * np.arange(65_537)):
        with pytest.raises(ValueError, match="a label image holds at most 65,535 objects, got 65,536"):
            consecutive(ids)


def test_negative_labels_are_refused() -> None:
    with pytest.raises(ValueError, match="labels must be >= 0, got -3"):
        consecutive(np.array([0, 2, -3]))


@given(labels=st.one_of(label_images(2), label_images(3, most=2, largest=6)), smallest=st.integers(0, 5))
def test_whole_cells_are_the_largest_pieces_renumbered(labels: Labels, smallest: int) -> None:
    labels.flags.writeable = False
    expected, ids = consecutive(largest_by_scipy(labels), smallest)
    found, found_ids = whole_cells(labels, smallest)
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(found_ids, ids)
    assert found.dtype == np.uint16


def test_an_object_is_small_if_its_largest_piece_is() -> None:
    labels, ids = whole_cells(np.array([[1, 1, 0, 2, 2, 2], [0, 0, 1, 0, 0, 65_535]], np.uint16), smallest=3)
    np.testing.assert_array_equal(labels, [[0, 0, 0, 1, 1, 1], [0] * 6])
    np.testing.assert_array_equal(ids, [2])
