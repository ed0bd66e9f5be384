"""Curves of two sets: against independent points, clusters and points that keep apart."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cellsim.evaluate.curves import DISTANCES, curves
from cellsim.evaluate.empty_space import empty_space_seen, kaplan_meier, neighbours_seen, pooled
from cellsim.evaluate.measured import Measured
from cellsim.evaluate.records import Curve
from cellsim.evaluate.region import Region
from cellsim.evaluate.spatial import ripley_k, ripley_l
from cellsim.generators.base import Points
from cellsim.generators.points.matern import MaternII
from cellsim.generators.points.poisson import Poisson
from cellsim.generators.points.thomas import Thomas
from cellsim.seeds import stream

DENSITY = 0.01
POISSON = Poisson(density=DENSITY)
APART = MaternII(density=DENSITY, distance=4)
CLUSTERED = Thomas(density=DENSITY, cluster_density=0.002, spread=2)


def patterns(process: Points, region: Region, n: int = 30, first: int = 0) -> list[Measured]:
    """Images of points."""
    found = []
    for i in range(first, first + n):
        centre = process(region.size, stream(0, i, "curves")).centres
        centre = centre[region.contains(centre)]
        found.append(Measured(region, centre, np.full_like(centre, np.nan), {}))
    return found


def compared(one: Points, other: Points, region: Region, **options: Any) -> tuple[Curve, ...]:
    found = curves(patterns(one, region), patterns(other, region, first=1000), **options)
    assert all(curve.distances.shape == curve.real.shape == (DISTANCES,) for curve in found)
    return found


def inside(curve: Curve) -> float:
    """Share of distances at which the mean of the real set is in the envelope of independent points."""
    low, high = curve.independent_envelope
    known = ~np.isnan(curve.real) & ~np.isnan(low)
    assert known.any()
    return float(((curve.real >= low) & (curve.real <= high))[known].mean())


def ring() -> Region:
    y, x = np.mgrid[:70, :70] - 34.5
    return Region.of_mask((np.hypot(y, x) < 34) & (np.hypot(y, x) > 8), (1.0, 1.0))


@pytest.mark.parametrize("region", [Region((60.0, 60.0)), ring(), Region((18.0, 18.0, 18.0))], ids=["2D", "ring", "3D"])
def test_independent_points_are_in_their_envelope(region: Region) -> None:
    for curve in compared(POISSON, POISSON, region, reach=10.0 if region.ndim == 2 else 4.0):
        assert inside(curve) > 0.6, curve.name


def test_clusters_and_hard_cores_lie_on_either_side() -> None:
    l_function, g, nearest, empty = compared(CLUSTERED, APART, Region((60.0, 60.0)), reach=10.0)
    near = l_function.distances < 3.9
    assert (l_function.real[near][3:] > l_function.independent_envelope[1, near][3:]).all()
    assert (l_function.synthetic[near][1:] < l_function.independent_envelope[0, near][1:]).all()
    assert (g.synthetic[g.distances < 2.4] == 0).all()
    assert g.real[g.distances < 1.5].min() > 3
    assert (nearest.synthetic[near] == 0).all()
    assert (nearest.real[near][5:] > nearest.independent[near][5:]).all()
    assert (empty.real[10:30] < empty.independent_envelope[0, 10:30]).all()
    assert (empty.synthetic[10:30] > empty.independent_envelope[1, 10:30]).all()


def test_the_pair_correlation_of_clusters_is_its_closed_form() -> None:
    g = compared(CLUSTERED, POISSON, Region((120.0, 120.0)), reach=10.0, simulations=2)[1]
    at = (g.distances > 2) & (g.distances < 9)
    expected = 1 + np.exp(-(g.distances**2) / 16) / (4 * np.pi * 0.002 * 4)
    np.testing.assert_allclose(g.real[at], expected[at], rtol=0.2)


def test_a_wrong_window_makes_independent_points_seem_clustered() -> None:
    box = Region(ring().size)
    bare = [Measured(box, one.centre, one.axis, {}) for one in patterns(POISSON, ring())]
    found = curves(bare, bare, reach=10.0)
    assert inside(found[0]) < 0.3


def test_envelopes_of_single_images_hold_the_mean() -> None:
    for curve in compared(POISSON, CLUSTERED, Region((60.0, 60.0)), reach=8.0)[:1]:
        assert (curve.real_envelope[0] <= curve.real).all()
        assert (curve.real <= curve.real_envelope[1]).all()
        wide, narrow = np.ptp(curve.real_envelope, axis=0), np.ptp(curve.independent_envelope, axis=0)
        assert (wide > narrow).mean() > 0.9  # those of whole sets


def test_images_with_few_points_or_none_are_no_error() -> None:
    region = Region((30.0, 30.0))
    line = 3.0 + np.tile(np.arange(2.0)[:, np.newaxis], 2)
    few = [Measured(region, line[:n], np.zeros((n, 2)), {}) for n in (0, 1, 2)]
    found = curves(few, few[:1], simulations=3)
    assert np.isnan(found[0].synthetic).all()
    np.testing.assert_array_equal(found[3].synthetic, 0)
    assert found[0].distances[-1] == 7.5


def test_the_result_repeats() -> None:
    few = patterns(POISSON, Region((40.0, 40.0)), 3)
    for one, other in zip(curves(few, few, simulations=4), curves(few, few, simulations=4), strict=True):
        np.testing.assert_array_equal(one.independent_envelope, other.independent_envelope)


def test_g_and_f_in_a_ring_are_the_closed_form() -> None:
    _, _, nearest, empty = compared(POISSON, POISSON, ring(), reach=10.0, simulations=2)
    expected = 1 - np.exp(-DENSITY * np.pi * nearest.distances**2)
    np.testing.assert_allclose(nearest.real, expected, atol=0.06)
    np.testing.assert_allclose(empty.real, expected, atol=0.03)


def test_images_are_pooled_by_their_pairs_and_distances() -> None:
    region, rng = ring(), np.random.default_rng(0)
    images = [Measured(region, region.uniform(n, rng), np.full((n, 2), np.nan), {}) for n in (3, 30)]
    found = curves(images, images, reach=10.0, simulations=2)
    k = [ripley_k(one.centre, region, found[0].distances) for one in images]
    l_function = ripley_l(np.average(k, axis=0, weights=[6, 870])) - found[0].distances
    np.testing.assert_allclose(found[0].real, l_function)
    for curve, see in ((found[2], neighbours_seen), (found[3], empty_space_seen)):
        seen = pooled([see(one.centre, region) for one in images])
        np.testing.assert_array_equal(curve.real, kaplan_meier(seen, curve.distances))
