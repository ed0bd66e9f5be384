"""Where objects stand: against what is known of independent points, of hard cores and of clusters."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import chi2

from cellsim.evaluate.region import Region
from cellsim.evaluate.spatial import (
    FEW,
    nearest,
    nearest_neighbours,
    neighbour_distances,
    pair_correlation,
    ripley_k,
    ripley_l,
    smooth_pair_correlation,
)
from cellsim.generators.points.matern import MaternII
from cellsim.generators.points.thomas import Thomas
from cellsim.seeds import stream
from tests.statistics import assert_mean

Curves = NDArray[np.float64]

SIZE = (60.0, 90.0)
RADII = (5.0, 10.0, 20.0)


def poisson(seed: int, n: int = 60) -> NDArray[np.float64]:
    return np.random.default_rng(seed).random((n, 2)) * SIZE


@pytest.mark.parametrize("which", range(3))
def test_k_of_independent_points_is_the_area_of_the_disk(which: int) -> None:
    assert_mean([ripley_k(poisson(seed), SIZE, RADII)[which] for seed in range(200)], np.pi * RADII[which] ** 2)


def test_without_a_correction_pairs_across_the_border_are_missed() -> None:
    far = (1e9, 1e9)  # so that no lag counts for more
    found = [ripley_k(poisson(seed), far, RADII)[2] * 5400 / 1e18 for seed in range(200)]
    with pytest.raises(AssertionError):
        assert_mean(found, np.pi * RADII[2] ** 2)


def test_the_pair_correlation_of_independent_points_is_one() -> None:
    g = np.array([pair_correlation(ripley_k(poisson(seed), SIZE, RADII), RADII) for seed in range(200)])
    assert g.shape == (200, 2)
    assert_mean(g[:, 0], 1)


def test_k_counts_pairs_by_hand() -> None:
    points = np.array([[10.0, 10.0], [10.0, 14.0], [50.0, 80.0]])
    weight = 2 / (1 - 4 / 90)
    np.testing.assert_allclose(ripley_k(points, SIZE, [3, 5]), [0, 5400 / 6 * weight])


def test_fewer_than_two_points_have_no_pairs() -> None:
    assert np.isnan(ripley_k(np.zeros((1, 2)), SIZE, RADII)).all()
    distance, weight = nearest_neighbours(np.zeros((1, 2)), SIZE)
    assert np.isinf(distance).all()
    assert not weight.any()


def mean_distance(seed: int, planted: bool = False) -> float:
    distance, weight = nearest_neighbours(poisson(seed, np.random.default_rng([1, seed]).poisson(54)), SIZE)
    return float(np.average(distance, weights=None if planted else weight))


def test_neighbours_of_poisson_points_are_half_a_root_of_the_intensity_away() -> None:
    assert_mean([mean_distance(seed) for seed in range(300)], 0.5 / np.sqrt(0.01), alpha=1e-4)


def test_without_weights_neighbours_beyond_the_border_are_missed() -> None:
    with pytest.raises(AssertionError):
        assert_mean([mean_distance(seed, planted=True) for seed in range(300)], 0.5 / np.sqrt(0.01), alpha=1e-4)


# In three dimensions, and in regions.


def in_region(region: Region, draw: Callable[[int], NDArray[np.float64]], radii: tuple[float, ...]) -> Curves:
    """K of drawn points, pooled as a ratio is: per pattern, all pairs over the square of the known intensity."""
    found = []
    for seed in range(200):
        points = draw(seed)
        points = points[region.contains(points)]
        n = len(points)
        found.append(np.nan_to_num(ripley_k(points, region, radii)) * n * (n - 1) / region.volume**2)
    return np.array(found)


def ring(ndim: int) -> Region:
    """A disc or a ball with a hole."""
    axis = np.arange(64 // (ndim - 1)) + 0.5
    square = sum(np.ix_(*[(axis - axis.mean()) ** 2] * ndim))
    outer = len(axis) / 2 - 1
    return Region.of_mask((square < outer**2) & (square > (outer / 3) ** 2), (1.0,) * ndim)


@pytest.mark.parametrize("ndim", [2, 3])
def test_k_of_independent_points_in_a_ring_is_the_volume_of_the_ball(ndim: int) -> None:
    region, radii = ring(ndim), (3.0, 6.0, 9.0)
    found = [ripley_k(region.uniform(50, np.random.default_rng(seed)), region, radii) for seed in range(200)]
    expected = np.pi * np.array(radii) ** 2 if ndim == 2 else 4 / 3 * np.pi * np.array(radii) ** 3
    for i in range(3):
        assert_mean(np.array(found)[:, i], expected[i])


def test_the_box_about_a_ring_is_the_wrong_window() -> None:
    region, radii = ring(2), (3.0, 6.0, 9.0)
    found = [ripley_k(region.uniform(50, np.random.default_rng(seed)), region.size, radii) for seed in range(200)]
    with pytest.raises(AssertionError):
        assert_mean(np.array(found)[:, 2], np.pi * 81)


@pytest.mark.parametrize("ndim", [2, 3])
@pytest.mark.parametrize("hole", [False, True])
def test_k_of_a_thomas_process_is_its_closed_form(ndim: int, hole: bool) -> None:
    region = ring(ndim) if hole else Region((64.0, 64.0) if ndim == 2 else (32.0, 32.0, 32.0))
    density, clusters, spread, radii = 60 / region.volume, 12 / region.volume, 1.5, (2.0, 4.0)
    process = Thomas(density=density, cluster_density=clusters, spread=spread)
    found = in_region(region, lambda seed: process(region.size, stream(seed, 0, "k")).centres, radii)
    for i, r in enumerate(radii):
        same = chi2.cdf(r**2 / (2 * spread**2), ndim)  # that two points of a cluster are no farther apart
        independent = np.pi * r**2 if ndim == 2 else 4 / 3 * np.pi * r**3
        assert_mean(found[:, i] / density**2, independent + same / clusters)


def test_k_of_a_hard_core_is_zero_up_to_it_and_then_its_closed_form() -> None:
    region, d, density = Region((80.0, 80.0)), 4.0, 0.012
    process = MaternII(density=density, distance=d)
    radii = np.linspace(0.0, 2.5 * d, 101)
    found = in_region(region, lambda seed: process(region.size, stream(seed, 0, "k")).centres, tuple(radii))
    assert found[:, radii < d].max() == 0
    mean = np.cumsum(np.diff(np.pi * radii**2) * hard_core_pairs((radii[1:] + radii[:-1]) / 2, d, density))
    for i in (60, 80, 100):
        assert_mean(found[:, i], mean[i - 1])


def hard_core_pairs(r: NDArray[np.float64], d: float, density: float) -> NDArray[np.float64]:
    """Second-order product density of Matern's second process, by the density before thinning (Stoyan 1985)."""
    ball = np.pi * d**2
    before = -np.log1p(-density * ball) / ball
    both = np.where(r < 2 * d, 2 * d**2 * np.arccos(np.minimum(r / (2 * d), 1)), 0)
    union = 2 * ball - both + np.where(r < 2 * d, r / 2 * np.sqrt(np.maximum(4 * d**2 - r**2, 0)), 0)
    kept = 2 * union * (1 - np.exp(-before * ball)) - 2 * ball * (1 - np.exp(-before * union))
    return np.where(r >= d, kept / (ball * union * (union - ball)), 0)


