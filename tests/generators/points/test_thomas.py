"""The Thomas process: intensity, pairs in closed form, more spread counts than Poisson, parents, no edge effect."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from cellsim.generators.points.thomas import Thomas
from cellsim.seeds import stream
from tests.generators.points.patterns import (
    Patterns,
    assert_pairs,
    counts,
    draw_patterns,
    pair_densities,
    strip_excess,
)
from tests.statistics import assert_mean, assert_same_distribution, assert_variance

SIZES = {2: (50.0, 60.0), 3: (20.0, 24.0, 22.0)}
PROCESSES = {
    2: Thomas(density=0.03, cluster_density=0.01, spread=2.0),
    3: Thomas(density=0.008, cluster_density=0.003, spread=2.0),
}


@pytest.fixture(scope="module", params=[2, 3], ids=["2D", "3D"])
def ndim(request: pytest.FixtureRequest) -> int:
    return request.param


@pytest.fixture(scope="module")
def patterns(ndim: int) -> Patterns:
    return draw_patterns(PROCESSES[ndim], SIZES[ndim], 2000)


def pair_correlation(process: Thomas, r: float, ndim: int) -> float:
    twice = 4 * process.spread**2
    return 1 + math.exp(-(r**2) / twice) / ((math.pi * twice) ** (ndim / 2) * process.cluster_density)


def test_density_is_what_was_asked(ndim: int, patterns: Patterns) -> None:
    expected = PROCESSES[ndim].density * np.prod(SIZES[ndim])
    assert_mean(counts(patterns), expected)
    with pytest.raises(AssertionError):
        assert_mean(counts(patterns), 1.05 * expected)


def test_pairs_are_as_often_at_every_distance_as_theory_says(ndim: int, patterns: Patterns) -> None:
    process, edges = PROCESSES[ndim], np.array([0.0, 1.0, 2.0, 3.0, 4.5, 7.0])
    wider = process.model_copy(update={"spread": 1.1 * process.spread})
    assert_pairs(patterns, SIZES[ndim], edges, lambda r: process.density**2 * pair_correlation(process, r, ndim))
    with pytest.raises(AssertionError):
        assert_pairs(patterns, SIZES[ndim], edges, lambda r: process.density**2 * pair_correlation(wider, r, ndim))


def test_ripleys_function_is_the_closed_form_in_the_plane() -> None:
    """Pairs within r, over the density squared, are pi r^2 + (1 - exp(-r^2 / 4 sd^2)) / cluster density."""
    process, r = PROCESSES[2], 5.0
    found = pair_densities(draw_patterns(process, SIZES[2], 2000), SIZES[2], [0.0, r])[:, 0]
    clustered = (1 - math.exp(-(r**2) / (4 * process.spread**2))) / process.cluster_density
    assert_mean(found / process.density**2, math.pi * r**2 + clustered)
    with pytest.raises(AssertionError):
        assert_mean(found / process.density**2, math.pi * r**2)


def test_counts_spread_more_than_poisson(ndim: int, patterns: Patterns) -> None:
    """In closed form: to the Poisson variance comes the part of the pair correlation above one, over both points."""
    process, size = PROCESSES[ndim], SIZES[ndim]
    extra = 1.0
    for edge in size:
        u = np.linspace(0, edge, 4001)
        shared = 2 * (edge - u) * stats.norm.pdf(u, scale=math.sqrt(2) * process.spread)
        extra *= float(np.trapezoid(shared, u))
    mean = process.density * np.prod(size)
    variance = mean + process.density**2 / process.cluster_density * extra
    assert variance > 2 * mean
    assert_variance(counts(patterns), variance)
    with pytest.raises(AssertionError):
        assert_variance(counts(patterns), mean)


def test_points_are_as_dense_at_the_edges(ndim: int, patterns: Patterns) -> None:
    assert_mean(strip_excess(patterns, SIZES[ndim], 2.0), 0.0)


def test_a_loss_at_the_edges_would_be_seen(ndim: int) -> None:
    """Clusters of the box alone: what lies within 3 sd of the faces of a drawn pattern has lost its neighbours."""
    process, size = PROCESSES[ndim], np.array(SIZES[ndim])
    found = []
    for i in range(2000):
        drawn, rng = process(size, stream(1, i, "patterns")), stream(2, i, "patterns")
        middles = size * rng.random((1 + drawn.parents.max(initial=0), ndim))
        centres = middles[drawn.parents] + process.spread * rng.standard_normal(drawn.centres.shape)
        found.append(centres[((centres >= 0) & (centres < size)).all(axis=1)])
    with pytest.raises(AssertionError):
        assert_mean(strip_excess(found, SIZES[ndim], 2.0), 0.0)


def test_points_of_a_parent_are_normal_about_one_place(ndim: int) -> None:
    """Differences of two points of a cluster have twice the variance; wide boxes, so that none is cut."""
    process = Thomas(density=0.02, cluster_density=0.01, spread=0.5)
    differences = []
    for i in range(500):
        drawn = process((20.0,) * ndim, stream(3, i, "patterns"))
        order = np.argsort(drawn.parents, kind="stable")
        parents, centres = drawn.parents[order], drawn.centres[order]
        first = np.flatnonzero((parents[1:] == parents[:-1]) & np.append(True, parents[1:-1] != parents[:-2]))
        inside = ((centres[first] > 4) & (centres[first] < 16)).all(axis=1)
        differences.append((centres[first + 1] - centres[first])[inside].ravel())
    found = np.concatenate(differences) / (math.sqrt(2) * 0.5)
    assert_same_distribution(found, stats.norm.cdf)
    with pytest.raises(AssertionError):
        assert_same_distribution(1.5 * found, stats.norm.cdf)


def test_a_process_without_clusters_draws_nothing() -> None:
    drawn = Thomas(density=1e-9, cluster_density=1e-9, spread=1.0)((10.0, 10.0), stream(0, 0, "x"))
    assert drawn.centres.shape == (0, 2)
    assert drawn.parents.shape == (0,)
