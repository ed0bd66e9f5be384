"""Clusters from their K function."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from cellsim.evaluate.spatial import ripley_k
from cellsim.fitting.clusters import cluster_k, minimum_contrast
from cellsim.generators.points.clusters import Clusters
from cellsim.seeds import stream
from tests.statistics import assert_mean

BOX = (200.0, 200.0)
RADII = np.linspace(2, 60, 16)


def curve(process: Clusters, seed: int) -> NDArray[np.float64]:
    """K of points in the whole box, whose shape they fill: the mean of a few patterns."""
    return ripley_k(process(BOX, stream(0, seed, "k")).centres, BOX, RADII)


@pytest.mark.parametrize("together", [0.0, 0.1, 0.5])
@pytest.mark.parametrize("spread", [8.0, 20.0])
def test_the_contrast_to_a_theoretical_curve_is_least_at_its_parameters(together: float, spread: float) -> None:
    apart, near = cluster_k(RADII, spread, 40_000.0)
    found, width = minimum_contrast(RADII, (1 - together) * apart + together * near, 40_000.0)
    assert found == pytest.approx(together, abs=0.03)
    if together:
        assert width == pytest.approx(spread, rel=0.1)


def test_clusters_have_the_theoretical_curve() -> None:
    process = Clusters(points=60, clusters=5, clustered=0.5, spread=5)
    apart, near = (part[3] for part in cluster_k(RADII, 5, 40_000.0))
    q = 0.25 / 5
    found = [curve(process, seed)[3] for seed in range(200)]
    assert_mean(found, (1 - q) * apart + q * near, alpha=1e-4)
    with pytest.raises(AssertionError):
        assert_mean(found, apart, alpha=1e-4)


def test_clusters_are_found_in_patterns() -> None:
    process = Clusters(points=60, clusters=4, clustered=0.8, spread=10)
    k = np.mean([curve(process, seed) for seed in range(60)], axis=0)
    together, spread = minimum_contrast(RADII, k, 40_000.0)
    assert together == pytest.approx(0.16, abs=0.04)
    assert spread == pytest.approx(10, rel=0.25)


def test_independent_points_have_none() -> None:
    process = Clusters(points=60, clusters=1, clustered=0, spread=10)
    k = np.mean([curve(process, seed) for seed in range(60)], axis=0)
    assert minimum_contrast(RADII, k, 40_000.0)[0] < 0.02
