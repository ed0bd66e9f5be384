"""The sampler itself: overlaps, bookkeeping, and the exact law of a system small enough to know it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from cellsim.generators.points.birth_death import DISKS, STRAUSS, evolve, overlap_share, scatter
from cellsim.seeds import Rng, stream
from tests.statistics import ALPHA

ONE = np.ones(1)
NO_TRACE = np.empty((0, 2))


Three = tuple[float, float, float]


def model(size: Three, reach: float, law: tuple[float, ...], expected: float = 60.0) -> Any:
    dims = tuple(max(int(edge / reach), 1) for edge in size)
    per_edge = tuple(n / edge for n, edge in zip(dims, size, strict=True))
    return size, dims, per_edge, (*law, 0.0, 0.0)[:6], (expected, reach)


def torus_energy(points: np.ndarray, given: Any) -> float:
    """Energy of a pattern, by looking at all pairs and all their images."""
    size, _, _, (kind, ndim, first, second, attraction, near), _ = given
    total = 0.0
    for i in range(len(points)):
        for j in range(i):
            apart = abs(points[i, :3] - points[j, :3])
            distance = float(np.linalg.norm(np.minimum(apart, size - apart)))
            gap = distance - points[i, 3] - points[j, 3]
            total -= attraction if 0 <= gap < near else 0.0
            share = overlap_share(distance, points[i, 3], points[j, 3], ndim)
            total += (second if distance**2 < first else 0.0) if kind == STRAUSS else first * share
    return total


@pytest.mark.parametrize("ndim", [2, 3])
def test_the_overlap_of_two_balls_is_their_common_content(ndim: int) -> None:
    rng = np.random.default_rng(0)
    inside = rng.uniform(-1, 1, (200_000, ndim))
    inside = inside[(inside**2).sum(axis=1) < 1]  # uniform in the smaller ball
    for distance, other in [(0.5, 1.0), (1.7, 1.0), (1.2, 2.0), (2.2, 1.5), (0.9, 1.0)]:
        share = overlap_share(distance, 1.0, other, ndim)
        assert share == pytest.approx(overlap_share(distance, other, 1.0, ndim), abs=1e-12)
        hits = int((((inside - np.eye(ndim)[0] * distance) ** 2).sum(axis=1) < other**2).sum())
        assert stats.binomtest(hits, len(inside), min(share, 1.0)).pvalue > ALPHA
        if 0.02 < share < 0.98:
            assert stats.binomtest(hits, len(inside), share + 0.01).pvalue < ALPHA


@pytest.mark.parametrize("ndim", [2, 3])
def test_balls_apart_share_nothing_and_a_ball_within_another_all(ndim: int) -> None:
    assert overlap_share(3.0, 1.0, 2.0, ndim) == 0.0
    assert overlap_share(1.0, 2.0, 1.0, ndim) == 1.0
    assert overlap_share(0.0, 1.0, 1.0, ndim) == 1.0
    assert overlap_share(1.0 + 1e-9, 2.0, 1.0, ndim) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize(
    "given",
    [
        model((1.0, 9.0, 8.0), 1.0, (STRAUSS, 2, 1.0, 0.7)),
        model((4.0, 5.0, 4.5), 1.0, (STRAUSS, 3, 1.0, 0.7)),
        model((1.0, 9.0, 8.0), 2.0, (DISKS, 2, 3.0, 0.8)),
        model((7.0, 8.0, 7.5), 2.0, (DISKS, 3, 3.0, 0.8)),
        model((1.0, 9.0, 8.0), 2.5, (DISKS, 2, 3.0, 0.5, 0.8, 0.5)),
        model((7.0, 8.0, 7.5), 2.5, (DISKS, 3, 3.0, 0.5, 0.8, 0.5)),
    ],
)
def test_the_books_are_kept(given: Any) -> None:
    """Energy, lists and cells agree with the points after many births, deaths and moves."""
    rng, (edges, dims, *_) = stream(0, 0, "books"), given
    born = rng.uniform(0.4, 1.0, 6000)
    start = scatter(rng, 40, born, given)
    assert start[3] == pytest.approx(torus_energy(start[0][: start[2]], given))
    (points, following, n, energy), tallies = evolve(rng, start, born, given, 6000, NO_TRACE)
    assert energy == pytest.approx(torus_energy(points[:n], given), abs=1e-9)
    assert (points[:n, :3] >= 0).all()
    assert (points[:n, :3] <= edges).all()
    assert tallies[0].sum() == 6000
    assert n == start[2] + tallies[1, 0] - tallies[1, 1]
    cells, at = int(np.prod(dims)), np.minimum((points[:n, :3] / edges * dims).astype(int), np.array(dims) - 1)
    listed = []
    for cell in range(cells):
        p = following[cell]
        while p >= 0:
            listed.append(p)
            assert cell == (at[p, 0] * dims[1] + at[p, 1]) * dims[2] + at[p, 2]
            p = following[cells + p]
    assert sorted(listed) == list(range(n))


def test_the_trace_is_that_of_the_chain() -> None:
    given = model((1.0, 9.0, 8.0), 1.0, (STRAUSS, 2, 1.0, 0.7))

    def chain(steps: int, parts: int) -> tuple[np.ndarray, tuple[int, float]]:
        rng, trace = stream(0, 0, "trace"), np.full((parts, 2), np.nan)
        (*_, n, energy), _ = evolve(rng, scatter(rng, 40, ONE, given), ONE, given, steps, trace)
        return trace, (n, energy)

    trace, end = chain(1001, 7)
    assert tuple(trace[-1]) == end
    for part, steps in ((0, 143), (3, 572)):
        assert tuple(trace[part]) == chain(steps, 1)[1]
    np.testing.assert_array_equal(chain(3, 7)[0][:, 0] > 0, True)  # more parts than steps


def chance_of_counts(expected: float, gamma: float, given: Any, rng: Rng) -> np.ndarray:
    """P(n) of a Strauss process on a small torus, by definition: (aV)^n / n! times the mean of gamma^pairs."""
    edges = np.array(given[0])
    weights = [1.0, expected]
    for n in range(2, 9):
        points = rng.random((40_000, n, 2)) * edges[1:]
        apart = abs(points[:, :, None] - points[:, None])
        square = (np.minimum(apart, edges[1:] - apart) ** 2).sum(axis=-1)
        pairs = ((square < 1).sum(axis=(1, 2)) - n) // 2
        weights.append(expected**n / math.factorial(n) * float(np.mean(gamma**pairs)))
    return np.array(weights) / sum(weights)


def counts_of_chain(given: Any) -> np.ndarray:
    """How often a long chain has n points, looked at so rarely that the looks are all but independent."""
    rng = stream(0, 0, "toy")
    state = scatter(rng, 1, ONE, given)
    trace = np.empty((20_000, 2))
    evolve(rng, state, ONE, given, 60 * len(trace), trace)
    return np.bincount(trace[:, 0].astype(int), minlength=9)[:9]


def test_a_toy_follows_its_exact_law() -> None:
    """Births, deaths and moves are in detailed balance: the chain has the law that the density says."""
    expected, gamma = 2.5, 0.2
    given = model((1.0, 3.1, 3.2), 1.0, (STRAUSS, 2, 1.0, -math.log(gamma)), expected)
    found = counts_of_chain(given)
    law = chance_of_counts(expected, gamma, given, np.random.default_rng(0))
    assert _p_value(found, law) > ALPHA
    assert _p_value(found, chance_of_counts(1.05 * expected, gamma, given, np.random.default_rng(0))) < ALPHA
    assert _p_value(found, chance_of_counts(expected, 0.3, given, np.random.default_rng(0))) < ALPHA


def pairs_of_sticky_disks(expected: float, attraction: float, edges: np.ndarray, near: float) -> tuple[float, float]:
    """Mean number of hard disks of diameter 1 on a small torus, and of near pairs, by definition of the density."""
    rng, weights, pairs = np.random.default_rng(0), [1.0, expected], [0.0, 0.0]
    for n in range(2, 8):
        points = rng.random((60_000, n, 2)) * edges
        apart = abs(points[:, :, None] - points[:, None])
        distance = np.sqrt((np.minimum(apart, edges - apart) ** 2).sum(axis=-1))[:, *np.triu_indices(n, 1)]
        close = ((distance >= 1) & (distance < 1 + near)).sum(axis=1)
        factor = np.exp(attraction * close) * (distance >= 1).all(axis=1)
        weights.append(expected**n / math.factorial(n) * float(factor.mean()))
        pairs.append(expected**n / math.factorial(n) * float((factor * close).mean()))
    return float(np.arange(8) @ weights / sum(weights)), float(sum(pairs) / sum(weights))


def test_a_toy_of_disks_that_attract_follows_its_exact_law() -> None:
    """Near pairs become as frequent as the density says."""
    expected, near, found = 2.5, 0.3, {}
    for attraction in (1e-9, 0.7):
        given = model((1.0, 3.1, 3.2), 1.3, (DISKS, 2, 1.0, 0.0, attraction, near), expected)
        rng, trace = stream(0, 0, "sticky"), np.empty((30_000, 2))
        born = np.full(1, 0.5)
        evolve(rng, scatter(rng, 1, born, given), born, given, 60 * len(trace), trace)
        found[attraction] = float(trace[:, 1].mean()) / -attraction
        count, pairs = pairs_of_sticky_disks(expected, attraction, np.array([3.1, 3.2]), near)
        assert trace[:, 0].mean() == pytest.approx(count, rel=0.02)
        assert found[attraction] == pytest.approx(pairs, rel=0.04)
        more = pairs_of_sticky_disks(expected, attraction + 0.1, np.array([3.1, 3.2]), near)[1]
        assert found[attraction] != pytest.approx(more, rel=0.04), "a planted fault"
    assert found[0.7] > 1.8 * found[1e-9]


def _p_value(found: np.ndarray, law: np.ndarray) -> float:
    kept = law * found.sum() > 20
    of = np.append(found[kept], found[~kept].sum())
    wanted = np.append(law[kept], law[~kept].sum()) * found.sum()
    return float(stats.chisquare(of, wanted * of.sum() / wanted.sum()).pvalue)
