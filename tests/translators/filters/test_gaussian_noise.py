"""Noise of one variance: its moments, and where it is cut."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from cellsim.seeds import stream
from cellsim.translators.filters.gaussian_noise import GaussianNoise
from tests.statistics import assert_mean, assert_same_distribution, assert_variance
from tests.translators.filters.samples import blank, filtered


@pytest.mark.parametrize("variance", [0.0001, 0.004])
def test_mean_and_variance_are_as_asked(variance: float) -> None:
    noisy = filtered(GaussianNoise(variance=variance), np.full((300, 300), 0.5))
    assert_mean(noisy, 0.5)
    assert_variance(noisy, variance)
    with pytest.raises(AssertionError):
        assert_variance(noisy, 1.05 * variance)


def test_the_noise_is_normal_at_any_intensity() -> None:
    image = np.random.default_rng(0).uniform(0.4, 0.6, (2, 100, 100))
    noise = (filtered(GaussianNoise(variance=0.0025), image) - image).ravel() / 0.05
    assert_same_distribution(noise, stats.norm.cdf)
    with pytest.raises(AssertionError):
        assert_same_distribution(noise, stats.norm(scale=1.1).cdf)


def test_channels_and_planes_have_noise_of_their_own() -> None:
    noisy = filtered(GaussianNoise(variance=0.01), np.full((2, 3, 40, 40), 0.5), (2.0, 1.0, 1.0)).reshape(6, -1)
    correlation = np.corrcoef(noisy) - np.eye(6)
    assert abs(correlation).max() < 0.12  # 5 sd


def test_what_leaves_full_scale_is_cut() -> None:
    dark = filtered(GaussianNoise(variance=0.01), np.zeros((300, 300)))
    assert dark.min() == 0
    assert_mean(dark == 0, 0.5)
    assert_mean(dark, 0.1 / np.sqrt(2 * np.pi))
    assert filtered(GaussianNoise(variance=0.01), np.ones((50, 50))).max() == 1


def test_no_variance_leaves_the_image() -> None:
    image = np.random.default_rng(0).random((5, 7), np.float32)
    np.testing.assert_array_equal(filtered(GaussianNoise(variance=0), image), image)


def test_a_negative_variance_is_refused() -> None:
    with pytest.raises(ValueError, match=r"must be >= 0, got -0\.1"):
        GaussianNoise(variance=-0.1)


def test_a_sample_without_an_image_is_refused() -> None:
    with pytest.raises(ValueError, match="gaussian-noise needs an image"):
        GaussianNoise(variance=0.01)(blank(), stream(0, 0, "x"))