@pytest.mark.parametrize("ndim", [2, 3])
def test_l_of_independent_points_is_the_distance(ndim: int) -> None:
    radii = np.array([1.0, 5.0])
    k = np.pi * radii**2 if ndim == 2 else 4 / 3 * np.pi * radii**3
    np.testing.assert_allclose(ripley_l(k, ndim), radii)
    np.testing.assert_allclose(pair_correlation(k, radii, ndim), 1)


@pytest.mark.parametrize("ndim", [2, 3])
def test_the_smooth_pair_correlation_of_independence_is_one_everywhere(ndim: int) -> None:
    radii, at = np.linspace(0, 10, 201), np.array([0.0, 0.3, 5.0, 9.9, 20.0])
    found = smooth_pair_correlation(np.pi * radii**ndim, radii, at, 0.5, ndim) * (1 if ndim == 2 else 4 / 3)
    np.testing.assert_allclose(found, [1, 1, 1, 1, np.nan])


def test_the_smooth_pair_correlation_is_that_of_thomas() -> None:
    radii, clusters, spread = np.linspace(0, 12, 481), 0.01, 1.5
    k = np.pi * radii**2 + (1 - np.exp(-(radii**2) / (4 * spread**2))) / clusters
    at = np.array([1.0, 3.0, 8.0])
    expected = 1 + np.exp(-(at**2) / (4 * spread**2)) / (4 * np.pi * clusters * spread**2)
    np.testing.assert_allclose(smooth_pair_correlation(k, radii, at, 0.3), expected, rtol=0.01)


@pytest.mark.parametrize("n", [2, FEW, FEW + 1])
@pytest.mark.parametrize("ndim", [2, 3])
def test_few_points_are_compared_as_a_tree_would(n: int, ndim: int) -> None:
    rng = np.random.default_rng(n)
    points, places = rng.random((n, ndim)), rng.random((40, ndim))
    apart = np.linalg.norm(points[:, np.newaxis] - points, axis=2) + np.diag([np.inf] * n)
    np.testing.assert_allclose(neighbour_distances(points), apart.min(axis=1))
    np.testing.assert_allclose(
        nearest(places, points), np.linalg.norm(places[:, np.newaxis] - points, axis=2).min(axis=1)
    )


@pytest.mark.parametrize("radii", [[], [3.0, 2.0], [-1.0, 2.0], [0.0], [[1.0, 2.0]]])
def test_radii_that_do_not_ascend_are_refused(radii: list[float]) -> None:
    with pytest.raises(ValueError, match="ascend"):
        ripley_k(poisson(0), SIZE, radii)


def test_points_outside_the_window_are_refused() -> None:
    with pytest.raises(ValueError, match="in the region, got 1 of 2 outside"):
        ripley_k(np.array([[1.0, 1.0], [61.0, 1.0]]), SIZE, RADII)
