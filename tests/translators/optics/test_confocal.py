"""Volumes through a microscope."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cellsim.recipe import Recipe
from cellsim.sample import Sample
from cellsim.seeds import stream
from cellsim.translators.optics.confocal import Confocal
from cellsim.translators.psf.gaussian import Gaussian
from tests.statistics import assert_mean, assert_variance

SPACING = (1.0, 0.5, 0.25)
SHARP = Gaussian(lateral=0)
ROUND = Gaussian(lateral=0.5, axial=1.5)


def stains(shape: tuple[int, ...] = (24, 20, 28), channels: int = 2) -> Sample:
    image = np.random.default_rng(0).random((channels, *shape), dtype=np.float32)
    image.flags.writeable = False
    return Sample(np.zeros((1, *shape), np.uint16), SPACING[-len(shape) :], image)


def flat(n: int, step: float, level: float = 0.0) -> Sample:
    """A plane of one level."""
    return Sample(np.zeros((1, n, n), np.uint16), (step, step), np.full((1, n, n), level, np.float32))


def look(sample: Sample, index: int = 0, **fields: Any) -> np.ndarray:
    image = Confocal(**({"psf": ROUND} | fields))(sample, stream(0, index, "confocal")).image
    assert image is not None
    return image


def far_apart(sample: Sample, **fields: Any) -> np.ndarray:
    """Pixels that have no node of a field in common, if it changes from pixel to pixel."""
    return look(sample, psf=SHARP, **fields)[0, ::4, ::4].ravel()


def test_a_clear_microscope_only_spreads_the_light() -> None:
    sample = stains()
    found = look(sample)
    np.testing.assert_array_equal(found, ROUND(sample.image, SPACING))
    np.testing.assert_allclose(found.sum(axis=(1, 2, 3)), sample.image.sum(axis=(1, 2, 3)), rtol=1e-5)
    np.testing.assert_array_equal(look(sample, psf=SHARP), sample.image)


def test_light_falls_with_depth_as_set() -> None:
    sample = stains((200, 40, 40))
    depth = SPACING[0] * np.arange(200)

    def length(image: np.ndarray) -> float:
        return -1 / np.polyfit(depth[10:-10], np.log(image.mean(axis=(0, 2, 3), dtype=np.float64)[10:-10]), 1)[0]

    assert length(look(sample, attenuation=60.0)) == pytest.approx(60, rel=0.01)
    assert length(look(sample, attenuation=66.0)) != pytest.approx(60, rel=0.01), "a planted fault"
    ratio = look(sample, psf=SHARP, attenuation=60.0) / sample.image
    np.testing.assert_allclose(ratio.mean(axis=(0, 2, 3)), np.exp(-depth / 60), rtol=1e-4)


def test_in_a_plane_there_is_no_depth() -> None:
    sample = stains((20, 28))
    np.testing.assert_array_equal(look(sample, attenuation=0.1), look(sample))


def test_background_is_even_and_not_dimmed() -> None:
    dark = stains().with_image(np.zeros((2, 24, 20, 28), np.float32))
    np.testing.assert_array_equal(look(dark, background=0.1, attenuation=3.0), np.float32(0.1))


def test_autofluorescence_has_its_mean_and_is_uneven() -> None:
    found = far_apart(flat(260, 100.0), autofluorescence=0.2)
    assert_mean(found, 0.2)
    with pytest.raises(AssertionError):
        assert_mean(found, 0.21)
    assert_variance(found, 0.4**2 / 12 * (151 / 315) ** 2)  # (2 m)^2 times that of a lattice


def test_autofluorescence_is_the_same_in_all_channels_and_dimmed_with_depth() -> None:
    dark = stains().with_image(np.zeros((2, 24, 20, 28), np.float32))
    clear, dim = (look(dark, psf=SHARP, autofluorescence=0.2, attenuation=a) for a in (None, 8.0))
    np.testing.assert_array_equal(clear[0], clear[1])
    assert np.ptp(clear) > 0.01
    np.testing.assert_allclose(dim[:, 8], clear[:, 8] / np.e, rtol=1e-5)


def test_illumination_is_a_lognormal_factor() -> None:
    found = far_apart(flat(260, 250.0, 0.5), illumination=0.2) / 0.5
    assert_mean(np.log(found), 0.0)
    assert_variance(np.log(found), 0.2**2)
    with pytest.raises(AssertionError):
        assert_variance(np.log(found), 0.23**2)


def test_a_sample_without_an_image_is_refused() -> None:
    with pytest.raises(ValueError, match="confocal needs an image, got a sample without one"):
        look(Sample(np.zeros((1, 8, 8), np.uint16), (1.0, 1.0)))


def test_a_recipe_names_its_point_spread_function() -> None:
    recipe = Recipe.parse(
        {
            "canvas": {"shape": [8, 24, 24], "spacing": [1, 0.5, 0.5]},
            "generator": {"kind": "packing", "shape": {"kind": "ellipsoid", "radius": 2}, "cover": 0.2},
            "translators": [
                {"kind": "texture", "channel": "nuclei"},
                {"kind": "texture", "channel": "golgi"},
                {"kind": "confocal", "psf": {"kind": "gaussian", "lateral": {"uniform": [0.2, 0.4]}}},
            ],
        }
    )
    assert recipe.channels == ("nuclei", "golgi")
    image = recipe.draw(0).image
    assert image is not None
    assert image.shape == (2, 8, 24, 24)
