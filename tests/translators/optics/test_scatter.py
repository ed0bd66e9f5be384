"""Scattered light: each group by its own Gaussian, nothing lost, as pixel by pixel."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from cellsim.translators.optics.blur import blur
from cellsim.translators.optics.scatter import scatter


def scene(shape: tuple[int, ...], channels: int = 2, groups: int = 4) -> tuple[NDArray[np.float32], NDArray[np.uint16]]:
    """Blocks of groups on a dark background."""
    rng = np.random.default_rng(0)
    owners = np.zeros(shape, np.uint16)
    for group in range(1, groups + 1):
        at = tuple(slice(a, a + int(rng.integers(2, 6))) for a in rng.integers(0, np.array(shape) - 2))
        owners[at] = group
    light = rng.random((channels, *shape), dtype=np.float32) * (owners > 0)
    return light.astype(np.float32), owners


def by_pixels(image: Any, owners: Any, widths: Any, reach: int) -> NDArray[np.float64]:
    """Every pixel spreads its light in a window, taken at its word; what leaves the canvas is mirrored."""
    spread = np.zeros(image.shape)
    offsets = np.stack(np.meshgrid(*[np.arange(-reach, reach + 1)] * owners.ndim, indexing="ij"), -1).reshape(
        -1, owners.ndim
    )
    for at in np.argwhere(image.any(axis=0)):
        weights = np.exp(-0.5 * ((offsets / widths[owners[tuple(at)]]) ** 2).sum(axis=1))
        for offset, weight in zip(offsets, weights / weights.sum(), strict=True):
            to = [
                int(np.pad(np.arange(n), 9, mode="symmetric")[k + 9])
                for n, k in zip(owners.shape, at + offset, strict=True)
            ]
            spread[(slice(None), *to)] += weight * image[(slice(None), *at)]
    return spread


@pytest.mark.parametrize("shape", [(16, 19), (7, 9, 8)])
def test_pixels_spread_by_the_gaussian_of_their_group(shape: tuple[int, ...]) -> None:
    image, owners = scene(shape)
    widths = np.array([0.5, 0.7, 2.0, 1.2, 3.0])[:, np.newaxis] * np.linspace(1, 1.3, len(shape))
    found = scatter(image, owners, widths, (2,) * len(shape))
    np.testing.assert_allclose(found, by_pixels(image, owners, widths, 2), atol=1e-5)
    assert found.dtype == np.float32


@pytest.mark.parametrize("shape", [(16, 19), (7, 9, 8)])
def test_no_light_is_lost(shape: tuple[int, ...]) -> None:
    image, owners = scene(shape)
    found = scatter(image, owners, np.full((5, len(shape)), 2.5))
    axes = tuple(range(1, image.ndim))
    np.testing.assert_allclose(found.sum(axis=axes), image.sum(axis=axes), rtol=1e-5)


def test_groups_of_one_width_are_a_blur() -> None:
    image, owners = scene((40, 50))
    image = image + np.float32(0.2)  # the background is lit too
    found = scatter(image, owners, np.full((5, 2), 1.7))
    np.testing.assert_allclose(found, blur(image, (1.7, 1.7)), atol=1e-5)
    np.testing.assert_allclose(found, ndimage.gaussian_filter(image, (0, 1.7, 1.7), truncate=3.6), atol=2e-3)
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(found, blur(image, (1.5, 1.5)), atol=1e-5)


def test_no_width_leaves_light_where_it_is() -> None:
    image, owners = scene((16, 19))
    np.testing.assert_array_equal(scatter(image, owners, np.zeros((5, 2))), image)


def test_a_group_without_a_pixel_does_no_harm() -> None:
    image, owners = scene((16, 19))
    np.testing.assert_array_equal(scatter(image, owners, np.ones((9, 2))), scatter(image, owners, np.ones((5, 2))))


def test_a_blur_wider_than_the_canvas_is_mirrored_again_and_again() -> None:
    image, owners = scene((6, 7))
    found = scatter(image, owners, np.full((5, 2), 8.0))
    np.testing.assert_allclose(found.sum(axis=(1, 2)), image.sum(axis=(1, 2)), rtol=1e-5)
    np.testing.assert_allclose(found[0], found[0].mean(), rtol=0.1)
