"""Reflectance confocal microscopy: levels, factors of mean one, widths."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cellsim.masks.boundaries import boundaries
from cellsim.sample import Sample
from cellsim.seeds import stream
from cellsim.translators.optics.blur import blur
from cellsim.translators.optics.rcm import ReflectanceConfocal
from tests.statistics import assert_mean, assert_variance

PLAIN = {"psf": 0.0, "cell_variation": 0.0, "heterogeneity": 0.0, "speckle": 0.0}


def two_cells() -> Sample:
    labels = np.zeros((1, 20, 24), np.uint16)
    labels[0, 4:16, 3:12], labels[0, 4:16, 12:20] = 1, 2
    return Sample(labels, (0.5, 1.0))


def render(sample: Sample, index: int = 0, **fields: Any) -> np.ndarray:
    image = ReflectanceConfocal(**(PLAIN | fields))(sample, stream(0, index, "rcm")).image
    assert image is not None
    return image[0]


def test_without_noise_the_levels_are_the_parameters() -> None:
    sample = two_cells()
    image = render(sample, groove=0.1, cytoplasm=0.25, membrane=0.5, membrane_width=1.5)  # two mean pixels
    labels = sample.labels[0]
    border = boundaries(labels)
    np.testing.assert_array_equal(image[border], np.float32(0.75))
    np.testing.assert_array_equal(image[~border & (labels == 0)], np.float32(0.1))
    np.testing.assert_array_equal(image[~border & (labels > 0)], np.float32(0.25))


@pytest.mark.parametrize("spacing", [0.25, 0.5, 2.0])
def test_a_membrane_adds_as_much_light_whatever_the_size_of_pixels(spacing: float) -> None:
    labels = np.full((1, 1, 12), 1, np.uint16)
    labels[..., 6:] = 2
    image = render(Sample(labels, (spacing, spacing)), cytoplasm=0.2, membrane=0.4, membrane_width=0.8)
    assert (image - 0.2).sum() * spacing == pytest.approx(0.4 * 0.8, rel=1e-5)


def test_the_point_spread_function_is_in_micrometres() -> None:
    sharp = render(two_cells())
    np.testing.assert_array_equal(render(two_cells(), psf=1.5), blur(sharp, (3.0, 1.5)))


def factors(n: int = 4000, **fields: Any) -> np.ndarray:
    """What pixels that are far apart, or of other samples, are multiplied by."""
    groove = Sample(np.zeros((1, 1, 1), np.uint16), (1.0, 1.0))
    return np.array([render(groove, i, groove=0.5, **fields)[0, 0] / 0.5 for i in range(n)])


@pytest.mark.parametrize(("field", "spread"), [("speckle", 0.3), ("speckle", 1.0), ("heterogeneity", 0.35)])
def test_speckle_and_heterogeneity_are_factors_of_mean_one(field: str, spread: float) -> None:
    found = factors(**{field: spread})
    assert_mean(found, 1.0)
    if field == "speckle":  # its contrast is sd over mean
        assert_variance(found, spread**2)
    else:  # its spread is that of the logarithm
        assert_variance(np.log(found), spread**2)
        assert_mean(np.log(found), -(spread**2) / 2)
    with pytest.raises(AssertionError):
        assert_mean(found, 1.0 + 0.15 * spread)


def test_both_together_are_of_mean_one() -> None:
    found = factors(speckle=0.4, heterogeneity=0.3)
    assert_mean(found, 1.0)
    assert_variance(np.log(found), np.log1p(0.4**2) + 0.3**2)


def test_cells_differ_in_brightness_by_a_lognormal_factor() -> None:
    labels = np.zeros((1, 6, 3 * 2000), np.uint16)
    for i in range(2000):
        labels[0, :, 3 * i : 3 * i + 3] = i + 1
    middles = render(Sample(labels, (1.0, 1.0)), cytoplasm=0.2, cell_variation=0.25)[3, 1::3]
    assert_mean(np.log(middles), np.log(0.2))
    assert_variance(np.log(middles), 0.25**2)
    with pytest.raises(AssertionError):
        assert_variance(np.log(middles), 0.3**2)


def test_speckle_has_the_size_of_the_point_spread_function() -> None:
    sample = Sample(np.zeros((1, 200, 200), np.uint16), (1.0, 1.0))
    narrow, wide = (np.log(render(sample, groove=0.5, speckle=0.3, psf=psf)) for psf in (1.0, 4.0))
    near, far = ((f[:, 4:] * f[:, :-4]).mean() / (f**2).mean() for f in (narrow - narrow.mean(), wide - wide.mean()))
    assert near == pytest.approx(np.exp(-((4 / 1.0) ** 2) / 4), abs=0.05)  # a field made with a kernel of sd s
    assert far == pytest.approx(np.exp(-((4 / 4.0) ** 2) / 4), abs=0.06)
