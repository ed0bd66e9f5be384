"""Neighbours within a gap, against all distances."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellsim.masks.proximity import Proximity, proximity
from cellsim.sample import Labels
from tests.strategies import label_images

images = st.one_of(label_images(2, most=6, largest=12), label_images(3, most=4, largest=6))


def pairs(graph: Proximity) -> set[tuple[int, int]]:
    """The ids of neighbours, each pair both ways."""
    one = np.repeat(np.arange(len(graph)), np.diff(graph.start))
    return set(zip(graph.ids[one].tolist(), graph.ids[graph.near].tolist(), strict=True))


def pairs_by_distance(labels: Labels, gap: int) -> set[tuple[int, int]]:
    at = np.argwhere(labels)
    ids = labels[labels > 0]
    near = np.abs(at[:, None] - at[None]).max(axis=2) <= gap
    return {(int(ids[i]), int(ids[j])) for i, j in np.argwhere(near) if ids[i] != ids[j]}


@given(labels=images, gap=st.integers(0, 4))
def test_neighbours_are_those_within_the_gap(labels: Labels, gap: int) -> None:
    graph = proximity(labels, gap)
    assert pairs(graph) == (pairs_by_distance(labels, gap) if gap else set())
    np.testing.assert_array_equal(graph.ids, np.setdiff1d(labels, [0]))


@pytest.mark.parametrize(("gap", "neighbours"), [(1, False), (2, False), (3, True)])
@pytest.mark.parametrize("shift", [(0, 4), (4, 0), (4, 4), (4, 2), (2, 4)])
def test_a_gap_is_background_along_every_axis(gap: int, neighbours: bool, shift: tuple[int, int]) -> None:
    labels = np.zeros((9, 9), np.uint16)
    labels[2:4, 2:4] = 1
    labels[2 + shift[0] : 4 + shift[0], 2 + shift[1] : 4 + shift[1]] = 2
    assert bool(pairs(proximity(labels, gap))) == neighbours, "two pixels of background lie between them"


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int32, np.uint32, np.int64, np.uint64])
def test_ids_may_be_any_integers(dtype: type[np.integer]) -> None:
    most = min(np.iinfo(dtype).max, 2**31 - 1)
    labels = np.array([[0, 7, most, 0, 0, 0, 0, 3]], dtype)
    labels.flags.writeable = False
    assert pairs(proximity(labels, 2)) == {(7, most), (most, 7)}


def test_many_pairs_are_all_found() -> None:
    labels = np.arange(1, 60 * 60 + 1, dtype=np.int32).reshape(60, 60)
    assert len(proximity(labels, 1).near) == 2 * (2 * 60 * 59 + 2 * 59 * 59)


def test_an_empty_image_has_no_objects() -> None:
    for shape in ((0, 4), (3, 4), (2, 3, 4)):
        assert len(proximity(np.zeros(shape, np.uint16), 2)) == 0


def test_what_is_no_label_image_is_refused() -> None:
    with pytest.raises(ValueError, match="gap must be >= 0 px, got -1"):
        proximity(np.zeros((2, 2), np.uint16), -1)
    with pytest.raises(ValueError, match="from 0 to 2,147,483,647, got -3 to 2"):
        proximity(np.array([[2, -3]]), 1)
    with pytest.raises(ValueError, match="must be integers, got float64"):
        proximity(np.zeros((2, 2)), 1)
