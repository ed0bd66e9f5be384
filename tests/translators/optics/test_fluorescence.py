"""Fluorescent objects: light comes from objects, and the background."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cellsim.sample import Sample
from cellsim.seeds import stream
from cellsim.translators.optics.blur import blur
from cellsim.translators.optics.fluorescence import Fluorescence
from tests.statistics import assert_mean, assert_variance

PLAIN = {"variation": 0.0, "texture": 0.0, "psf": 0.0, "haze": 0.0, "background": 0.0, "illumination": 0.0}


def disk(n: int = 40, spacing: tuple[float, float] = (1.0, 1.0)) -> Sample:
    y, x = np.indices((n, n)) - n // 2
    return Sample((np.hypot(y, x) < n / 5).astype(np.uint16)[np.newaxis], spacing)


def render(sample: Sample, index: int = 0, **fields: Any) -> np.ndarray:
    image = Fluorescence(**(PLAIN | fields))(sample, stream(0, index, "fluorescence")).image
    assert image is not None
    return image[0]


def blank(n: int = 1) -> Sample:
    return Sample(np.zeros((1, n, n), np.uint16), (1.0, 1.0))


def test_without_objects_there_is_only_background() -> None:
    everything = {"variation": 0.5, "texture": 0.5, "psf": 1.0, "haze": 0.3}
    assert not render(blank(30), **everything).any()
    np.testing.assert_array_equal(render(blank(30), background=0.04, **everything), np.float32(0.04))


def test_without_spread_objects_have_the_brightness_asked() -> None:
    sample = disk()
    np.testing.assert_allclose(render(sample, brightness=0.7), 0.7 * sample.labels[0], rtol=1e-6)
    np.testing.assert_allclose(render(sample, brightness=0.7, background=0.1), 0.7 * sample.labels[0] + 0.1, rtol=1e-6)


def test_brightness_varies_from_object_to_object() -> None:
    labels = np.arange(3000, dtype=np.uint16).reshape(1, 50, 60)
    levels = np.log(render(Sample(labels, (1.0, 1.0)), brightness=0.5, variation=0.3).ravel()[1:])
    assert_mean(levels, np.log(0.5))
    assert_variance(levels, 0.3**2)
    with pytest.raises(AssertionError):
        assert_variance(levels, 0.36**2)


def test_haze_moves_light_and_makes_none() -> None:
    sample = disk(80)
    sharp, hazy = render(sample), render(sample, psf=1.5, haze=0.4, haze_scale=9.0)
    assert hazy.sum(dtype=np.float64) == pytest.approx(sharp.sum(dtype=np.float64), rel=1e-4)
    expected = 0.6 * blur(sharp, (1.5, 1.5)) + 0.4 * blur(sharp, (9.0, 9.0))
    np.testing.assert_allclose(hazy, expected, atol=1e-6)


def test_widths_are_in_micrometres() -> None:
    sample = disk(spacing=(0.5, 2.0))
    np.testing.assert_allclose(render(sample, psf=2.0), blur(render(sample), (4.0, 1.0)), atol=1e-6)


def test_illumination_is_a_slow_lognormal_factor() -> None:
    found = np.array([render(blank(), i, background=0.5, illumination=0.2)[0, 0] for i in range(3000)]) / 0.5
    assert_mean(np.log(found), 0.0)
    assert_variance(np.log(found), 0.2**2)
    with pytest.raises(AssertionError):
        assert_variance(np.log(found), 0.23**2)
    wide = render(blank(100), background=0.5, illumination=0.2, illumination_scale=400.0)
    assert abs(np.diff(np.log(wide), axis=0)).max() < 0.01


def test_texture_has_its_contrast_and_no_negative_light() -> None:
    one = Sample(np.ones((1, 1, 1), np.uint16), (1.0, 1.0))
    found = np.array([render(one, i, texture=0.2)[0, 0] for i in range(3000)]) / 0.5
    assert_mean(found, 1.0)
    assert_variance(found, 0.2**2)
    assert min(render(one, i, texture=1.0)[0, 0] for i in range(100)) == 0.0


def test_only_the_first_structure_is_stained() -> None:
    labels = np.zeros((2, 8, 8), np.uint16)
    labels[0, 2:4, 2:4], labels[1, 5:7, 5:7] = 1, 1
    image = render(Sample(labels, (1.0, 1.0)))
    np.testing.assert_array_equal(image > 0, labels[0] > 0)


def test_an_image_that_was_there_is_replaced() -> None:
    sample = disk()
    seen = sample.with_image(np.ones((1, *sample.shape), np.float32))
    np.testing.assert_array_equal(render(seen, texture=0.2), render(sample, texture=0.2))
