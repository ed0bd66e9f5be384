"""Sequential inhibition: density, hard core, no crowding at the edges."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cellsim.generators.points.poisson import Poisson
from cellsim.generators.points.ssi import JAMMED, SSI
from cellsim.seeds import stream
from tests.generators.points.patterns import Patterns, counts, draw_patterns, first_come, least_distance, strip_excess
from tests.statistics import assert_mean

SIZES = {2: (60.0, 80.0), 3: (24.0, 28.0, 32.0)}
PROCESSES = {2: SSI(density=0.007, distance=8.0), 3: SSI(density=0.0022, distance=5.5)}  # about 0.6 of the most
BALL = {2: math.pi / 4, 3: math.pi / 6}  # of diameter 1


@pytest.fixture(scope="module", params=[2, 3], ids=["2D", "3D"])
def ndim(request: pytest.FixtureRequest) -> int:
    return request.param


@pytest.fixture(scope="module")
def patterns(ndim: int) -> Patterns:
    return draw_patterns(PROCESSES[ndim], SIZES[ndim], 400)


def test_density_is_what_was_asked(ndim: int, patterns: Patterns) -> None:
    expected = PROCESSES[ndim].density * np.prod(SIZES[ndim])
    assert_mean(counts(patterns), expected)


def test_a_wrong_density_would_be_seen(ndim: int, patterns: Patterns) -> None:
    mean = counts(patterns).mean()
    assert_mean(counts(patterns), mean)
    with pytest.raises(AssertionError):
        assert_mean(counts(patterns), 1.03 * mean)


def test_no_two_points_are_nearer_than_the_distance(ndim: int, patterns: Patterns) -> None:
    least = least_distance(patterns)
    assert PROCESSES[ndim].distance <= least < 1.001 * PROCESSES[ndim].distance


def test_points_are_as_dense_at_the_edges(ndim: int, patterns: Patterns) -> None:
    process, size = PROCESSES[ndim], SIZES[ndim]
    assert_mean(strip_excess(patterns, size, process.distance / 2), 0.0)


def test_crowding_at_the_edges_would_be_seen(ndim: int) -> None:
    """Points put down in the bare box, where nothing beyond its faces keeps them away."""
    process, size = PROCESSES[ndim], SIZES[ndim]
    many = Poisson(density=20 * process.density)
    crowded = [first_come(points, process.distance, inhibited_count=False) for points in draw_patterns(many, size, 200)]
    with pytest.raises(AssertionError):
        assert_mean(strip_excess(crowded, size, process.distance / 2), 0.0)


@pytest.mark.parametrize("ndim", [2, 3])
def test_without_a_density_as_many_are_put_down_as_fit(ndim: int) -> None:
    size, d = SIZES[ndim], PROCESSES[ndim].distance
    patterns = draw_patterns(SSI(distance=d), size, 150)
    full = JAMMED[ndim] / (BALL[ndim] * d**ndim) * np.prod(size)
    assert_mean(counts(patterns), full)
    with pytest.raises(AssertionError):
        assert_mean(counts(patterns), 1.05 * full)
    assert_mean(strip_excess(patterns, size, d / 2), 0.0)
    assert d <= least_distance(patterns) < 1.001 * d


@pytest.mark.parametrize(("ndim", "edge"), [(2, 400.0), (3, 60.0)])
def test_a_density_just_below_the_limit_is_reached(ndim: int, edge: float) -> None:
    density = 0.985 * JAMMED[ndim] / (BALL[ndim] * 4.0**ndim)
    found = len(SSI(density=density, distance=4.0)((edge,) * ndim, stream(0, 0, "limit")))
    assert found == pytest.approx(density * edge**ndim, rel=0.02)


def test_a_box_that_is_full_too_early_is_an_error() -> None:
    full = SSI(density=0.999 * JAMMED[2] / (BALL[2] * 4.0**2), distance=4.0)
    with pytest.raises(ValueError, match=r"only \d+ of \d+ points found a place at distance 4 µm: lower density, or"):
        draw_patterns(full, (10.0, 10.0), 20)


def test_the_fraction_of_a_point_is_a_chance() -> None:
    process, size = SSI(density=1e-4, distance=1.0), (20.0, 20.0)  # 0.0576 points in the padded box
    assert_mean(counts(draw_patterns(process, size, 4000)), 0.04)


def test_what_cannot_be_packed_is_refused_with_the_limit() -> None:
    with pytest.raises(ValueError, match=r"density must be <= 0\.006966/µm\^2 .* at distance 10 µm, got 0\.007"):
        SSI(density=0.007, distance=10.0)((50.0, 50.0), stream(0, 0, "x"))
    with pytest.raises(ValueError, match=r"density must be <= 0\.0007336/µm\^3"):
        SSI(density=0.0067, distance=10.0)((50.0, 50.0, 50.0), stream(0, 0, "x"))
