"""Activity and density: limits in closed form, inverses, published equations of state."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cellsim.generators.points.activity import (
    GAMMAS,
    MOST_PACKED,
    crowding_of,
    excess,
    hard_core_excess,
    most_crowded,
    response,
)

EVERY = [(gamma, ndim) for gamma in (0.0, 0.004, 0.02, 0.3, 0.77, 0.95) for ndim in (2, 3)]


@pytest.mark.parametrize(("gamma", "ndim"), EVERY)
def test_for_few_points_the_second_virial_coefficient_decides(gamma: float, ndim: int) -> None:
    assert excess(1e-4, gamma, ndim) / 1e-4 == pytest.approx(1 - gamma, abs=0.006)


@pytest.mark.parametrize(("gamma", "ndim"), EVERY)
def test_activity_grows_with_density_and_falls_with_gamma(gamma: float, ndim: int) -> None:
    x = np.linspace(0.01, min(most_crowded(gamma, ndim), 5.0), 200)
    logarithms = [math.log(a) + excess(a, gamma, ndim) for a in x]
    assert (np.diff(logarithms) > 0).all()
    softer = [math.log(a) + excess(a, gamma + 0.02, ndim) for a in x]
    assert (np.array(softer) < logarithms).all()
    assert all(0 < response(a, gamma, ndim) <= 1 for a in x)


@pytest.mark.parametrize(("gamma", "ndim"), EVERY)
def test_solving_for_the_density_is_the_inverse(gamma: float, ndim: int) -> None:
    for x in (0.01, 0.6, 2.0, most_crowded(gamma, ndim)):
        assert crowding_of(x * math.exp(excess(x, gamma, ndim)), gamma, ndim) == pytest.approx(x)


def test_the_poisson_process_has_no_excess_and_no_limit() -> None:
    assert excess(1e3, 1.0, 2) == 0.0
    assert crowding_of(7.0, 1.0, 3) == 7.0
    assert response(3.0, 1.0, 2) == 1.0
    assert most_crowded(1.0, 2) == math.inf


def test_hard_cores_follow_their_virial_series() -> None:
    """B2 and B3 of hard disks are 2 and 3.128 (in areas of a disk), of hard balls 4 and 10."""
    for ndim, second, third in ((2, 2.0, 3.128), (3, 4.0, 10.0)):
        y = 1e-3
        assert hard_core_excess(y, ndim) == pytest.approx(2 * second * y + 1.5 * third * y**2, rel=2e-5)


def test_the_first_row_of_the_table_meets_the_hard_cores() -> None:
    for ndim in (2, 3):
        x = 0.9 * MOST_PACKED[ndim] * 2**ndim / 2
        assert excess(x, GAMMAS[0], ndim) == pytest.approx(excess(x, 0.0, ndim), rel=0.06)
        assert excess(x, GAMMAS[0], ndim) < excess(x, 0.0, ndim)
