"""Levels of images whose background, noise, texture, blur and light are known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter

from cellsim.evaluate.intensity import intensity, noise_level, within

Array = NDArray[np.float64]


def discs(radius: float = 12) -> NDArray[np.uint16]:
    """Nine discs on 160 x 160 pixels."""
    labels = np.zeros((160, 160), np.uint16)
    y, x = np.mgrid[:160, :160]
    for k in range(9):
        cy, cx = 28 + 52 * (k // 3), 28 + 52 * (k % 3)
        labels[(y - cy) ** 2 + (x - cx) ** 2 < radius**2] = k + 1
    return labels


LABELS = discs()


def noisy(image: Array, sd: float, seed: int = 0) -> Array:
    return image + sd * np.random.default_rng(seed).standard_normal(image.shape)


def test_levels_are_found() -> None:
    seen = intensity(np.where(LABELS > 0, 0.1 * LABELS, 0.05), LABELS)
    assert seen.background == pytest.approx(0.05)
    np.testing.assert_allclose(seen.brightness, 0.1 * np.arange(1, 10))
    assert seen.noise == pytest.approx(0)
    np.testing.assert_allclose(seen.texture, 0, atol=1e-3)


@pytest.mark.parametrize("sd", [0.002, 0.05])
def test_noise_is_found_beside_slow_changes(sd: float) -> None:
    slope = np.linspace(0, 1, 160)[:, np.newaxis] * np.ones((160, 160))
    assert noise_level(noisy(slope, sd), LABELS == 0) == pytest.approx(sd, rel=0.03)
    assert np.isnan(noise_level(slope, np.zeros((160, 160), bool)))


@pytest.mark.parametrize("blur", [1.0, 2.0, 3.0])
def test_the_blur_of_edges_is_found(blur: float) -> None:
    image = gaussian_filter(np.where(LABELS > 0, 0.8, 0.1), blur)
    assert np.median(intensity(image, LABELS).edge) == pytest.approx(blur, rel=0.1)


def test_outlines_need_not_be_drawn_exactly() -> None:
    image = gaussian_filter(np.where(LABELS > 0, 0.8, 0.1), 1.5)
    generous = discs(13.5)
    assert np.median(intensity(image, generous).edge) == pytest.approx(1.5, rel=0.2)


@pytest.mark.parametrize("fine", [0.0, 1.0])
def test_texture_is_found_without_the_noise(fine: float) -> None:
    rng = np.random.default_rng(1)
    grain = gaussian_filter(rng.standard_normal((160, 160)), 3 - 2 * fine)
    image = 0.1 + np.where(LABELS > 0, 0.5 * (1 + 0.2 * grain / grain.std()), 0)
    seen = intensity(noisy(image, 0.03), LABELS)
    assert np.sqrt((seen.texture**2).mean()) == pytest.approx(0.2, rel=0.25)
    assert (np.mean(seen.coarseness) < 0.6) == bool(fine)


def test_light_that_falls_off_is_found() -> None:
    y, x = np.mgrid[-1:1:160j, -1:1:160j]
    light = 1 - 0.4 * (y**2 + x**2) / 2
    for background in (0.0, 0.3):
        seen = intensity(light * np.where(LABELS > 0, 1.0, background), LABELS)
        assert seen.falloff == pytest.approx(0.4, rel=0.05)
    assert intensity(np.where(LABELS > 0, 1.0, 0.0), LABELS).falloff == pytest.approx(0, abs=1e-6)


def test_uneven_background_is_found() -> None:
    wave = 0.05 * np.sin(np.linspace(0, 2 * np.pi, 160, endpoint=False))[:, np.newaxis] * np.ones((160, 160))
    assert intensity(0.2 + wave, np.zeros_like(LABELS)).unevenness == pytest.approx(0.05 * 0.64, rel=0.05)


def test_an_image_without_objects_or_without_background_is_no_error() -> None:
    empty = intensity(np.full((32, 32), 0.3), np.zeros((32, 32), np.uint16))
    assert empty.background == pytest.approx(0.3)
    assert len(empty.brightness) == 0
    full = intensity(np.full((32, 32), 0.3), np.ones((32, 32), np.uint16))
    assert np.isnan(full.noise)
    assert np.isnan(full.falloff)


@pytest.mark.parametrize("shape", [(40, 30), (12, 14, 16)])
@pytest.mark.parametrize("distance", [1.0, 2.0, 4.0])
def test_what_is_within_a_distance_is_what_a_transform_says(shape: tuple[int, ...], distance: float) -> None:
    marked = gaussian_filter(np.random.default_rng(0).standard_normal(shape), 1.0) > 0.4
    np.testing.assert_array_equal(within(marked, distance), distance_transform_edt(~marked) <= distance)


def test_volumes_have_levels_too() -> None:
    labels = np.zeros((20, 60, 60), np.uint16)
    z, y, x = np.ogrid[:20, :60, :60]
    labels[(z - 10) ** 2 + (y - 20) ** 2 + (x - 20) ** 2 < 64] = 1
    labels[(z - 10) ** 2 + (y - 42) ** 2 + (x - 42) ** 2 < 64] = 2
    seen = intensity(noisy(np.where(labels > 0, 0.2 * labels, 0.1).astype(float), 0.01), labels)
    assert seen.background == pytest.approx(0.1, abs=0.001)
    assert seen.noise == pytest.approx(0.01, rel=0.05)
    np.testing.assert_allclose(seen.brightness, [0.2, 0.4], atol=0.002)
    assert seen.unevenness < 0.002
