"""Disks that avoid overlap: an exact identity, the law of their radii, what is forbidden."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.spatial.distance import pdist

from cellsim.distributions import Distribution
from cellsim.generators.base import Placement
from cellsim.generators.points.birth_death import overlap_share
from cellsim.generators.points.disks import Disks
from cellsim.seeds import stream
from tests.generators.points.papangelou import surplus
from tests.generators.points.patterns import draw_patterns, strip_excess
from tests.statistics import assert_mean, assert_poisson_count, assert_same_distribution

RADII = Distribution(law="uniform", values=(0.5, 1.0))
SIZES = {2: (14.0, 15.0), 3: (10.0, 10.0, 11.0)}
share = np.vectorize(overlap_share)


@pytest.mark.parametrize("ndim", [2, 3])
def test_patterns_keep_the_identity_of_gibbs_processes(ndim: int) -> None:
    size, activity = SIZES[ndim], {2: 0.8, 3: 0.5}[ndim]
    process = Disks(activity=activity, radius=RADII, penalty=3.0, overlap=0.7)
    patterns = [process(size, stream(0, i, "disks")) for i in range(250)]

    def test(given: float, penalty: float) -> np.ndarray:
        def energy(distances: np.ndarray, places: Placement, points: Placement) -> np.ndarray:
            one, other = np.broadcast_arrays(places.radii[:, None], points.radii)
            found, near = np.zeros(distances.shape), distances < one + other
            found[near] = share(distances[near], one[near], other[near], ndim)
            return np.where(found <= 0.7, penalty * found, np.inf).sum(axis=1)

        found = []
        for i, pattern in enumerate(patterns):
            rng = stream(1, i, "places")
            places = Placement(rng.random((200, ndim)) * size, RADII.draw(rng, 200))
            found.append(surplus(pattern, places, size, 2.0, given, energy))
        return np.array(found)

    right = test(activity, 3.0)
    assert_mean(right[:, 0], 0.0)
    assert_mean(right[:, 1], 0.0)
    with pytest.raises(AssertionError):
        assert_mean(test(1.3 * activity, 3.0)[:, 0], 0.0)
    with pytest.raises(AssertionError):
        assert_mean(test(activity, 2.0)[:, 0], 0.0)


@pytest.mark.parametrize("ndim", [2, 3])
def test_patterns_of_disks_that_attract_keep_it_too(ndim: int) -> None:
    size, activity = SIZES[ndim], {2: 0.4, 3: 0.25}[ndim]
    process = Disks(activity=activity, radius=RADII, penalty=20.0, overlap=0.5, attraction=0.5, reach=0.3)
    patterns = [process(size, stream(0, i, "attract")) for i in range(250)]

    def test(attraction: float, reach: float) -> np.ndarray:
        def energy(distances: np.ndarray, places: Placement, points: Placement) -> np.ndarray:
            gap = distances - places.radii[:, None] - points.radii
            one, other = np.broadcast_arrays(places.radii[:, None], points.radii)
            found = np.zeros(distances.shape)
            found[gap < 0] = share(distances[gap < 0], one[gap < 0], other[gap < 0], ndim)
            near = attraction * ((gap >= 0) & (gap < reach))
            return np.where(found <= 0.5, 20.0 * found - near, np.inf).sum(axis=1)

        found = []
        for i, pattern in enumerate(patterns):
            rng = stream(1, i, "places")
            places = Placement(rng.random((200, ndim)) * size, RADII.draw(rng, 200))
            found.append(surplus(pattern, places, size, 2.3, activity, energy))
        return np.array(found)

    right = test(0.5, 0.3)
    assert_mean(right[:, 0], 0.0)
    assert_mean(right[:, 1], 0.0)
    for attraction, reach in ((0.0, 0.3), (0.5, 0.6)):
        with pytest.raises(AssertionError):
            assert_mean(test(attraction, reach)[:, 0], 0.0)


def test_without_attraction_the_reach_says_nothing() -> None:
    fields = {"activity": 0.6, "radius": RADII, "penalty": 2.0}
    one, other = (Disks(**fields, **more)(SIZES[2], stream(0, 0, "same")) for more in ({}, {"reach": 3.0}))
    np.testing.assert_array_equal(one.centres, other.centres)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"reach": 0.0}, "attraction needs a reach > 0 µm"),
        ({"overlap": 0.6}, "overlap must be <= 0.5 for disks that attract each other, got 0.6"),
        ({"attraction": 3.0}, r"attraction must be <= 1.3\d* with reach 2 µm.*got 3: the disks might condense"),
        (
            {"attraction": 1.5, "reach": 0.5, "activity": 0.04},
            r"activity must be <= 0.01\d*/µm\^2 .* attraction 1.5, got",
        ),
    ],
)
def test_attraction_without_bounds_is_refused(fields: dict[str, float], message: str) -> None:
    process = Disks(
        **{"activity": 0.01, "radius": 5.0, "penalty": 20.0, "overlap": 0.3, "attraction": 0.5, "reach": 2.0} | fields
    )
    with pytest.raises(ValueError, match=message):
        process((50.0, 50.0), stream(0, 0, "x"))


@pytest.mark.parametrize("ndim", [2, 3])
def test_the_strongest_attraction_lets_the_chain_settle(ndim: int) -> None:
    ball, gain = {2: math.pi, 3: 4 / 3 * math.pi}[ndim], math.log1p(1.5 / (1.25**ndim - 1)) - 0.01
    size = (30.0,) * ndim if ndim == 2 else (12.0,) * ndim
    process = Disks(activity=1 / ball, radius=1.0, penalty=1e4, overlap=0.0, attraction=gain, reach=0.5)
    chains = [process.chain(size, stream(0, i, "settle")) for i in range(12)]
    later = [chain.counts[48:].mean() / chain.counts[32:48].mean() - 1 for chain in chains]
    assert_mean(later, 0.0)
    assert abs(np.mean(later)) < 0.02


@pytest.mark.parametrize("ndim", [2, 3])
def test_no_pair_overlaps_more_than_is_allowed(ndim: int) -> None:
    for most in (0.0, 0.2):
        process = Disks(activity=1.0, radius=RADII, penalty=1.0, overlap=most)
        shares = []
        for i in range(5):
            found = process(SIZES[ndim], stream(0, i, "forbidden"))
            one, other = np.triu_indices(len(found), 1)
            shares.append(share(pdist(found.centres), found.radii[one], found.radii[other], ndim))
        assert np.concatenate(shares).max() <= most + 1e-12
        assert np.concatenate(shares).max() >= 0.9 * most


def test_without_a_penalty_disks_are_poisson_with_radii_of_their_law() -> None:
    process = Disks(activity=0.3, radius=RADII, penalty=0.0)
    found = [process(SIZES[2], stream(0, i, "poisson")) for i in range(400)]
    assert_poisson_count([len(one) for one in found], 0.3 * 14 * 15)
    radii = np.concatenate([one.radii for one in found])
    assert_same_distribution(radii, lambda r: np.clip(2 * (r - 0.5), 0, 1))
    with pytest.raises(AssertionError):
        assert_same_distribution(radii, lambda r: np.clip(2 * (r - 0.48), 0, 1))


def test_small_disks_survive_a_penalty_more_often() -> None:
    found = [Disks(activity=1.0, radius=RADII, penalty=8.0)(SIZES[2], stream(0, i, "small")) for i in range(50)]
    means = [one.radii.mean() for one in found]
    with pytest.raises(AssertionError):
        assert_mean(means, 0.75)
    assert np.mean(means) < 0.74


def test_points_are_as_dense_at_the_edges() -> None:
    patterns = draw_patterns(Disks(activity=0.6, radius=0.8, penalty=5.0), SIZES[2], 400)
    assert_mean(strip_excess(patterns, SIZES[2], 0.8), 0.0)


def test_equal_disks_have_one_radius() -> None:
    found = Disks(activity=0.3, radius=0.7, penalty=1.0)(SIZES[2], stream(0, 0, "equal"))
    assert set(found.radii.tolist()) == {0.7}


def test_what_would_not_settle_is_refused_with_the_limit() -> None:
    limit = 500 / (math.pi * 25)
    with pytest.raises(
        ValueError, match=rf"activity must be <= {limit:.4g}/µm\^2 for disks of radius 5 to 5 µm, got 7"
    ):
        Disks(activity=7.0, radius=5.0, penalty=1.0)((50.0, 50.0), stream(0, 0, "x"))
