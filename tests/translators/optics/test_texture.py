"""Painted objects: levels, textures, planes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.interpolate import BSpline

from cellsim.errors import RecipeError
from cellsim.recipe import Recipe
from cellsim.sample import Sample
from cellsim.seeds import stream
from cellsim.translators.optics.fluorescence import Fluorescence
from cellsim.translators.optics.texture import Texture
from cellsim.translators.optics.value_noise import Octaves, object_noise
from tests.statistics import assert_mean, assert_variance


def strips(n: int = 1500, shape: tuple[int, ...] = (6, 6)) -> Sample:
    """Many objects, each a block beside the next."""
    labels = np.arange(1, n + 1, dtype=np.uint16).repeat(shape[-1])
    return Sample(np.ascontiguousarray(np.broadcast_to(labels, (1, *shape[:-1], labels.size))), (1.0,) * len(shape))


def paint(sample: Sample, index: int = 0, **fields: Any) -> np.ndarray:
    image = Texture(**fields)(sample, stream(0, index, "texture")).image
    assert image is not None
    assert len(image) == 1
    return image[0]


def by_object(image: np.ndarray, sample: Sample) -> np.ndarray:
    """The pixels of every object of `strips`, a row each."""
    width = sample.shape[-1] // sample.count
    return np.moveaxis(image.reshape(*sample.shape[:-1], sample.count, width), -2, 0).reshape(sample.count, -1)


@pytest.mark.parametrize("shape", [(6, 6), (3, 5, 6)])
def test_an_object_runs_from_its_bias_to_its_brightness(shape: tuple[int, ...]) -> None:
    sample = strips(shape=shape)
    pixels = by_object(paint(sample, brightness=0.5, variation=0.3, bias=0.2), sample)
    levels = pixels.max(axis=1)
    assert_mean(np.log(levels), np.log(0.5))
    assert_variance(np.log(levels), 0.3**2)
    with pytest.raises(AssertionError):
        assert_variance(np.log(levels), 0.36**2)
    np.testing.assert_allclose(pixels.min(axis=1), 0.2 * levels, rtol=1e-5)


@pytest.mark.parametrize("bias", [0.0, 0.3])
def test_the_mean_lies_halfway_between_bias_and_brightness(bias: float) -> None:
    sample = strips()
    pixels = by_object(paint(sample, brightness=0.8, variation=0.0, bias=bias), sample)
    for pixel in (0, 14, -1):
        assert_mean(pixels[:, pixel], 0.8 * (1 + bias) / 2)
        with pytest.raises(AssertionError):
            assert_mean(pixels[:, pixel], 0.8 * (1.1 + bias) / 2)


def test_with_full_bias_objects_are_flat() -> None:
    sample = strips(5)
    np.testing.assert_allclose(paint(sample, brightness=0.6, variation=0.0, bias=1.0), 0.6, rtol=1e-6)


def test_background_is_painted_where_there_is_no_object() -> None:
    labels = np.zeros((2, 8, 8), np.uint16)
    labels[0, 2:6, 2:6], labels[1, 1:3, 1:3] = 1, 2
    image = paint(Sample(labels, (1.0, 1.0)), background=0.07, bias=0.5)
    outside = ~labels.any(axis=0)
    np.testing.assert_array_equal(image[outside], np.float32(0.07))
    assert (image[~outside] > 0.07).all()


def test_where_objects_overlap_their_mean_is_painted() -> None:
    labels = np.zeros((2, 8, 8), np.uint16)
    labels[0, :, :5], labels[1, :, 3:] = 1, 2
    image = paint(Sample(labels, (1.0, 1.0)), brightness=0.5, variation=0.8, bias=1.0)
    np.testing.assert_allclose(image[:, 3:5], (image[0, 0] + image[0, 7]) / 2, rtol=1e-6)
    assert image[0, 0] != image[0, 7]


def test_texture_does_not_depend_on_where_the_object_stands() -> None:
    here, there = (np.zeros((1, 20, 30), np.uint16) for _ in range(2))
    here[0, 2:12, 3:14], there[0, 9:19, 18:29] = 1, 1
    one, other = (paint(Sample(labels, (1.0, 1.0))) for labels in (here, there))
    np.testing.assert_array_equal(one[2:12, 3:14], other[9:19, 18:29])


def test_fluorescence_sees_the_texture_through_the_microscope() -> None:
    """The steps of a recipe: what was painted is blurred, not painted anew."""
    values = {
        "canvas": {"shape": [40, 40], "spacing": [1.0, 1.0]},
        "generator": {"kind": "packing", "shape": {"kind": "ellipsoid", "radius": 5}, "cover": 0.2},
        "translators": [{"kind": "texture"}],
    }
    stained = Recipe.parse(values).draw(3)
    optics = {"kind": "fluorescence", "psf": 1.5, "haze": 0, "background": 0, "illumination": 0}
    recipe = Recipe.parse(values | {"translators": [{"kind": "texture"}, optics]})
    plain = Fluorescence(psf=0.0, haze=0.0, background=0.0, illumination=0.0)
    np.testing.assert_array_equal(plain(stained, stream(0, 0, "x")).image, stained.image)
    seen = recipe.draw(3).image
    assert stained.image is not None
    assert seen is not None
    assert seen.sum(dtype=np.float64) == pytest.approx(stained.image.sum(dtype=np.float64), rel=1e-5)
    assert seen.std() < stained.image.std()
    assert recipe.channels == ("fluorescence",)


def structured() -> Sample:
    """Two cells with nuclei, a plane each and a plane of what is seen."""
    planes = np.zeros((3, 8, 20), np.uint16)
    planes[0, 1:7, 1:8], planes[0, 1:7, 11:18], planes[1, 3:5, 3:6], planes[1, 3:5, 13:16] = 1, 2, 1, 2
    planes[2] = planes[1]
    return Sample(planes, (1.0, 1.0), structures=("cytoplasm-1", "nuclei-1", "nuclei-visible"))


def test_a_structure_is_painted_alone_in_a_channel_of_its_own() -> None:
    sample = structured()
    once = Texture(structure="cytoplasm", channel="cytoplasm")(sample, stream(0, 0, "texture"))
    twice = Texture(structure="nuclei", channel="nuclei")(once, stream(0, 1, "texture"))
    assert once.image is not None
    assert twice.image is not None
    assert twice.image.shape == (2, 8, 20)
    np.testing.assert_array_equal(twice.image[0], once.image[0])
    np.testing.assert_array_equal(twice.image[0] > 0, sample.labels[0] > 0)
    np.testing.assert_array_equal(twice.image[1] > 0, sample.labels[1] > 0)
    with pytest.raises(ValueError, match="no label plane of the structure 'golgi'"):
        Texture(structure="golgi")(sample, stream(0, 0, "texture"))


def test_planes_of_what_is_seen_are_not_painted_twice() -> None:
    sample = structured()
    bare = Sample(sample.labels[:2], sample.spacing, structures=sample.structures[:2])
    for index in range(3):
        np.testing.assert_array_equal(paint(sample, index), paint(bare, index))


def test_channels_are_named_in_the_order_of_painting() -> None:
    steps = [{"kind": "texture", "channel": "red"}, {"kind": "texture", "channel": "blue"}, {"kind": "wide-field"}]
    recipe = {
        "canvas": {"shape": [32, 32], "spacing": [1, 1]},
        "generator": {"kind": "packing", "cover": 0.2, "shape": {"kind": "ellipsoid", "radius": 3}},
        "translators": steps,
    }
    loaded = Recipe.parse(recipe)
    assert loaded.channels == ("red", "blue")
    image = loaded.draw(0).image
    assert image is not None
    assert len(image) == 2
    with pytest.raises(RecipeError, match="two channels are called 'red': give one of them another `channel`"):
        Recipe.parse(recipe | {"translators": [*steps, {"kind": "texture", "channel": "red"}]})


def expected_power(cells: int, n: int) -> np.ndarray:
    """Mean periodogram along a row of a lattice of `cells` in `n` pixels, from its covariance, up to a factor."""
    lags = np.arange(n)
    spline = BSpline.basis_element(np.arange(-4, 5), extrapolate=False)
    covariance = np.nan_to_num(spline(lags * cells / n)) * (n - lags)
    power = 2 * np.cos(2 * np.pi * np.outer(np.arange(n // 2), lags) / n) @ covariance - covariance[0]
    return np.asarray(power)


def test_the_spectrum_of_a_texture_is_that_of_its_lattices() -> None:
    n, labels = 64, np.ones((1, 64, 64), np.uint16)
    for first, persistence in ((2, 0.5), (2, 1.0), (3, 0.5)):
        drawn = [
            object_noise(labels, Octaves(first, 3, persistence), stream(0, i, "spectrum"))[0, ::8] for i in range(200)
        ]
        power = np.mean([abs(np.fft.rfft(d, axis=1)[:, : n // 2]) ** 2 for d in drawn], axis=(0, 1))
        # along the other axis every lattice has the variance of its spline at a node's distance, alike for all
        expected = sum(persistence ** (2 * k) * expected_power(2 ** (first + k), n) for k in range(3))
        ratio = power[1:25] / np.asarray(expected)[1:25]
        np.testing.assert_allclose(ratio / ratio[:8].mean(), 1, atol=0.25)
        other = sum((1.5 * persistence) ** (2 * k) * expected_power(2 ** (first + k), n) for k in range(3))
        wrong = power[1:25] / np.asarray(other)[1:25]
        assert abs(wrong / wrong[:8].mean() - 1).max() > 0.25, "a planted fault"
