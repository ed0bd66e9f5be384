"""Distances to the nearest point, where a border hides some."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from cellsim.evaluate.empty_space import (
    Seen,
    empty_space_f,
    empty_space_seen,
    kaplan_meier,
    nearest_neighbour_g,
    neighbours_seen,
    pooled,
)
from cellsim.evaluate.region import Region
from cellsim.generators.points.matern import MaternII
from cellsim.generators.points.thomas import Thomas
from cellsim.seeds import stream
from tests.statistics import assert_mean

Curve = NDArray[np.float64]

DENSITY = 0.01
RADII = np.array([1.0, 3.0, 5.0, 8.0])
SIZES = ((60.0, 90.0), (20.0, 25.0, 30.0))


def disc() -> Region:
    y, x = np.mgrid[:80, :80] - 39.5
    return Region.of_mask(np.hypot(y, x) < 38, (1.0, 1.0))


REGIONS = [*(Region(size) for size in SIZES), disc()]


def law(ndim: int) -> Curve:
    """G and F of Poisson points, in 3D at half the radii."""
    return 1 - np.exp(-DENSITY * (np.pi * RADII**2 if ndim == 2 else np.pi / 6 * RADII**3))


def batches(region: Region, planted: bool = False) -> dict[str, Curve]:
    """G and F of 30 sets of 12 Poisson patterns each, (30, R); without knowing of the border if a fault is planted."""
    found: dict[str, list[Curve]] = {"G": [], "F": []}
    for batch in range(30):
        rng = np.random.default_rng(batch)
        patterns = [region.uniform(int(rng.poisson(DENSITY * region.volume)), rng) for _ in range(12)]
        for name, see in (("G", neighbours_seen), ("F", empty_space_seen)):
            seen = pooled([see(points, region) for points in patterns])
            seen = Seen(seen.distance, np.full(len(seen.border), 1e9)) if planted else seen
            found[name].append(kaplan_meier(seen, RADII / (region.ndim - 1)))
    return {name: np.array(curves) for name, curves in found.items()}


@pytest.mark.parametrize("region", REGIONS, ids=["2D", "3D", "disc"])
def test_g_and_f_of_poisson_points_are_the_same_closed_form(region: Region) -> None:
    for curves in batches(region).values():
        for i, expected in enumerate(law(region.ndim)):
            assert_mean(curves[:, i], expected)


@pytest.mark.parametrize("region", REGIONS, ids=["2D", "3D", "disc"])
@pytest.mark.parametrize("name", ["G", "F"])
def test_without_the_border_the_nearest_are_missed(region: Region, name: str) -> None:
    curves = batches(region, planted=True)[name]
    with pytest.raises(AssertionError):
        assert_mean(curves[:, 3], law(region.ndim)[3])


def test_clusters_have_more_empty_space_and_nearer_neighbours() -> None:
    size, radii = (200.0, 200.0), np.array([4.0])
    clustered = Thomas(density=DENSITY, cluster_density=0.001, spread=3)(size, stream(0, 0, "g")).centres
    apart = MaternII(density=DENSITY, distance=5)(size, stream(0, 0, "g")).centres
    assert empty_space_f(clustered, size, radii) < 0.6 * nearest_neighbour_g(clustered, size, radii)
    assert nearest_neighbour_g(apart, size, radii) == 0
    assert empty_space_f(apart, size, radii) > 0.3


def test_without_a_border_it_is_the_share_of_distances() -> None:
    distance = np.array([2.0, 1.0, 2.0, 5.0])
    found = kaplan_meier(Seen(distance, np.full(4, np.inf)), [0.5, 1, 2, 4, 5, 9])
    np.testing.assert_allclose(found, [0, 0.25, 0.75, 0.75, 1, 1])


def test_kaplan_and_meier_by_hand() -> None:
    distance, border = np.array([1.0, 9.0, 3.0, 9.0]), np.array([5.0, 2.0, 4.0, 3.0])
    # at 1 one of four, at 3 one of the two that are left
    found = kaplan_meier(Seen(distance, border), [0.5, 1, 2.9, 3, 4])
    np.testing.assert_allclose(found, [0, 0.25, 0.25, 1 - 0.75 * 0.5, np.nan])


def test_no_points_leave_everything_empty() -> None:
    none = np.zeros((0, 2))
    assert np.isnan(nearest_neighbour_g(none, SIZES[0], RADII)).all()
    np.testing.assert_array_equal(empty_space_f(none, SIZES[0], RADII), 0)
    one = np.array([[30.0, 45.0]])
    np.testing.assert_array_equal(nearest_neighbour_g(one, SIZES[0], RADII), 0)
    assert np.isnan(kaplan_meier(pooled([]), RADII)).all()
