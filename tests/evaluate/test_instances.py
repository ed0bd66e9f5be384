"""Scores of objects: number for number as StarDist and Cellpose count, and hand-made cases."""

from __future__ import annotations

import itertools
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from cellsim.evaluate.counts import macro, pooled
from cellsim.evaluate.instances import CELLPOSE, DSB, dsb2018, instance_scores
from cellsim.evaluate.match import overlaps
from tests.evaluate.segmentations import Labels, label_pairs, pair

HIGH = (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
PAIRS = [*[(seed, (128, 128)) for seed in range(4)], (4, (24, 40, 40))]


@pytest.fixture(scope="module")
def stardist() -> Any:
    return pytest.importorskip("stardist.matching")


@pytest.fixture(scope="module")
def cellpose() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own imports
        return pytest.importorskip("cellpose.metrics")


@pytest.mark.parametrize(("seed", "shape"), PAIRS)
def test_every_number_is_that_of_stardist(stardist: Any, seed: int, shape: tuple[int, ...]) -> None:
    truth, found = pair(seed, shape)
    theirs = stardist.matching(truth, found, thresh=HIGH)
    ours = instance_scores(overlaps(truth, found), HIGH)
    assert 0 < ours[0].tp < len(np.unique(truth)) - 1
    for mine, other in zip(ours, theirs, strict=True):
        assert (mine.tp, mine.fp, mine.fn) == (other.tp, other.fp, other.fn)
        assert mine.precision == pytest.approx(other.precision)
        assert mine.recall == pytest.approx(other.recall)
        assert mine.f1 == pytest.approx(other.f1)
        assert mine.average_precision == pytest.approx(other.accuracy)
        assert mine.mean_iou == pytest.approx(other.mean_matched_score, rel=1e-6)
        assert mine.panoptic_quality == pytest.approx(other.panoptic_quality, rel=1e-6)


@pytest.mark.parametrize("threshold", [0.05, 0.1, 0.2, 0.3, 0.4])
def test_below_a_half_hits_are_those_of_stardist_and_their_iou_is_no_less(stardist: Any, threshold: float) -> None:
    for seed in range(4):
        truth, found = pair(seed)
        mine, other = (
            instance_scores(overlaps(truth, found), [threshold])[0],
            stardist.matching(truth, found, threshold),
        )
        assert (mine.tp, mine.fp, mine.fn) == (other.tp, other.fp, other.fn)
        assert mine.mean_iou >= other.mean_matched_score - 1e-6


@pytest.mark.slow  # the import alone compiles for many seconds
@pytest.mark.parametrize(("seed", "shape"), PAIRS)
def test_average_precision_is_that_of_cellpose(cellpose: Any, seed: int, shape: tuple[int, ...]) -> None:
    truth, found = pair(seed, shape)
    ap, tp, fp, fn = cellpose.average_precision(truth, found, list(CELLPOSE))
    ours = instance_scores(overlaps(truth, found), CELLPOSE)
    np.testing.assert_allclose([score.average_precision for score in ours], ap, rtol=1e-6)
    np.testing.assert_array_equal([(score.tp, score.fp, score.fn) for score in ours], np.stack([tp, fp, fn], axis=1))


def test_over_images_pooled_and_macro_are_those_of_stardist(stardist: Any) -> None:
    both = [pair(seed) for seed in range(4)]
    blank = np.zeros((16, 16), np.uint16)
    both.append((blank, blank))
    for threshold in (0.5, 0.8):
        scores = [instance_scores(overlaps(*one), [threshold])[0] for one in both]
        lists: Any = [list(side) for side in zip(*both, strict=True)]
        together = stardist.matching_dataset(*lists, thresh=threshold, show_progress=False)
        by_image = stardist.matching_dataset(*lists, thresh=threshold, by_image=True, show_progress=False)
        for name, its in (("precision",) * 2, ("recall",) * 2, ("f1",) * 2, ("average_precision", "accuracy")):
            assert getattr(pooled(scores), name) == pytest.approx(getattr(together, its))
            assert macro(scores, name, empty=0.0) == pytest.approx(getattr(by_image, its))
        quality = pooled(scores).panoptic_quality
        assert quality == pytest.approx(together.panoptic_quality, rel=1e-6)


def hand_made() -> tuple[Labels, Labels]:
    """IoU 0.8 and 3 / 7, a missed object and an invented one."""
    truth, found = np.zeros((2, 3, 20), np.uint16)
    truth[0, :5], found[0, :4] = 1, 1
    truth[0, 8:13], found[0, 10:15] = 2, 2
    truth[2, :3], found[2, 10:12] = 3, 3
    return truth, found


def test_a_hand_made_case() -> None:
    half, high = instance_scores(overlaps(*hand_made()), [0.5, 0.81])
    assert (half.tp, half.fp, half.fn) == (1, 2, 2)
    assert half.precision == half.recall == half.f1 == pytest.approx(1 / 3)
    assert half.average_precision == pytest.approx(1 / 5)
    assert half.mean_iou == pytest.approx(0.8)
    assert half.panoptic_quality == pytest.approx(0.8 / 3)
    assert (high.tp, high.mean_iou, high.panoptic_quality) == (0, 0, 0)
    low = instance_scores(overlaps(*hand_made()), [0.4])[0]
    assert (low.tp, low.mean_iou) == (2, pytest.approx((0.8 + 3 / 7) / 2))


def test_the_dsb_score_is_the_mean_over_nine_thresholds() -> None:
    assert DSB == (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9)
    assert dsb2018(overlaps(*hand_made())) == pytest.approx(7 / 9 / 5)  # 0.8 reaches seven of them


def test_an_empty_image_is_right_if_nothing_is_found() -> None:
    blank, one = np.zeros((4, 4), np.uint16), np.ones((4, 4), np.uint16)
    nothing = instance_scores(overlaps(blank, blank), [0.5])[0]
    assert nothing.empty
    assert nothing.f1 == nothing.mean_iou == nothing.panoptic_quality == dsb2018(overlaps(blank, blank)) == 1
    for both in ((blank, one), (one, blank)):
        assert instance_scores(overlaps(*both), [0.5])[0].f1 == dsb2018(overlaps(*both)) == 0


@given(label_pairs())
def test_scores_are_symmetric_fall_with_the_threshold_and_are_1_on_identity(both: tuple[Labels, Labels]) -> None:
    truth, found = both
    one, other = (instance_scores(overlaps(*pair), (0.1, *HIGH)) for pair in (both, (found, truth)))
    for mine, swapped in zip(one, other, strict=True):
        assert (mine.f1, mine.panoptic_quality) == pytest.approx((swapped.f1, swapped.panoptic_quality))
        assert (mine.tp, mine.fp, mine.fn) == (swapped.tp, swapped.fn, swapped.fp)
    assert all(a.tp >= b.tp for a, b in itertools.pairwise(one))
    same = instance_scores(overlaps(truth, truth), [0.5, 1.0])
    assert [score.panoptic_quality for score in same] == [1, 1]
