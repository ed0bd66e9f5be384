"""Compression: what it keeps, what it loses, and how channels are taken."""

from __future__ import annotations

import numpy as np
import pytest

from cellsim.seeds import stream
from cellsim.translators.filters.jpeg import Jpeg
from tests.translators.filters.samples import blank, filtered

Y, X = np.mgrid[:64, :64] / 64
SMOOTH = 0.5 + 0.4 * np.sin(5 * Y) * np.cos(4 * X)


def error(quality: float, image: np.ndarray) -> float:
    return float(np.sqrt(np.mean((filtered(Jpeg(quality=quality), image) - image) ** 2)))


def test_the_best_quality_loses_less_than_a_grey_level() -> None:
    assert error(100, SMOOTH) < 1 / 255
    assert np.abs(filtered(Jpeg(quality=100), SMOOTH) - SMOOTH).max() < 2 / 255


def test_lower_qualities_lose_more() -> None:
    noisy = np.random.default_rng(0).random((64, 64))
    errors = [error(quality, noisy) for quality in (100, 80, 50, 20, 5)]
    assert errors == sorted(errors)
    assert errors[-1] > 10 * errors[0]


def test_the_lowest_quality_leaves_flat_blocks_of_eight_pixels() -> None:
    def flat(image: np.ndarray, shift: int = 0) -> float:
        blocks = np.roll(image, shift, (0, 1)).reshape(8, 8, 8, 8).swapaxes(1, 2)
        return float(np.mean(blocks.std(axis=(2, 3)) < 0.01))

    coarse = filtered(Jpeg(quality=1), SMOOTH)
    assert flat(coarse) > 0.5
    assert flat(SMOOTH) < 0.1
    assert flat(coarse, 4) < 0.2


def test_levels_are_those_of_8_bits_in_full_scale() -> None:
    image = filtered(Jpeg(quality=90), 3 * np.random.default_rng(0).random((40, 40)) - 1)
    np.testing.assert_allclose(255 * image, np.rint(255 * image), atol=1e-4)
    assert image.min() >= 0
    assert image.max() <= 1


def test_a_quality_that_was_drawn_is_rounded() -> None:
    noisy = np.random.default_rng(0).random((32, 32))
    np.testing.assert_array_equal(filtered(Jpeg(quality=49.6), noisy), filtered(Jpeg(quality=50), noisy))


def test_three_channels_are_a_colour_picture() -> None:
    """Colour has half the pixels: stripes of one pixel in red against green turn grey, those of all three stay."""
    stripes = np.tile([0.0, 1.0], (64, 32))
    coloured, grey = np.stack([stripes, 1 - stripes, stripes]), np.stack([stripes] * 3)
    assert filtered(Jpeg(quality=100), grey).std() > 0.49
    assert filtered(Jpeg(quality=100), coloured)[2].std() < 0.25


@pytest.mark.parametrize("channels", [1, 2, 4])
def test_other_channels_are_compressed_one_by_one(channels: int) -> None:
    image = np.random.default_rng(0).random((channels, 24, 40))
    one_by_one = [filtered(Jpeg(quality=30), channel) for channel in image]
    np.testing.assert_array_equal(filtered(Jpeg(quality=30), image), one_by_one)


@pytest.mark.parametrize("channels", [2, 3])
def test_a_volume_is_compressed_plane_by_plane(channels: int) -> None:
    image = np.random.default_rng(0).random((channels, 5, 24, 40))
    planes = np.stack([filtered(Jpeg(quality=30), image[:, z]) for z in range(5)], 1)
    np.testing.assert_array_equal(filtered(Jpeg(quality=30), image, (2.0, 1.0, 1.0)), planes)


@pytest.mark.parametrize("quality", [0, 101])
def test_a_quality_beyond_the_scale_is_refused(quality: float) -> None:
    with pytest.raises(ValueError, match="must be"):
        Jpeg(quality=quality)


def test_a_sample_without_an_image_is_refused() -> None:
    with pytest.raises(ValueError, match="jpeg needs an image"):
        Jpeg(quality=50)(blank(), stream(0, 0, "x"))
