"""Complete spatial randomness: Poisson counts, uniform and independent positions."""

from __future__ import annotations

import numpy as np
import pytest

from cellsim.generators.points.poisson import Poisson
from cellsim.seeds import stream
from tests.generators.points.patterns import assert_pairs, draw_patterns, pair_densities, strip_excess
from tests.statistics import assert_mean, assert_poisson_count, assert_same_distribution

SIZES = {2: (60.0, 90.0), 3: (20.0, 30.0, 40.0)}


@pytest.mark.parametrize("ndim", [2, 3])
def test_counts_are_poisson(ndim: int) -> None:
    size, points = SIZES[ndim], Poisson(density=0.004)
    counts = [len(points(size, stream(0, i, "poisson")).centres) for i in range(2000)]
    mean = 0.004 * np.prod(size)
    assert_poisson_count(counts, mean)
    with pytest.raises(AssertionError, match="mean count"):
        assert_poisson_count(counts, 1.04 * mean)
    with pytest.raises(AssertionError, match="variance over mean"):
        assert_poisson_count(2 * np.array(counts), 2 * mean)


@pytest.mark.parametrize("ndim", [2, 3])
def test_positions_are_uniform(ndim: int) -> None:
    size, points = SIZES[ndim], Poisson(density=0.004)
    centres = np.concatenate([points(size, stream(1, i, "poisson")).centres for i in range(1000)])
    for at, edge in zip(centres.T, size, strict=True):
        assert_same_distribution(at / edge, lambda u: np.clip(u, 0, 1))
        with pytest.raises(AssertionError):
            assert_same_distribution((at / edge) ** 1.05, lambda u: np.clip(u, 0, 1))


def test_disjoint_quadrats_are_independent() -> None:
    points = Poisson(density=0.004)
    halves = []
    for i in range(2000):
        y = points((60.0, 90.0), stream(2, i, "poisson")).centres[:, 0]
        halves.append([(y < 30).sum(), (y >= 30).sum()])
    one, other = np.transpose(halves)
    product = (one - one.mean()) * (other - other.mean())
    assert_mean(product, 0.0)
    with pytest.raises(AssertionError):
        assert_mean(product + 0.15 * one.var(), 0.0)


def test_a_sparse_process_may_draw_nothing() -> None:
    drawn = Poisson(density=1e-9)((10.0, 10.0), stream(0, 0, "poisson"))
    assert drawn.centres.shape == (0, 2)


@pytest.mark.parametrize("ndim", [2, 3])
def test_ripleys_function_is_the_volume_of_a_ball(ndim: int) -> None:
    """Ordered pairs within r, over the density squared."""
    size, r = SIZES[ndim], 6.0
    patterns = draw_patterns(Poisson(density=0.004), size, 1500)
    ball = {2: np.pi * r**2, 3: 4 / 3 * np.pi * r**3}[ndim]
    assert_mean(pair_densities(patterns, size, [0.0, r])[:, 0] / 0.004**2, ball)
    assert_pairs(patterns, size, [0.0, 2.0, 4.0, 6.0, 12.0], lambda r: 0.004**2)
    assert_mean(strip_excess(patterns, size, 4.0), 0.0)
    with pytest.raises(AssertionError):
        assert_pairs(patterns, size, [0.0, 2.0, 4.0, 6.0, 12.0], lambda r: 0.0043**2)
