"""Strauss's process: density, its limits gamma = 0 and 1, an exact identity for those between, no edge effect."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cellsim.errors import RecipeError
from cellsim.generators.base import Placement, Points
from cellsim.generators.points.activity import MOST_PACKED, crowding_of
from cellsim.generators.points.strauss import Strauss
from cellsim.seeds import stream
from cellsim.steps import parse
from tests.generators.points.papangelou import surplus
from tests.generators.points.patterns import counts, draw_patterns, least_distance, strip_excess
from tests.statistics import assert_mean, assert_poisson_count

SIZES = {2: (40.0, 50.0), 3: (16.0, 18.0, 20.0)}
BALL = {2: math.pi, 3: 4 / 3 * math.pi}


def expected(size: tuple[float, ...], density: float) -> float:
    return float(np.prod(size)) * density


@pytest.mark.parametrize("ndim", [2, 3])
def test_gamma_one_is_the_poisson_process(ndim: int) -> None:
    process = Strauss(activity=0.02, distance=2.0, gamma=1.0)
    found = counts(draw_patterns(process, SIZES[ndim], 600))
    assert_poisson_count(found, expected(SIZES[ndim], 0.02))
    with pytest.raises(AssertionError):
        assert_poisson_count(found, expected(SIZES[ndim], 0.0208))
    inhibited = draw_patterns(Strauss(activity=0.1, distance=2.0, gamma=0.2), SIZES[ndim], 300)
    with pytest.raises(AssertionError):  # less varied than Poisson
        assert_poisson_count(counts(inhibited), counts(inhibited).mean())


@pytest.mark.parametrize(("ndim", "packing"), [(2, 0.2), (2, 0.55), (3, 0.15), (3, 0.34)])
def test_gamma_zero_is_a_hard_core_as_dense_as_asked(ndim: int, packing: float) -> None:
    density = packing / (BALL[ndim] / 2**ndim)
    patterns = draw_patterns(Strauss(density=density, distance=1.0, gamma=0.0), tuple(s / 3 for s in SIZES[ndim]), 40)
    assert 1.0 <= least_distance(patterns) < 1.01
    found = counts(patterns) / expected(tuple(s / 3 for s in SIZES[ndim]), density)
    assert found.mean() == pytest.approx(1.0, abs=0.015 + 5 * found.std() / math.sqrt(len(found)))
    assert found.std() < 0.15


@pytest.mark.parametrize(
    ("ndim", "gamma", "crowding"),
    [(2, 0.005, 1.5), (2, 0.06, 2.1), (2, 0.27, 3.2), (2, 0.6, 1.1), (3, 0.06, 2.1), (3, 0.42, 3.7), (3, 0.92, 4.5)],
)
def test_the_density_between_the_entries_of_the_table_is_within_one_per_cent(
    ndim: int, gamma: float, crowding: float
) -> None:
    density = crowding / BALL[ndim]
    size = (30.0, 30.0) if ndim == 2 else (10.0, 10.0, 10.0)
    found = counts(draw_patterns(Strauss(density=density, distance=1.0, gamma=gamma), size, 20)) / expected(
        size, density
    )
    error = found.std(ddof=1) / math.sqrt(len(found))
    assert error < 0.01
    assert abs(found.mean() - 1) < 0.01 + 4 * error


@pytest.mark.parametrize(("ndim", "gamma"), [(2, 0.0), (2, 0.1), (2, 0.5), (3, 0.3)])
def test_patterns_keep_the_identity_of_gibbs_processes(ndim: int, gamma: float) -> None:
    """Exact for any activity and gamma, and so a test of every acceptance chance."""
    activity, size = {2: 0.35, 3: 0.3}[ndim], {2: (16.0, 18.0), 3: (8.0, 9.0, 9.0)}[ndim]
    process = Strauss(activity=activity, distance=1.2, gamma=gamma)

    def test(given: float, factor: float) -> np.ndarray:
        def energy(distances: np.ndarray, places: Placement, points: Placement) -> np.ndarray:
            return (distances < 1.2).sum(axis=1) * -math.log(max(factor, 1e-99))

        found = []
        for i in range(300):
            places = Placement(stream(1, i, "places").random((400, ndim)) * size)
            found.append(surplus(process(size, stream(0, i, "gibbs")), places, size, 1.2, given, energy))
        return np.array(found)

    right = test(activity, gamma)
    assert_mean(right[:, 0], 0.0)
    if gamma > 0:
        assert_mean(right[:, 1], 0.0)
        with pytest.raises(AssertionError):
            assert_mean(test(activity, gamma + 0.1)[:, 0], 0.0)
    with pytest.raises(AssertionError):
        assert_mean(test(1.1 * activity, gamma)[:, 0], 0.0)


@pytest.mark.parametrize("ndim", [2, 3])
def test_points_are_as_dense_at_the_edges(ndim: int) -> None:
    size = (14.0, 16.0) if ndim == 2 else (8.0, 8.0, 9.0)
    process = Strauss(density=1.2 / BALL[ndim], distance=1.0, gamma=0.05)
    patterns = draw_patterns(process, size, 400)
    assert_mean(strip_excess(patterns, size, 0.5), 0.0)
    shrunk = [centres[((centres > 0.08) & (centres < np.array(size) - 0.08)).all(axis=1)] for centres in patterns]
    with pytest.raises(AssertionError):
        assert_mean(strip_excess(shrunk, size, 0.5), 0.0)


def test_activity_and_density_are_two_names_for_one_process() -> None:
    ball = math.pi * 4.0
    density = crowding_of(0.2 * ball, 0.3, 2) / ball
    by_activity = draw_patterns(Strauss(activity=0.2, distance=2.0, gamma=0.3), (30.0, 30.0), 3)
    by_density = draw_patterns(Strauss(density=density, distance=2.0, gamma=0.3), (30.0, 30.0), 3)
    for one, other in zip(by_activity, by_density, strict=True):
        np.testing.assert_allclose(one, other)


def test_what_cannot_be_reached_is_refused_with_the_limit_and_the_reason() -> None:
    limit = {ndim: MOST_PACKED[ndim] / (BALL[ndim] / 2**ndim * 10.0**ndim) for ndim in (2, 3)}
    for ndim, size in ((2, (50.0, 50.0)), (3, (50.0, 50.0, 50.0))):
        with pytest.raises(
            ValueError, match=rf"density must be <= {limit[ndim]:.4g}/µm\^{ndim} .* too densely to move"
        ):
            Strauss(density=1.01 * limit[ndim], distance=10.0, gamma=0.0)(size, stream(0, 0, "x"))
    with pytest.raises(ValueError, match=r"density must be <= 0\.01592/µm\^2 .* gamma 0\.5, got 0\.02: .* heaps"):
        Strauss(density=0.02, distance=10.0, gamma=0.5)((50.0, 50.0), stream(0, 0, "x"))
    with pytest.raises(ValueError, match=r"activity must be <="):
        Strauss(activity=1e6, distance=10.0, gamma=0.0)((50.0, 50.0), stream(0, 0, "x"))
    assert len(Strauss(density=20.0, distance=10.0, gamma=1.0)((9.0, 9.0), stream(0, 0, "x"))) > 0


def test_density_and_activity_exclude_each_other() -> None:
    for values in ({}, {"density": 0.1, "activity": 0.1}):
        with pytest.raises(RecipeError, match="give either density or activity"):
            parse(Points, {"kind": "strauss", "distance": 1, "gamma": 0.5} | values, "generator.points")
