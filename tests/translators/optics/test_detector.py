"""The camera: mean and variance in closed form."""

from __future__ import annotations

import numpy as np
import pytest

from cellsim.sample import Sample
from cellsim.seeds import stream
from cellsim.translators.optics.detector import Detector
from tests.statistics import assert_mean, assert_variance


def exposed(detector: Detector, intensity: float, n: int = 300) -> np.ndarray:
    labels = np.zeros((1, n, n), np.uint16)
    sample = Sample(labels, (1.0, 1.0), np.full((1, n, n), intensity, np.float32))
    image = detector(sample, stream(0, 0, "detector")).image
    assert image is not None
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


def test_a_sample_without_an_image_is_refused() -> None:
    blank = Sample(np.zeros((1, 3, 3), np.uint16), (1.0, 1.0))
    with pytest.raises(ValueError, match="a detector needs an image, got a sample without one: put a renderer before"):
        Detector(photons=10)(blank, stream(0, 0, "x"))
