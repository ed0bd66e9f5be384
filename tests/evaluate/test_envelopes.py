"""Envelopes of independent points, and the test that goes with them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from cellsim.evaluate.envelopes import central, deviation_test, envelope, mean_known
from cellsim.evaluate.region import Region
from cellsim.evaluate.spatial import ripley_k, ripley_l
from cellsim.generators.points.thomas import Thomas
from cellsim.seeds import stream
from tests.statistics import ALPHA

SIZE = (60.0, 60.0)
RADII = np.linspace(1, 15, 15)


def l_minus_r(points: NDArray[np.float64]) -> NDArray[np.float64]:
    return ripley_l(ripley_k(points, SIZE, RADII)) - RADII


def test_the_envelope_of_l_is_about_zero_and_holds_independent_points() -> None:
    found = envelope(l_minus_r, 40, SIZE, np.random.default_rng(0))
    assert found.curves.shape == (99, 15)
    assert (found.bounds[0] < 0).all()
    assert (found.bounds[1] > 0).all()
    points = Region(SIZE).uniform(40, np.random.default_rng(1))
    within = (l_minus_r(points) >= found.bounds[0]) & (l_minus_r(points) <= found.bounds[1])
    assert within.mean() > 0.8


def test_clusters_leave_the_envelope() -> None:
    points = Thomas(density=0.012, cluster_density=0.002, spread=2)(SIZE, stream(0, 0, "l")).centres
    found = envelope(l_minus_r, len(points), SIZE, np.random.default_rng(0))
    assert (l_minus_r(points)[2:6] > found.bounds[1, 2:6]).all()
    assert deviation_test(l_minus_r(points), found.curves) == 0.01


def test_the_p_value_of_independent_points_is_even() -> None:
    rng = np.random.default_rng(3)
    curves = np.array([l_minus_r(Region(SIZE).uniform(20, rng)) for _ in range(1000)])
    p = np.array([deviation_test(curves[i], curves[50 + 19 * i : 69 + 19 * i]) for i in range(50)])
    assert p.min() >= 1 / 20
    # a twentieth at 0.05, and half of them up to 0.5: binomial, at a chance of 1e-6
    assert abs((p <= 0.5).mean() - 0.5) < np.sqrt(-np.log(ALPHA) / 2 / 50)


def test_values_that_are_not_known_do_not_count() -> None:
    curves = np.array([[1.0, np.nan, np.nan], [3.0, 5.0, np.nan]])
    np.testing.assert_array_equal(mean_known(curves), [2, 5, np.nan])
    np.testing.assert_allclose(central(curves), [[1.05, 5, np.nan], [2.95, 5, np.nan]])
    assert deviation_test(curves[0], curves[1:]) == 1  # of two curves, each is as far from their mean
    assert np.isnan(deviation_test(np.full(3, np.nan), curves))


def test_the_same_stream_gives_the_same_envelope() -> None:
    one, other = (envelope(l_minus_r, 10, SIZE, np.random.default_rng(5), 5).curves for _ in range(2))
    np.testing.assert_array_equal(one, other)
    with pytest.raises(AssertionError):
        np.testing.assert_array_equal(one, envelope(l_minus_r, 10, SIZE, np.random.default_rng(6), 5).curves)


@pytest.mark.parametrize(("found", "p"), [([3.0, 0.0], 0.2), ([0.0, -3.0], 0.2), ([0.1, 0.1], 1.0), ([0.4, 0.0], 0.8)])
def test_a_deviation_counts_on_either_side(found: list[float], p: float) -> None:
    simulated = np.array([[0.0, 0.0], [0.5, 0.0], [0.0, -1.0], [0.0, 1.0]])
    assert deviation_test(np.array(found), simulated) == pytest.approx(p)
