"""Pixels of classes and the aggregated Jaccard index: hand-made cases, plain loops, Cellpose."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from cellsim.errors import InputError
from cellsim.evaluate.match import overlaps
from cellsim.evaluate.overlap import aggregated_jaccard, paired, pixel_scores
from tests.evaluate.segmentations import Labels, label_pairs, pair


def test_dice_of_a_hand_made_case() -> None:
    truth, found = np.zeros((2, 4, 10), np.uint16)
    truth[0, :8], found[0, 2:10], found[1, :2] = 3, 1, 2
    score = pixel_scores(truth, found)
    assert (score.tp, score.fp, score.fn) == (6, 4, 2)
    assert score.precision == pytest.approx(0.6)
    assert score.recall == pytest.approx(0.75)
    assert score.dice == pytest.approx(2 * 6 / (10 + 8))


@given(label_pairs(2))
def test_dice_is_twice_the_overlap_over_the_sum(both: tuple[Labels, Labels]) -> None:
    one, other = (labels > 0 for labels in both)
    if one.any() or other.any():
        assert pixel_scores(*both).dice == pytest.approx(2 * (one & other).sum() / (one.sum() + other.sum()))
    else:
        assert pixel_scores(*both).dice == 1


def test_pixels_of_other_shapes_are_refused() -> None:
    with pytest.raises(InputError, match="same shape"):
        pixel_scores(np.ones((2, 2), int), np.ones((2, 3), int))


def test_the_class_of_pairs_has_both_partners_and_no_lone_object() -> None:
    nuclei, golgi = np.array([[1, 1, 2, 0, 0]]), np.array([[0, 0, 1, 3, 0]])
    np.testing.assert_array_equal(paired(nuclei, golgi), [[True, True, True, False, False]])
    assert not paired(nuclei, np.zeros_like(golgi)).any()


def plain_jaccard(truth: Labels, found: Labels) -> float:
    """The algorithm of Kumar and others, by masks."""
    shared = union = 0
    used = set()
    for i in np.unique(truth[truth > 0]):
        own = truth == i
        ious = [((own & (found == k)).sum() / (own | (found == k)).sum(), -int(k)) for k in np.unique(found[own]) if k]
        k = -max(ious)[1] if ious else None
        if k is None:
            union += own.sum()
            continue
        used.add(k)
        shared += (own & (found == k)).sum()
        union += (own | (found == k)).sum()
    union += sum((found == k).sum() for k in np.unique(found[found > 0]) if k not in used)
    return float(shared / union) if union else 1.0


@given(label_pairs())
def test_the_jaccard_index_is_that_of_a_plain_loop(both: tuple[Labels, Labels]) -> None:
    assert aggregated_jaccard(overlaps(*both)) == pytest.approx(plain_jaccard(*both))


def test_the_jaccard_index_of_a_hand_made_case() -> None:
    truth, found = np.zeros((2, 2, 12), np.uint16)
    truth[0, :4], truth[0, 6:10], truth[1, :2] = 1, 2, 3
    found[0, 2:8], found[1, 9:12] = 1, 2  # serves both 1 and 2; the other is invented
    assert aggregated_jaccard(overlaps(truth, found)) == pytest.approx((2 + 2) / (8 + 8 + 2 + 3))


@pytest.mark.slow  # the import alone compiles for many seconds
@pytest.mark.parametrize("seed", range(4))
def test_the_other_rule_is_that_of_cellpose(seed: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        metrics: Any = pytest.importorskip("cellpose.metrics")
    truth, found = pair(seed)
    theirs = metrics.aggregated_jaccard_index([truth], [found])[0]
    shared = overlaps(truth, found)
    assert aggregated_jaccard(shared, "cellpose") == pytest.approx(theirs)
    assert aggregated_jaccard(shared, "cellpose") != pytest.approx(aggregated_jaccard(shared), abs=1e-3)


@pytest.mark.parametrize("rule", ["kumar", "cellpose"])
def test_the_jaccard_index_of_nothing_and_of_the_same(rule: Any) -> None:
    blank, one = np.zeros((4, 4), np.uint16), np.ones((4, 4), np.uint16)
    truth, _ = pair(0)
    assert aggregated_jaccard(overlaps(truth, truth), rule) == 1
    assert aggregated_jaccard(overlaps(blank, blank), rule) == 1
    assert aggregated_jaccard(overlaps(blank, one), rule) == aggregated_jaccard(overlaps(one, blank), rule) == 0


def test_another_rule_is_refused() -> None:
    one = np.ones((4, 4), np.uint16)
    with pytest.raises(InputError, match="'kumar' or 'cellpose', got 'aji'"):
        aggregated_jaccard(overlaps(one, one), "aji")  # type: ignore[arg-type]
