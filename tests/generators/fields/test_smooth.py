"""Smooth fields: mean, variance, correlation, independence."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from cellsim.generators.fields.smooth import Smooth
from cellsim.seeds import stream
from tests.statistics import assert_mean, assert_same_distribution, assert_variance

PAIR = np.array([[10.0, 20.0], [10.0, 28.0]])


def draw(field: Smooth, points: NDArray[np.float64], components: int = 1, n: int = 3000) -> NDArray[np.float64]:
    """(n, points, components) independent draws."""
    return np.stack([field(points, components, stream(0, i, "smooth")) for i in range(n)])


def test_values_are_normal_with_the_mean_and_spread_asked_for() -> None:
    found = draw(Smooth(scale=8.0, mean=2.0, spread=3.0), PAIR)[:, 0, 0]
    assert_mean(found, 2.0)
    assert_variance(found, 9.0)
    assert_same_distribution(found, stats.norm(2, 3).cdf)
    with pytest.raises(AssertionError):
        assert_same_distribution(found, stats.norm(2, 3.6).cdf)


@pytest.mark.parametrize("ndim", [2, 3])
def test_the_correlation_is_gaussian(ndim: int) -> None:
    points = np.zeros((2, ndim))
    points[1, 0] = 8.0
    found = draw(Smooth(scale=8.0), points)[:, :, 0]
    assert_mean(found[:, 0] * found[:, 1], np.exp(-0.5))
    with pytest.raises(AssertionError):
        assert_mean(found[:, 0] * found[:, 1], np.exp(-1))


def test_components_are_independent() -> None:
    found = draw(Smooth(scale=8.0), PAIR[:1], 2)[:, 0]
    assert_mean(found[:, 0] * found[:, 1], 0.0)
    with pytest.raises(AssertionError):
        assert_mean(found[:, 0] * found[:, 0], 0.0)
