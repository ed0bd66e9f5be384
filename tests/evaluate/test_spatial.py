"""Where objects stand: against what is known of independent points."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from cellsim.evaluate.spatial import nearest_neighbours, pair_correlation, ripley_k
from tests.statistics import assert_mean

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
