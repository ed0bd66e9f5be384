"""Matérn's second process: its intensity in closed form, its hard core, no edge effect."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cellsim.generators.points.matern import BALL, MaternII
from cellsim.generators.points.poisson import Poisson
from cellsim.generators.points.ssi import PACKING
from cellsim.seeds import stream
from tests.generators.points.patterns import Patterns, counts, draw_patterns, first_come, least_distance, strip_excess
from tests.statistics import assert_mean

SIZES = {2: (90.0, 120.0), 3: (30.0, 36.0, 42.0)}
PROCESSES = {2: MaternII(density=0.004, distance=8.0), 3: MaternII(density=0.0015, distance=5.0)}


@pytest.fixture(scope="module", params=[2, 3], ids=["2D", "3D"])
def ndim(request: pytest.FixtureRequest) -> int:
    return request.param


@pytest.fixture(scope="module")
def patterns(ndim: int) -> Patterns:
    return draw_patterns(PROCESSES[ndim], SIZES[ndim], 400)


def test_density_is_what_was_asked(ndim: int, patterns: Patterns) -> None:
    expected = PROCESSES[ndim].density * np.prod(SIZES[ndim])
    assert_mean(counts(patterns), expected)
    with pytest.raises(AssertionError):
        assert_mean(counts(patterns), 1.03 * expected)


def test_thinning_follows_materns_formula(ndim: int) -> None:
    """By brute force: thin a Poisson process of the density that the class computes, and count what is left."""
    process, size = PROCESSES[ndim], np.array(SIZES[ndim])
    ball = {2: math.pi, 3: 4 / 3 * math.pi}[ndim] * process.distance**ndim
    before = process._density_before_thinning(ndim)
    assert (1 - math.exp(-before * ball)) / ball == pytest.approx(process.density)
    left = []
    for i in range(100):
        points = Poisson(density=before)(size + 2 * process.distance, stream(3, i, "brute")).centres
        kept = first_come(points, process.distance, inhibited_count=True) - process.distance
        left.append(((kept >= 0) & (kept < size)).all(axis=1).sum())
    assert_mean(left, process.density * size.prod())


def test_no_two_points_are_nearer_than_the_distance(ndim: int, patterns: Patterns) -> None:
    least = least_distance(patterns)
    assert PROCESSES[ndim].distance <= least < 1.01 * PROCESSES[ndim].distance


def test_points_are_as_dense_at_the_edges(ndim: int, patterns: Patterns) -> None:
    process, size = PROCESSES[ndim], SIZES[ndim]
    assert_mean(strip_excess(patterns, size, process.distance), 0.0)


def test_crowding_at_the_edges_would_be_seen(ndim: int) -> None:
    """Thinned within the bare box, more points survive at its faces."""
    process, size = PROCESSES[ndim], SIZES[ndim]
    before = Poisson(density=process._density_before_thinning(ndim))
    crowded = [
        first_come(points, process.distance, inhibited_count=True) for points in draw_patterns(before, size, 400)
    ]
    with pytest.raises(AssertionError):
        assert_mean(strip_excess(crowded, size, process.distance), 0.0)


def test_a_thinly_spread_process_is_nearly_poisson() -> None:
    patterns = draw_patterns(MaternII(density=0.004, distance=0.05), (60.0, 60.0), 500)
    assert_mean(counts(patterns), 14.4)
    assert np.var(counts(patterns)) == pytest.approx(14.4, rel=0.3)


def test_what_cannot_be_packed_is_refused_with_the_limit() -> None:
    with pytest.raises(ValueError, match=r"density must be < 0\.003151/µm\^2 .* 10 µm, got 0\.0032 \(ssi packs 2\.1"):
        MaternII(density=0.0032, distance=10.0)((50.0, 50.0), stream(0, 0, "x"))
    with pytest.raises(ValueError, match=r"density must be < 0\.0002363/µm\^3 .* \(ssi packs 2\.9 times as dense\)"):
        MaternII(density=0.0032, distance=10.0)((50.0, 50.0, 50.0), stream(0, 0, "x"))
    for ndim, times in ((2, 2.1), (3, 2.9)):
        assert (PACKING[ndim] * 2**ndim / BALL[ndim]) / (0.99 / BALL[ndim]) == pytest.approx(times, abs=0.05)
