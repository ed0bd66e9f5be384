"""Matérn's processes: intensity and pairs in closed form, the hard core, no edge effect."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.spatial.distance import pdist, squareform

from cellsim.generators.points.matern import BALL, MOST, MaternI, MaternII
from cellsim.generators.points.poisson import Poisson
from cellsim.generators.points.ssi import JAMMED
from cellsim.seeds import stream
from tests.generators.points.patterns import (
    Patterns,
    assert_pairs,
    counts,
    draw_patterns,
    first_come,
    least_distance,
    strip_excess,
    union_of_balls,
)
from tests.statistics import assert_mean

SIZES = {2: (90.0, 120.0), 3: (30.0, 36.0, 42.0)}


class Case(NamedTuple):
    process: MaternI | MaternII
    ndim: int

    @property
    def size(self) -> tuple[float, ...]:
        return SIZES[self.ndim]

    @property
    def before(self) -> float:
        return self.process._density_before_thinning(self.ndim)

    @property
    def ball(self) -> float:
        return BALL[self.ndim] * self.process.distance**self.ndim

    def thinned(self, points: np.ndarray) -> np.ndarray:
        """By looking at all pairs; the points stand in the order of their marks."""
        if isinstance(self.process, MaternII):
            return first_come(points, self.process.distance, inhibited_count=True)
        near = squareform(pdist(points) < self.process.distance) if len(points) > 1 else np.zeros((1, 1), bool)
        return points[~near.any(axis=1)] if len(points) else points

    def product(self, stretch: float = 1.0) -> Callable[[float], float]:
        """Product density in closed form; stretched, of a process of another distance."""
        d, mu = self.process.distance, self.before

        def first(r: float) -> float:
            return mu**2 * math.exp(-mu * union_of_balls(r, stretch * d, self.ndim))

        def second(r: float) -> float:
            b, union = self.ball, union_of_balls(r, stretch * d, self.ndim)
            return 2 / (union - b) * ((1 - math.exp(-mu * b)) / b - (1 - math.exp(-mu * union)) / union)

        law = second if isinstance(self.process, MaternII) else first
        return lambda r: law(r) if r >= d else 0.0


CASES = {
    "I 2D": Case(MaternI(density=0.0017, distance=8.0), 2),
    "I 3D": Case(MaternI(density=0.0006, distance=5.0), 3),
    "II 2D": Case(MaternII(density=0.004, distance=8.0), 2),
    "II 3D": Case(MaternII(density=0.0015, distance=5.0), 3),
}


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


@pytest.fixture(scope="module")
def patterns(case: Case) -> Patterns:
    return draw_patterns(case.process, case.size, 3000)


def test_density_is_what_was_asked(case: Case, patterns: Patterns) -> None:
    expected = case.process.density * np.prod(case.size)
    assert_mean(counts(patterns), expected)
    with pytest.raises(AssertionError):
        assert_mean(counts(patterns), 1.03 * expected)


def test_thinning_leaves_what_the_formula_says(case: Case) -> None:
    m, b = case.before, case.ball
    left = m * math.exp(-m * b) if isinstance(case.process, MaternI) else (1 - math.exp(-m * b)) / b
    assert left == pytest.approx(case.process.density)
    assert isinstance(case.process, MaternII) or m * b < 1  # the smaller of the two solutions


def test_thinning_all_pairs_leaves_as_many(case: Case) -> None:
    """By brute force: thin a Poisson process of the density that the class computes, and count what is left."""
    d, left = case.process.distance, []
    for i in range(100):
        points = Poisson(density=case.before)(np.array(case.size) + 2 * d, stream(3, i, "brute")).centres
        kept = case.thinned(points) - d
        left.append(((kept >= 0) & (kept < case.size)).all(axis=1).sum())
    assert_mean(left, case.process.density * np.prod(case.size))


def test_pairs_are_as_often_at_every_distance_as_theory_says(case: Case, patterns: Patterns) -> None:
    edges = case.process.distance * np.array([1.0, 1.15, 1.3, 1.6, 2.0, 2.5])
    assert_pairs(patterns, case.size, edges, case.product())
    with pytest.raises(AssertionError):
        assert_pairs(patterns, case.size, edges, case.product(stretch=1.2))


@pytest.mark.parametrize("ndim", [2, 3])
def test_the_product_density_of_the_second_process_is_the_integral_over_both_marks(ndim: int) -> None:
    case = CASES[f"II {ndim}D"]
    b, mu = case.ball, case.before
    for stretch in (1.0, 1.4, 1.9, 2.5):
        r = stretch * case.process.distance
        beyond = union_of_balls(r, case.process.distance, ndim) - b
        inner = lambda t, beyond=beyond: quad(lambda s: math.exp(-s * beyond - t * b), 0, t)[0]  # noqa: E731
        assert case.product()(r) == pytest.approx(2 * quad(inner, 0, mu)[0])
    assert case.product()(3 * case.process.distance) == pytest.approx(case.process.density**2)


def test_no_two_points_are_nearer_than_the_distance(case: Case, patterns: Patterns) -> None:
    assert case.process.distance <= least_distance(patterns) < 1.01 * case.process.distance


def test_points_are_as_dense_at_the_edges(case: Case, patterns: Patterns) -> None:
    assert_mean(strip_excess(patterns, case.size, case.process.distance), 0.0)


def test_crowding_at_the_edges_would_be_seen(case: Case) -> None:
    """Thinned within the bare box, more points survive at its faces."""
    bare = draw_patterns(Poisson(density=case.before), case.size, 400)
    with pytest.raises(AssertionError):
        assert_mean(strip_excess([case.thinned(points) for points in bare], case.size, case.process.distance), 0.0)


@pytest.mark.parametrize("kind", [MaternI, MaternII])
@pytest.mark.parametrize("size", [(60.0, 60.0), (10.0, 20.0, 18.0)])
def test_a_thinly_spread_process_is_nearly_poisson(kind: type[MaternI], size: tuple[float, ...]) -> None:
    patterns = draw_patterns(kind(density=0.004, distance=0.01), size, 500)
    assert_mean(counts(patterns), 14.4)
    assert np.var(counts(patterns)) == pytest.approx(14.4, rel=0.3)


def test_what_cannot_be_reached_is_refused_with_the_limit() -> None:
    rng = stream(0, 0, "x")
    with pytest.raises(ValueError, match=r"density must be <= 0\.001171/µm\^2 .* 10 µm, got 0\.0012 \(matern-ii packs"):
        MaternI(density=0.0012, distance=10.0)((50.0, 50.0), rng)
    with pytest.raises(ValueError, match=r"density must be <= 8\.782e-05/µm\^3 .* \(matern-ii packs 2\.7 times"):
        MaternI(density=0.0012, distance=10.0)((50.0, 50.0, 50.0), rng)
    with pytest.raises(ValueError, match=r"density must be < 0\.003151/µm\^2 .* 10 µm, got 0\.0032 \(ssi packs 2\.2"):
        MaternII(density=0.0032, distance=10.0)((50.0, 50.0), rng)
    with pytest.raises(ValueError, match=r"density must be < 0\.0002363/µm\^3 .* \(ssi packs 3\.1 times as dense\)"):
        MaternII(density=0.0032, distance=10.0)((50.0, 50.0, 50.0), rng)
    for ndim, times in ((2, 2.2), (3, 3.1)):
        assert JAMMED[ndim] * 2**ndim / MOST == pytest.approx(times, abs=0.05)


@pytest.mark.parametrize("ndim", [2, 3])
def test_the_first_process_is_drawn_up_to_its_limit(ndim: int) -> None:
    most = math.exp(-1) / BALL[ndim]
    assert MaternI(density=0.999999 * most, distance=1.0)._density_before_thinning(ndim) * BALL[ndim] > 0.99
