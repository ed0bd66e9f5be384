"""Ratios of counts, what they are of nothing, and means over images."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellsim.evaluate.counts import Counts, macro, pooled
from cellsim.evaluate.instances import InstanceScores

RATIOS = ("precision", "recall", "f1", "average_precision")
numbers = st.integers(0, 50)


def ratios(tp: int, fp: int, fn: int) -> list[float]:
    return [getattr(Counts(tp, fp, fn), name) for name in RATIOS]


def test_ratios_of_a_hand_made_case() -> None:
    assert ratios(6, 2, 4) == pytest.approx([0.75, 0.6, 12 / 18, 0.5])


def test_no_hit_is_0_and_rightly_nothing_is_1() -> None:
    assert ratios(0, 3, 0) == ratios(0, 0, 3) == ratios(0, 2, 3) == [0, 0, 0, 0]
    assert ratios(0, 0, 0) == [1, 1, 1, 1]
    assert Counts(0, 0, 0).empty
    assert not Counts(0, 0, 1).empty


@given(numbers, numbers, numbers)
def test_f1_is_the_harmonic_mean_and_swapping_swaps(tp: int, fp: int, fn: int) -> None:
    precision, recall, f1, ap = ratios(tp, fp, fn)
    if precision and recall:
        assert f1 == pytest.approx(2 * precision * recall / (precision + recall))
        assert ap == pytest.approx(f1 / (2 - f1))
    assert ratios(tp, fn, fp) == pytest.approx([recall, precision, f1, ap])


def test_pooled_weighs_objects_and_macro_weighs_images() -> None:
    images = [Counts(1, 0, 0), Counts(2, 6, 2)]
    assert macro(images, "precision") == pytest.approx((1 + 0.25) / 2)
    assert pooled(images) == Counts(3, 6, 2)
    assert macro(images, "f1") == pytest.approx((1 + 4 / 12) / 2)


def test_pooled_keeps_the_kind_and_the_threshold() -> None:
    both = pooled([InstanceScores(1, 0, 0, 0.5, 0.75), InstanceScores(2, 1, 1, 0.5, 1.25)])
    assert both == InstanceScores(3, 1, 1, 0.5, 2.0)


@pytest.mark.parametrize(("empty", "mean"), [(1.0, 0.75), (0.0, 0.25), (np.nan, 0.5)])
def test_an_empty_image_counts_as_is_said(empty: float, mean: float) -> None:
    images = [Counts(1, 1, 0), Counts(0, 0, 0)]
    assert macro(images, "precision", empty) == mean


def test_the_mean_of_no_image_is_nan() -> None:
    assert np.isnan(macro([Counts(0, 0, 0)], "f1", np.nan))
