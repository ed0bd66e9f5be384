"""Haar wavelets: energies, kurtosis, correlation, divergence and curl."""

from __future__ import annotations

import numpy as np
import pytest

from cellsim.evaluate.features.wavelets import (
    LEAST,
    LEVELS,
    correlation,
    energy,
    haar,
    log_kurtosis,
    scalar_statistics,
    vector_statistics,
    whole_blocks,
)

RNG = np.random.default_rng(2)


def test_energy_is_kept() -> None:
    plane = RNG.standard_normal((64, 96))
    assert energy(plane) == pytest.approx(sum(energy(part) for part in haar(plane)))


def test_details_point_where_the_plane_changes() -> None:
    y, x = np.mgrid[:32, :32].astype(float)
    level = haar(y)
    assert level.down == pytest.approx(0.5)
    assert level.across == pytest.approx(0)
    assert haar(x).across == pytest.approx(0.5)
    assert haar((y % 2) * (x % 2)).diagonal == pytest.approx(0.25)


def test_noise_is_normal_and_its_scales_are_independent() -> None:
    plane = RNG.standard_normal((512, 512))
    assert log_kurtosis(haar(plane).down) == pytest.approx(np.log(3), abs=0.03)
    found = scalar_statistics(plane)
    assert found[0] == pytest.approx(np.log(1 / 4), abs=0.02)  # details of noise of variance 1
    assert found[2] == pytest.approx(0, abs=0.05)
    assert found[8] == pytest.approx(0, abs=0.05)  # the correlation of the first two scales


def test_correlation_is_pearsons() -> None:
    x = RNG.standard_normal((20, 20))
    y = 0.5 * x + RNG.standard_normal((20, 20))
    assert correlation(x, y) == pytest.approx(np.corrcoef(x.ravel(), y.ravel())[0, 1])
    assert correlation(x, np.ones_like(x)) == 0


def test_a_source_has_divergence_and_a_vortex_curl() -> None:
    y, x = np.mgrid[:64, :64] - 31.5
    r = np.hypot(y, x)
    source, vortex = vector_statistics(y / r, x / r), vector_statistics(x / r, -y / r)
    per_level = len(source) // LEVELS
    for level in range(1, LEVELS - 1):
        divergence, curl = level * per_level, level * per_level + 2
        assert source[divergence] > source[curl] + 2
        assert source[divergence] == pytest.approx(vortex[curl])
        assert vortex[divergence] < np.log(2 * LEAST) or vortex[curl] > vortex[divergence] + 2


@pytest.mark.parametrize(("shape", "expected"), [((64, 32), (64, 32)), ((95, 40), (64, 32)), ((20, 31), (32, 32))])
def test_sides_become_whole_blocks(shape: tuple[int, int], expected: tuple[int, int]) -> None:
    assert whole_blocks(np.zeros((3, *shape))).shape == (3, *expected)


def test_the_middle_is_kept() -> None:
    plane = np.arange(34.0)[:, np.newaxis] * np.ones(32)
    np.testing.assert_array_equal(whole_blocks(plane)[:, 0], np.arange(1.0, 33))
