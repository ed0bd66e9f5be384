"""Kolmogorov-Smirnov distances and p-values when the values of an image are alike."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ks_2samp

from cellsim.evaluate.permutation import Grouped, permutation_test
from tests.statistics import ALPHA


def draw(rng: np.random.Generator, images: int, objects: int, between: float, shift: float = 0.0) -> Grouped:
    """Normal values about a mean that changes from image to image."""
    image = np.repeat(np.arange(images), objects)
    return Grouped(shift + between * rng.standard_normal(images)[image] + rng.standard_normal(len(image)), image)


def singles(values: list[float]) -> Grouped:
    return Grouped(np.array(values), np.arange(len(values)))


def test_the_distance_is_that_of_scipy_also_with_ties() -> None:
    rng = np.random.default_rng(0)
    for step in (1e-9, 0.5):
        one, other = draw(rng, 4, 30, 1), draw(rng, 6, 20, 1, 0.5)
        one, other = (Grouped(np.round(part.values / step) * step, part.image) for part in (one, other))
        assert permutation_test(one, other, rng, 9)[0] == pytest.approx(ks_2samp(one.values, other.values).statistic)


def test_the_p_value_of_few_images_is_exact() -> None:
    rng = np.random.default_rng(0)
    apart = permutation_test(singles([1.0, 2.0, 3.0]), singles([4.0, 5.0, 6.0]), rng)
    assert apart == (1.0, pytest.approx(2 / 20))  # the two ways that part them wholly
    one, other = np.random.default_rng(1).standard_normal((2, 6))
    expected = ks_2samp(one, other, method="exact").pvalue
    assert permutation_test(singles(list(one)), singles(list(other)), rng)[1] == pytest.approx(expected)
    assert permutation_test(singles([1.0]), singles([9.0]), rng) == (1.0, 1.0)


def rejected(planted: bool) -> float:
    """Share of pairs of like sets told apart at 5 %; their images differ. By object if a fault is planted."""
    rng, p = np.random.default_rng(2), []
    for _ in range(300):
        one, other = draw(rng, 8, 20, 1.0), draw(rng, 12, 10, 1.0)
        if planted:
            p.append(ks_2samp(one.values, other.values).pvalue)
        else:
            p.append(permutation_test(one, other, rng, 99)[1])
    return float((np.array(p) <= 0.05).mean())


def test_sets_that_are_drawn_alike_are_rarely_told_apart() -> None:
    assert rejected(planted=False) < 0.05 + np.sqrt(-np.log(ALPHA) / 2 / 300)


def test_values_taken_as_independent_are_told_apart_far_too_often() -> None:
    assert rejected(planted=True) > 0.4


def test_sets_that_differ_are_told_apart() -> None:
    rng = np.random.default_rng(3)
    assert permutation_test(draw(rng, 30, 20, 0.3), draw(rng, 30, 20, 0.3, 1.0), rng)[1] == pytest.approx(0.001)


def test_images_need_not_be_numbered_in_order_or_all_have_values() -> None:
    one = Grouped(np.array([1.0, 2.0, 8.0]), np.array([7, 7, 3]))
    other = Grouped(np.array([3.0, 4.0]), np.array([100, 5]))
    ks, p = permutation_test(one, other, np.random.default_rng(0))
    assert ks == pytest.approx(2 / 3)
    assert p * 6 == pytest.approx(round(p * 6))
    assert np.isnan(permutation_test(one, Grouped(np.zeros(0), np.zeros(0, np.int64)), np.random.default_rng(0))).all()
