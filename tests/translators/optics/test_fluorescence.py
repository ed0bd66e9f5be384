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


def blank(n: int = 1, step: float = 1.0) -> Sample:
    return Sample(np.zeros((1, n, n), np.uint16), (step, step))


def far_apart(sample: Sample, **fields: Any) -> np.ndarray:
    """Pixels that have no node of a field in common, if it changes from pixel to pixel."""
    return render(sample, **fields)[::4, ::4].ravel()


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


@pytest.mark.parametrize("spacing", [(1.0, 1.0), (0.5, 2.0)])
def test_optics_lose_no_light(spacing: tuple[float, float]) -> None:
    sample = disk(60, spacing)
    light = render(sample).sum(dtype=np.float64)
    seen = render(sample, psf=3.0, haze=0.5, haze_scale=40.0).sum(dtype=np.float64)
    assert seen == pytest.approx(light, rel=1e-5)


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
    found = far_apart(blank(260, 250.0), background=0.5, illumination=0.2) / 0.5
    assert_mean(np.log(found), 0.0)
    assert_variance(np.log(found), 0.2**2)
    with pytest.raises(AssertionError):
        assert_variance(np.log(found), 0.23**2)
    wide = render(blank(100), background=0.5, illumination=0.2, illumination_scale=400.0)
    assert abs(np.diff(np.log(wide), axis=0)).max() < 0.01


def test_texture_has_its_contrast_and_no_negative_light() -> None:
    one = Sample(np.ones((1, 260, 260), np.uint16), (4.0, 4.0))
    found = far_apart(one, texture=0.2) / 0.5
    assert_mean(found, 1.0)
    assert_variance(found, 0.2**2)
    assert render(one, texture=1.0).min() == 0.0


def test_objects_of_all_planes_are_stained() -> None:
    labels = np.zeros((2, 8, 8), np.uint16)
    labels[0, 1:5, 2:4], labels[1, 4:7, 2:4] = 1, 2
    image = render(Sample(labels, (1.0, 1.0)), variation=0.8)
    np.testing.assert_array_equal(image > 0, labels.any(axis=0))
    np.testing.assert_allclose(image[4, 2], (image[1, 2] + image[6, 2]) / 2, rtol=1e-6)  # where they overlap
    assert image[1, 2] != image[6, 2]


def test_an_image_of_one_channel_is_the_stain() -> None:
    stain = np.random.default_rng(0).random((1, 40, 40), dtype=np.float32)
    stain.flags.writeable = False
    sample = disk().with_image(stain)
    np.testing.assert_array_equal(render(sample), stain[0])
    np.testing.assert_array_equal(render(sample, psf=2.0, texture=0.5, variation=1.0), blur(stain[0], (2.0, 2.0)))
    np.testing.assert_allclose(render(sample, background=0.1), stain[0] + 0.1, rtol=1e-6)


def test_an_image_of_several_channels_is_refused() -> None:
    sample = disk().with_image(np.zeros((3, 40, 40), np.float32))
    with pytest.raises(ValueError, match="takes an image of one channel as the stain, got 3 channels"):
        render(sample)


def point(spacing: tuple[float, float, float]) -> Sample:
    """A point of light in the middle of a volume."""
    image = np.zeros((1, 31, 31, 31), np.float32)
    image[0, 15, 15, 15] = 1
    return Sample(np.zeros(image.shape, np.uint16), spacing, image)


@pytest.mark.parametrize("axial", [None, 3.0])
def test_a_point_has_the_width_of_the_psf_along_each_axis(axial: float | None) -> None:
    spacing = (1.0, 0.5, 0.75)
    image = render(point(spacing), psf=1.2, psf_axial=axial).astype(np.float64)
    assert image.sum() == pytest.approx(1, rel=1e-5)
    for axis, width in enumerate((1.2 if axial is None else axial, 1.2, 1.2)):
        x = (np.arange(31) - 15) * spacing[axis]
        profile = image.sum(axis=tuple(a for a in range(3) if a != axis))
        assert np.sqrt((profile * x**2).sum()) == pytest.approx(width, rel=0.02)


def test_in_2d_there_is_no_axial_width() -> None:
    np.testing.assert_array_equal(render(disk(), psf=1.5, psf_axial=7.0), render(disk(), psf=1.5))


def test_autofluorescence_has_its_mean_and_is_uneven() -> None:
    found = far_apart(blank(260, 100.0), autofluorescence=0.2)
    assert_mean(found, 0.2)
    with pytest.raises(AssertionError):
        assert_mean(found, 0.21)
    one, two = (far_apart(blank(260, step), autofluorescence=0.2, autofluorescence_scale=1.5) for step in (1.0, 0.4))
    assert_variance(one, 0.4**2 / 12 * (151 / 315) ** 2)  # (2 m)^2 times that of a lattice
    assert_variance(two, 0.4**2 / 12 * (151 / 315) ** 2 / 2)  # of the mean of two
    wide = render(blank(200), autofluorescence=0.2, autofluorescence_scale=100.0)
    assert abs(np.diff(wide)).max() < 0.01
    assert np.ptp(wide) > 0.03
