"""Bright lines: closed-form responses, every direction alike, and the same as convolution."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import ndimage, signal, stats

from cellsim.masks.boundaries import boundaries
from cellsim.recipe import Recipe
from cellsim.seeds import stream
from cellsim.translators.filters.gabor import Gabor
from tests.translators.filters.samples import blank, filtered

NOISE = np.random.default_rng(0).random((60, 70))


def widths(wavelength: float, bandwidth: float, aspect: float) -> tuple[float, float]:
    """Standard deviations of the envelope, as textbooks have them."""
    octave = 2**bandwidth
    across = wavelength / math.pi * math.sqrt(math.log(2) / 2) * (octave + 1) / (octave - 1)
    return across, aspect * across


def gain(frequency: float, tilt: float, bandwidth: float) -> float:
    """What a filter of wavelength 1 and aspect 1 makes of an amplitude of 1/2, tilted by an angle."""
    across, along = widths(1, bandwidth, 1)
    u, v = frequency * math.cos(tilt), frequency * math.sin(tilt)

    def envelope(at: float) -> float:
        return math.exp(-2 * (math.pi * across * at) ** 2)

    k = envelope(1)
    passed = (envelope(u - 1) + envelope(u + 1)) / 2 - k * envelope(u)
    return passed / ((1 + k**4) / 2 - k**2) * math.exp(-2 * (math.pi * along * v) ** 2)


def stripes(wavelength: float, angle: float = 0.0, n: int = 200) -> np.ndarray:
    """A cosine from 0 to 1, whose lines stand at an angle from the x axis; a crest is in the middle pixel."""
    y, x = np.mgrid[:n, :n] - n // 2
    return 0.5 + 0.5 * np.cos(2 * np.pi * (y * np.cos(angle) + x * np.sin(angle)) / wavelength)


def line(angle: float, width: float, n: int = 200) -> np.ndarray:
    """A straight bar of height 1 through the middle, its rim as smooth as pixels are."""
    y, x = np.mgrid[:n, :n] - n // 2
    return np.clip((width + 1) / 2 - abs(y * np.cos(angle) + x * np.sin(angle)), 0, 1)


@pytest.mark.parametrize("bandwidth", [0.7, 1.0, 2.0])
@pytest.mark.parametrize("frequency", [0.5, 0.8, 1.0, 1.4])
def test_the_response_to_a_sinusoid_is_in_closed_form(bandwidth: float, frequency: float) -> None:
    image = 0.3 * stripes(10 / frequency) + 0.4
    found = filtered(Gabor(wavelength=10, orientations=1, bandwidth=bandwidth), image)[60:140]
    carrier = (image - 0.55) / 0.15
    np.testing.assert_allclose(found, np.maximum(0.3 * gain(frequency, 0, bandwidth) * carrier[60:140], 0), atol=2e-4)


def test_stripes_from_0_to_1_are_1_on_their_crests() -> None:
    assert gain(1, 0, 1) == 1
    for k in range(8):
        found = filtered(Gabor(wavelength=10), stripes(10, k * np.pi / 8))
        assert found[100, 100] == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(("bandwidth", "height"), [(1.0, 0.884), (1.4, 1.124), (2.0, 1.250)])
def test_a_single_line_half_a_wavelength_wide_has_a_known_height(bandwidth: float, height: float) -> None:
    gabor = Gabor(wavelength=20, bandwidth=bandwidth)
    assert filtered(gabor, line(0, 10))[100, 100] == pytest.approx(height, rel=0.01)
    assert filtered(gabor, 0.25 * line(0, 10) + 0.4)[100, 100] == pytest.approx(0.25 * height, rel=0.01)


@pytest.mark.parametrize("width", [5, 20])
def test_lines_of_another_width_stand_out_less(width: float) -> None:
    assert filtered(Gabor(wavelength=20), line(0, width))[100, 100] < 0.7


def test_a_line_is_as_bright_in_every_direction() -> None:
    angles = np.deg2rad(np.arange(0, 180, 7))
    of_many = [filtered(Gabor(wavelength=12, orientations=32), line(a, 6))[100, 100] for a in angles]
    of_few = [filtered(Gabor(wavelength=12), line(a, 6))[100, 100] for a in angles]
    np.testing.assert_allclose(of_many, 0.884, rtol=0.03)
    assert min(of_few) / max(of_few) > 0.75
    assert min(filtered(Gabor(wavelength=12, orientations=2), line(a, 6))[100, 100] for a in angles) < 0.3


def test_between_two_orientations_the_response_is_lower_by_a_fifth() -> None:
    found = filtered(Gabor(wavelength=10), stripes(10, np.pi / 16))[100, 100]
    assert found == pytest.approx(gain(1, np.pi / 16, 1), abs=1e-3)
    assert found == pytest.approx(0.8, abs=0.02)


@pytest.mark.parametrize("level", [0.0, 0.37, 1.0])
def test_flat_areas_are_0(level: float) -> None:
    for bandwidth in (1.0, 3.0):
        gabor = Gabor(wavelength=6, bandwidth=bandwidth)
        np.testing.assert_allclose(filtered(gabor, np.full((50, 40), level)), 0, atol=1e-6)


def test_an_offset_does_not_matter_and_contrast_is_a_factor() -> None:
    gabor = Gabor(wavelength=6)
    np.testing.assert_allclose(filtered(gabor, 0.2 * NOISE + 0.5), 0.2 * filtered(gabor, NOISE), atol=1e-6)


def test_dark_lines_are_cut() -> None:
    found = filtered(Gabor(wavelength=12), 1 - line(0, 6))
    assert found[100, 20:180].max() == 0
    assert found.min() == 0


@pytest.mark.parametrize("spacing", [(1.0, 1.0), (0.5, 0.8), (1.2, 0.6)])
@pytest.mark.parametrize(("orientations", "bandwidth", "aspect"), [(1, 1.0, 1.0), (3, 1.0, 2.0), (4, 1.8, 0.7)])
def test_it_is_convolution_with_the_kernel(
    spacing: tuple[float, float], orientations: int, bandwidth: float, aspect: float
) -> None:
    across, along = widths(6.6, bandwidth, aspect)
    responses = []
    for angle in np.arange(orientations) * np.pi / orientations:
        y, x = np.mgrid[-40:41, -40:41] * np.array(spacing)[:, None, None]
        u, v = y * np.cos(angle) + x * np.sin(angle), x * np.cos(angle) - y * np.sin(angle)
        envelope = np.exp(-(u**2) / (2 * across**2) - v**2 / (2 * along**2))
        cosine = np.cos(2 * np.pi * u / 6.6)
        kernel = envelope * (cosine - (envelope * cosine).sum() / envelope.sum())
        kernel /= (kernel * cosine).sum() / 2
        responses.append(signal.fftconvolve(np.pad(NOISE, 40, mode="symmetric"), kernel, mode="valid"))
    expected = np.maximum(np.max(responses, axis=0), 0)
    gabor = Gabor(wavelength=6.6, orientations=orientations, bandwidth=bandwidth, aspect=aspect)
    np.testing.assert_allclose(filtered(gabor, NOISE, spacing), expected, atol=0.005)
    assert abs(filtered(gabor, NOISE, spacing[::-1]) - expected).max() > 0.05 or spacing[0] == spacing[1]


def test_the_image_is_mirrored_at_its_border() -> None:
    whole = filtered(Gabor(wavelength=5), np.pad(NOISE, 30, mode="symmetric"))
    np.testing.assert_allclose(filtered(Gabor(wavelength=5), NOISE), whole[30:-30, 30:-30], atol=1e-4)


def test_an_image_smaller_than_a_filter_is_filtered() -> None:
    found = filtered(Gabor(wavelength=12, aspect=4), NOISE[:3, :5])
    whole = filtered(Gabor(wavelength=12, aspect=4), np.pad(NOISE[:3, :5], 90, mode="symmetric"))
    np.testing.assert_allclose(found, whole[90:93, 90:95], atol=1e-3)


def test_pixels_of_another_size_show_the_same_lines() -> None:
    """The same field, sampled at pixels of 0.5 x 0.5 and of 1 x 0.5 µm."""
    fine = ndimage.gaussian_filter(np.random.default_rng(1).standard_normal((120, 120)), 3, mode="reflect")
    fine = ndimage.zoom(fine[:60], (2, 1), order=3, grid_mode=True, mode="reflect")
    coarse = fine.reshape(60, 2, 120).mean(axis=1)
    one, other = (filtered(Gabor(wavelength=5), image, (s, 0.5)) for image, s in ((fine, 0.5), (coarse, 1.0)))
    np.testing.assert_allclose(one.reshape(60, 2, 120).mean(axis=1), other, atol=0.03 * one.max())


def test_channels_are_filtered_one_by_one() -> None:
    found = filtered(Gabor(wavelength=5), np.stack([NOISE, NOISE[::-1]]))
    np.testing.assert_array_equal(found[1], filtered(Gabor(wavelength=5), NOISE[::-1]))


def test_a_wavelength_below_two_pixels_is_refused() -> None:
    with pytest.raises(ValueError, match=r"wavelength must be >= 2 µm, two pixels, got 1\.9"):
        filtered(Gabor(wavelength=1.9), NOISE, (1.0, 0.5))
    filtered(Gabor(wavelength=2), NOISE)


def test_volumes_and_samples_without_an_image_are_refused() -> None:
    with pytest.raises(ValueError, match="gabor takes 2D images, got 3D"):
        Gabor(wavelength=5)(blank(3), stream(0, 0, "x"))
    with pytest.raises(ValueError, match="gabor needs an image"):
        Gabor(wavelength=5)(blank(), stream(0, 0, "x"))


def test_membranes_of_an_epidermis_stand_out_more() -> None:
    """How often a pixel of a membrane is brighter than one inside a cell."""

    def apart(recipe: str, index: int) -> float:
        sample = Recipe.load(recipe).draw(index)
        image, membrane = np.asarray(sample.image)[0], boundaries(sample.labels[0])
        inside = (sample.labels[0] > 0) & ~membrane
        return float(stats.mannwhitneyu(image[membrane], image[inside]).statistic / membrane.sum() / inside.sum())

    for i in range(4):
        assert apart("epidermis-gabor", i) > apart("epidermis", i) + 0.01
