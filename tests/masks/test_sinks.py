"""Kernels that follow a flow field to its sinks."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from cellsim.masks.sinks import WIDEST, fill_holes, follow, gather, keep_largest_pieces, peaks

EIGHT = np.ones((3, 3), bool)


def towards(y: float, x: float, shape: tuple[int, int] = (20, 24)) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Unit vectors to a point."""
    away = np.array([[y], [x]])[..., None] - np.indices(shape)
    found: np.ndarray[tuple[int, ...], np.dtype[np.float32]] = (away / np.maximum(np.hypot(*away), 1)).astype(
        np.float32
    )
    return found


def test_paths_end_where_the_flow_leads() -> None:
    inside = np.ones((20, 24), bool)
    inside[0] = False
    ends, votes = follow(towards(9, 13), inside, 60)
    assert np.all(ends[0] == -1)
    end_y, end_x = np.divmod(ends[1:], 24)
    assert np.abs(end_y - 9).max() <= 1
    assert np.abs(end_x - 13).max() <= 1
    assert votes.sum() == inside.sum()


def test_a_path_stays_on_the_canvas() -> None:
    ends, _ = follow(np.full((2, 8, 8), 5, np.float32), np.ones((8, 8), bool), 9)
    np.testing.assert_array_equal(ends, 63)


def test_peaks_are_the_most_within_two_pixels() -> None:
    votes = np.random.default_rng(0).integers(0, 50, (30, 40)).astype(np.int32)
    expected = (votes == ndimage.maximum_filter(votes, 5, mode="constant")) & (votes >= 20)
    np.testing.assert_array_equal(peaks(votes, 20), np.flatnonzero(expected))


def test_a_wide_sink_grows_as_far_as_it_may() -> None:
    votes = np.full((40, 40), 9, np.int32)
    ends = np.arange(1600, dtype=np.int32).reshape(40, 40)
    seeds = np.array([20 * 40 + 18])
    labels = gather.py_func(ends, votes, seeds, 3)  # as Python, which checks the bounds of the queue
    np.testing.assert_array_equal(gather(ends, votes, seeds, 3), labels)
    assert labels.sum() == WIDEST**2
    assert labels[20 - WIDEST // 2, 18 - WIDEST // 2] == labels[20 + WIDEST // 2, 18 + WIDEST // 2] == 1


def test_a_sink_in_another_is_none() -> None:
    votes = np.full((12, 12), 9, np.int32)
    ends = np.arange(144, dtype=np.int32).reshape(12, 12)
    np.testing.assert_array_equal(gather(ends, votes, np.array([0, 1, 143]), 3).max(), 2)


def test_holes_in_one_object_are_filled() -> None:
    labels = np.zeros((9, 12), np.uint16)
    labels[1:8, 1:6], labels[1:8, 6:11] = 1, 2
    labels[3, 3] = labels[4, 5] = labels[4, 6] = labels[0, 0] = 0
    fill_holes(labels)
    assert labels[3, 3] == 1
    assert labels[4, 5] == labels[4, 6] == labels[0, 0] == 0  # between two objects, and at the border


def test_the_largest_piece_is_kept() -> None:
    labels = np.random.default_rng(1).integers(0, 3, (30, 30)).astype(np.uint16)
    expected = np.zeros_like(labels)
    for label in (1, 2):
        pieces, _ = ndimage.label(labels == label, EIGHT)
        expected[pieces == np.bincount(pieces.ravel())[1:].argmax() + 1] = label
    keep_largest_pieces(labels)
    np.testing.assert_array_equal(labels, expected)
