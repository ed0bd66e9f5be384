"""The camera: mean and variance in closed form."""

from __future__ import annotations

import numpy as np
import pytest

from cellsim.sample import Sample
from cellsim.seeds import stream
from cellsim.translators.optics.detector import Detector
from tests.statistics import assert_mean, assert_variance


def exposed(detector: Detector, intensity: float, n: int = 300, index: int = 0) -> np.ndarray:
    labels = np.zeros((1, n, n), np.uint16)
    sample = Sample(labels, (1.0, 1.0), np.full((1, n, n), intensity, np.float32))
    image = detector(sample, stream(0, index, "detector")).image
    assert image is not None
    assert image.dtype == np.float32
    return image.ravel()


@pytest.mark.parametrize("intensity", [0.2, 0.6])
@pytest.mark.parametrize(("photons", "read_noise", "offset"), [(100, 0.0, 0.0), (100, 5.0, 0.05), (1000, 20.0, 0.02)])
def test_mean_and_variance_are_as_computed(intensity: float, photons: float, read_noise: float, offset: float) -> None:
    image = exposed(Detector(photons=photons, read_noise=read_noise, offset=offset), intensity)
    variance = intensity / photons + (read_noise / photons) ** 2
    assert_mean(image, intensity + offset)
    assert_variance(image, variance)
    with pytest.raises(AssertionError):
        assert_mean(image, 1.01 * (intensity + offset))
    with pytest.raises(AssertionError):
        assert_variance(image, 1.05 * variance)


def test_without_read_noise_grey_levels_are_whole_photons() -> None:
    counts = exposed(Detector(photons=50), 0.3) * 50
    np.testing.assert_allclose(counts, np.round(counts), atol=1e-4)


def test_intensities_are_cut_to_full_scale() -> None:
    image = exposed(Detector(photons=20, read_noise=10.0), 0.5)
    assert image.min() == 0.0
    assert image.max() == 1.0


def test_without_light_only_offset_and_read_noise_are_left() -> None:
    assert (exposed(Detector(photons=100, offset=0.1), 0.0) == np.float32(0.1)).all()
    dark = exposed(Detector(photons=100, offset=0.5, read_noise=4.0), 0.0)
    assert_mean(dark, 0.5)
    assert_variance(dark, 0.04**2)


@pytest.mark.parametrize("gain", [0.25, 2.0])
def test_gain_is_the_signal_of_intensity_one(gain: float) -> None:
    image = exposed(Detector(photons=400, gain=gain, read_noise=3.0, offset=0.02), 0.3)
    variance = gain**2 * (0.3 / 400 + (3 / 400) ** 2)
    assert_mean(image, 0.3 * gain + 0.02)
    assert_variance(image, variance)
    with pytest.raises(AssertionError):
        assert_variance(image, 1.06 * variance)


@pytest.mark.parametrize("excess", [1.3, 2.0])
@pytest.mark.parametrize("intensity", [0.004, 0.3])
def test_excess_noise_multiplies_the_variance_of_photons_alone(excess: float, intensity: float) -> None:
    image = exposed(Detector(photons=1000, excess_noise=excess, read_noise=2.0, offset=0.01), intensity)
    variance = excess * intensity / 1000 + (2 / 1000) ** 2
    assert_mean(image, intensity + 0.01)
    assert_variance(image, variance)
    with pytest.raises(AssertionError):
        assert_variance(image, 1.1 * variance)


def test_no_photon_is_multiplied_to_none() -> None:
    assert not exposed(Detector(photons=100, excess_noise=2.0), 0.0).any()


@pytest.mark.parametrize(("share", "level"), [(0.01, 1.0), (0.2, 0.3)])
def test_hot_pixels_have_their_share_and_level(share: float, level: float) -> None:
    image = exposed(Detector(photons=1e6, hot_pixels=share, hot_level=level), 0.1, n=500)
    hot = image > 0.1 + level / 2
    assert_mean(hot, share)
    np.testing.assert_allclose(image[hot], min(0.1 + level, 1), atol=0.003)
    np.testing.assert_allclose(image[~hot], 0.1, atol=0.003)
    with pytest.raises(AssertionError):
        assert_mean(hot, 1.2 * share)
    assert (hot != (exposed(Detector(photons=1e6, hot_pixels=share, hot_level=level), 0.1, 500, 1) > 0.2)).any()


def test_all_pixels_may_be_hot_or_none() -> None:
    np.testing.assert_allclose(exposed(Detector(photons=1e6, hot_pixels=1.0, hot_level=0.5), 0.2), 0.7, atol=0.005)
    np.testing.assert_allclose(exposed(Detector(photons=1e6, hot_pixels=0.0, hot_level=0.5), 0.2), 0.2, atol=0.005)


@pytest.mark.parametrize("bits", [1, 4, 8, 12, 16])
def test_grey_levels_have_their_depth(bits: int) -> None:
    image = exposed(Detector(photons=100, read_noise=40.0, bits=bits), 0.5)
    levels = image.astype(np.float64) * (2**bits - 1)
    np.testing.assert_allclose(levels, np.round(levels), atol=0.005)
    assert (image.min(), image.max()) == (0, 1)
    assert len(np.unique(np.round(levels))) <= 2**bits


def test_quantisation_adds_a_twelfth_of_a_squared_level() -> None:
    """Levels are as wide as the noise, where the twelfth holds to a millionth."""
    fields = {"photons": 1e5, "read_noise": 1e5 / 31}
    image = exposed(Detector(**fields, bits=5), 0.5, n=500)
    variance = 0.5 / 1e5 + 1 / 31**2
    assert_mean(image, 0.5)
    assert_variance(image, variance + 1 / 31**2 / 12)
    with pytest.raises(AssertionError):
        assert_variance(image, variance)


def test_depth_is_a_whole_number_of_bits() -> None:
    with pytest.raises(ValueError, match="bits"):
        Detector(photons=10, bits=8.5)
    with pytest.raises(ValueError, match="must be <= 16 bits, got 17"):
        Detector(photons=10, bits=17)


def test_a_sample_without_an_image_is_refused() -> None:
    blank = Sample(np.zeros((1, 3, 3), np.uint16), (1.0, 1.0))
    with pytest.raises(ValueError, match="a detector needs an image, got a sample without one: put a renderer before"):
        Detector(photons=10)(blank, stream(0, 0, "x"))


def test_a_volume_of_16_bits_has_their_levels() -> None:
    image = np.random.default_rng(0).random((2, 12, 60, 60), dtype=np.float32)
    sample = Sample(np.zeros((1, 12, 60, 60), np.uint16), (2.0, 0.5, 0.5), image)
    fine, levels = (Detector(photons=1e6, bits=bits)(sample, stream(0, 0, "detector")).image for bits in (None, 16))
    assert fine is not None
    assert levels is not None
    assert levels.shape == image.shape
    whole = levels.astype(np.float64) * 65535
    np.testing.assert_allclose(whole, np.round(whole), atol=0.01)
    assert abs(levels - fine).max() <= 0.51 / 65535
    assert len(np.unique(levels)) > 30_000
    assert len(np.unique(np.round(whole) // 256)) == 256, "a planted fault: eight bits would be as good"
