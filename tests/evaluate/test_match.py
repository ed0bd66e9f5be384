"""Overlaps and assignments: against dense tables, brute force and StarDist."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellsim.errors import InputError
from cellsim.evaluate.match import FIRST, assign, heaviest, match, overlaps
from tests.evaluate.segmentations import Labels, dense_iou, label_pairs, pair


def table_of(truth: Any, found: Any) -> np.ndarray[Any, Any]:
    """The sparse IoU, as a dense table."""
    shared = overlaps(truth, found)
    table = np.zeros((len(shared.truth_ids), len(shared.found_ids)))
    table[shared.truth, shared.found] = shared.iou
    return table


@given(label_pairs())
def test_iou_is_that_of_masks(both: tuple[Labels, Labels]) -> None:
    np.testing.assert_allclose(table_of(*both), dense_iou(*both))
    shared = overlaps(*both)
    np.testing.assert_array_equal(shared.truth_ids, np.unique(both[0][both[0] > 0]))
    np.testing.assert_array_equal(shared.truth_sizes, [(both[0] == i).sum() for i in shared.truth_ids])
    np.testing.assert_array_equal(shared.found_sizes, [(both[1] == i).sum() for i in shared.found_ids])


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.uint32, np.int64, np.uint64])
def test_types_and_holes_in_ids_do_not_matter(dtype: Any) -> None:
    truth, found = pair(0)
    top = min(np.iinfo(dtype).max, np.iinfo(np.int64).max)
    names = np.sort(np.random.default_rng(0).integers(1, top, int(found.max()))).astype(dtype)
    names = np.unique(names)
    renamed = np.append(np.zeros(1, dtype), names)[np.minimum(found, len(names))]
    np.testing.assert_allclose(table_of(truth, renamed), table_of(truth, np.minimum(found, len(names))))
    matches = match(truth, renamed)
    assert set(matches.found.tolist()) <= set(names.tolist())


def test_bool_is_one_object_and_layout_does_not_matter() -> None:
    truth, found = pair(1)
    assert len(match(truth > 0, truth > 0).iou) == 1
    np.testing.assert_array_equal(table_of(truth.T, found.T), table_of(truth, found))
    np.testing.assert_array_equal(table_of(np.asfortranarray(truth), found), table_of(truth, found))


def test_more_pairs_than_the_table_has_places_at_first() -> None:
    rng = np.random.default_rng(0)
    truth, found = (rng.integers(0, 200, (200, 300)).astype(np.uint16) for _ in range(2))
    shared = overlaps(truth, found)
    assert len(shared.shared) > 2 * FIRST
    counted = np.zeros((200, 200), np.int64)
    np.add.at(counted, (truth, found), 1)
    np.testing.assert_array_equal(
        shared.shared, counted[shared.truth_ids[shared.truth], shared.found_ids[shared.found]]
    )
    assert shared.shared.sum() == counted[1:, 1:].sum()


def best(table: np.ndarray[Any, Any], threshold: float) -> tuple[int, float]:
    """Most hits, and the greatest sum of IoU with so many, by trying all assignments."""
    n, m = table.shape
    square = np.zeros((max(n, m), max(n, m)))
    square[:n, :m] = np.where(table >= threshold, table, 0)
    tried = (square[np.arange(len(square)), list(order)] for order in itertools.permutations(range(len(square))))
    return max((int((values > 0).sum()), float(values.sum())) for values in tried)


@given(label_pairs(5), st.sampled_from([0.01, 0.1, 0.25, 0.5, 0.75, 1.0]))
def test_an_assignment_is_the_best_of_all(both: tuple[Labels, Labels], threshold: float) -> None:
    shared = overlaps(*both)
    rows = assign(shared, threshold)
    assert len(set(shared.truth[rows])) == len(set(shared.found[rows])) == len(rows)
    hits, total = best(dense_iou(*both), threshold)
    assert len(rows) == hits
    assert shared.iou[rows].sum() == pytest.approx(total)


def test_two_poor_hits_are_more_than_a_good_one() -> None:
    truth, found = np.zeros((2, 1, 14), np.uint16)
    truth[0, :10], truth[0, 10:] = 1, 2
    found[0, 1:12], found[0, 0] = 1, 2
    shared = overlaps(truth, found)
    np.testing.assert_allclose(shared.iou, [9 / 12, 1 / 10, 2 / 13])
    low, high = match(truth, found, 0.1), match(truth, found, 0.12)
    np.testing.assert_array_equal((low.truth, low.found), ([1, 2], [2, 1]))
    np.testing.assert_array_equal((high.truth, high.found), ([1], [1]))


def test_a_threshold_is_reached_by_an_equal_iou_however_it_was_computed() -> None:
    truth, found = np.zeros((2, 1, 8), np.uint16)
    truth[0, :4], found[0, 1:5] = 1, 1  # 3 / 5
    assert 0.5 + 0.05 + 0.05 > 3 / 5
    assert len(match(truth, found, 0.5 + 0.05 + 0.05).iou) == 1
    assert len(match(truth, found, 0.61).iou) == 0


def test_halves_of_an_object_are_one_hit() -> None:
    truth, found = np.ones((2, 1, 8), np.uint16)
    found[0, 4:] = 2
    matches = match(truth, found, 0.5)
    assert len(matches.iou) == 1
    assert matches.iou[0] == 0.5


def test_volumes_are_counted_like_images() -> None:
    truth, found = pair(2, (24, 32, 40))
    np.testing.assert_allclose(table_of(truth, found), dense_iou(truth, found))


def test_objects_in_planes_may_overlap() -> None:
    truth = np.zeros((2, 4, 8), np.uint16)
    truth[0, :, :5], truth[1, :, 3:] = 1, 2  # share two columns
    shared = overlaps(truth, truth[::-1], planes=True)
    np.testing.assert_array_equal(shared.truth_sizes, [20, 20])
    np.testing.assert_array_equal(shared.found_sizes, [20, 20])
    np.testing.assert_array_equal(shared.shared, [20, 8, 8, 20])
    np.testing.assert_array_equal(assign(shared, 0.5), [0, 3])
    flat = np.maximum(truth[0], truth[1])[np.newaxis]
    np.testing.assert_array_equal(overlaps(truth, flat, planes=True).shared, [12, 8, 20])


@pytest.mark.parametrize(("there", "found"), [(0, 0), (0, 3), (3, 0)])
def test_nothing_is_matched_in_an_empty_image(there: int, found: int) -> None:
    blank = np.zeros((4, 4), np.uint16)
    truth, seen = blank.copy(), blank.copy()
    truth[:, :there], seen[:, :found] = there > 0, found > 0
    matches = match(truth, seen)
    assert len(matches.truth) == len(matches.found) == len(matches.iou) == 0
    shared = overlaps(np.zeros((0, 5), np.uint8), np.zeros((0, 5), np.uint8))
    assert len(shared.truth_ids) == len(shared.shared) == 0


@pytest.mark.parametrize(
    ("truth", "found", "words"),
    [
        (np.zeros((4, 4), int), np.zeros((4, 5), int), r"same shape, got \(4, 4\) and \(4, 5\)"),
        (np.zeros((4, 4)), np.zeros((4, 4), int), "integers >= 0, got truth of float64"),
        (np.zeros((4, 4), int), np.full((4, 4), -1), "got found of int64 with the least label -1"),
    ],
)
def test_what_are_no_labels_is_refused(truth: Any, found: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        overlaps(truth, found)


@pytest.mark.parametrize("threshold", [0, -1, 1.01, np.nan])
def test_a_threshold_is_between_0_and_1(threshold: float) -> None:
    with pytest.raises(InputError, match=f"> 0 and at most 1, got {threshold}"):
        match(np.ones((2, 2), int), np.ones((2, 2), int), threshold)


def test_thousands_in_one_cluster_are_solved_without_a_dense_table(monkeypatch: pytest.MonkeyPatch) -> None:
    import scipy.optimize

    monkeypatch.delattr(scipy.optimize, "linear_sum_assignment")
    n = 10_000  # a chain: true i overlaps found i and i + 1
    one, other = np.repeat(np.arange(n), 2), np.repeat(np.arange(n), 2) + np.tile([0, 1], n)
    weight = np.tile([0.4, 0.6], n)
    rows = heaviest(one, other, weight)
    np.testing.assert_array_equal(rows, np.arange(1, 2 * n, 2))


@given(st.integers(0, 2**32 - 1))
def test_the_heaviest_edges_are_those_of_the_dense_problem(seed: int) -> None:
    from scipy.optimize import linear_sum_assignment

    rng = np.random.default_rng(seed)
    dense = rng.random((8, 11)) * (rng.random((8, 11)) < 0.3)
    one, other = np.nonzero(dense)
    rows = heaviest(one, other, dense[one, other])
    assert dense[one, other][rows].sum() == pytest.approx(dense[linear_sum_assignment(-dense)].sum())
