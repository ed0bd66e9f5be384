"""Painted objects: levels, textures, planes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cellsim.recipe import Recipe
from cellsim.sample import Sample
from cellsim.seeds import stream
from cellsim.translators.optics.fluorescence import Fluorescence
from cellsim.translators.optics.texture import Texture
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
