"""Specks: how many, how bright, how large."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from scipy import ndimage

from cellsim.distributions import Distribution
from cellsim.sample import Sample
from cellsim.seeds import stream
from cellsim.translators.optics.specks import Specks
from tests.statistics import assert_mean, assert_poisson_count

SIGMA = 1 / math.sqrt(2 * math.log(2))  # over the radius


def dark(shape: tuple[int, ...], spacing: tuple[float, ...], channels: int = 1) -> Sample:
    image = np.zeros((channels, *shape), np.float32)
    image.flags.writeable = False
    return Sample(np.ones((1, *shape), np.uint16), spacing, image)


def specks(sample: Sample, index: int = 0, **fields: Any) -> np.ndarray:
    image = Specks(**({"radius": 1.0} | fields))(sample, stream(0, index, "specks")).image
    assert image is not None
    return image


@pytest.mark.parametrize(
    ("shape", "spacing"), [((60, 80), (0.5, 0.4)), ((20, 24, 24), (1.0, 0.7, 0.8))], ids=["2D", "3D"]
)
def test_mean_light_is_that_of_their_density_up_to_the_border(
    shape: tuple[int, ...], spacing: tuple[float, ...]
) -> None:
    sample, ndim = dark(shape, spacing), len(shape)
    density = 40 / math.prod(sample.canvas.size)
    radius = Distribution(law="uniform", values=(0.5, 1.5))
    images = [specks(sample, i, density=density, radius=radius, brightness=0.5)[0] for i in range(400)]
    power = np.linspace(0.5, 1.5, 100001)
    expected = density * 0.5 * (2 * math.pi) ** (ndim / 2) * SIGMA**ndim * (power**ndim).mean()
    assert_mean([image.mean(dtype=np.float64) for image in images], expected)
    assert_mean([image[..., 0].mean(dtype=np.float64) for image in images], expected)
    assert_mean([image[-1].mean(dtype=np.float64) for image in images], expected)
    with pytest.raises(AssertionError):
        assert_mean([image.mean(dtype=np.float64) for image in images], 1.15 * expected)


def test_their_number_is_poisson() -> None:
    sample = dark((200, 200), (1.0, 1.0))
    counts = []
    for i in range(200):
        image = specks(sample, i, density=1e-3, radius=0.4, brightness=1.0)[0]
        peaks = (image == ndimage.maximum_filter(image, 3)) & (image > 0.02)
        counts.append(int(peaks[50:150, 50:150].sum()))
    assert_poisson_count(counts, 10.0)
    with pytest.raises(AssertionError):
        assert_poisson_count(counts, 12.0)


def test_a_speck_is_half_as_bright_at_its_radius() -> None:
    for i in range(200):
        image = specks(dark((241, 241), (0.05, 0.05)), i, density=2e-3, radius=1.5, brightness=0.8)[0]
        y, x = np.unravel_index(image.argmax(), image.shape)
        if 60 < y < 180 and 60 < x < 180 and image.max() < 0.81:
            break
    assert image.max() == pytest.approx(0.8, rel=1e-2)
    assert image[y, x + 30] == pytest.approx(0.4, rel=0.03)
    assert image[y - 30, x] == pytest.approx(0.4, rel=0.03)


def test_specks_smaller_than_a_voxel_keep_their_light() -> None:
    fine, coarse = (
        [
            specks(dark((n, n), (40 / n, 40 / n)), i, density=0.02, radius=0.3)[0].mean(dtype=np.float64)
            for i in range(5)
        ]
        for n in (200, 10)
    )
    np.testing.assert_allclose(coarse, fine, rtol=1e-4)


def test_only_the_channels_asked_for_have_specks() -> None:
    sample = dark((30, 30), (1.0, 1.0), channels=3)
    every, some = specks(sample, density=0.02), specks(sample, density=0.02, only_channels=(0, 2))
    assert every[0].any()
    np.testing.assert_array_equal(every, np.broadcast_to(every[0], every.shape))
    np.testing.assert_array_equal(some[[0, 2]], every[[0, 2]])
    assert not some[1].any()


def test_light_is_added() -> None:
    sample = dark((30, 30), (1.0, 1.0))
    lit = sample.with_image(np.full((1, 30, 30), 0.25, np.float32))
    np.testing.assert_allclose(specks(lit, density=0.02), specks(sample, density=0.02) + 0.25, atol=1e-6)
    np.testing.assert_array_equal(specks(lit, density=0), lit.image)


def test_what_is_no_channel_is_refused() -> None:
    with pytest.raises(ValueError, match="no channel 1 for specks: the image has 1, the first being 0"):
        specks(dark((8, 8), (1.0, 1.0)), density=0.1, only_channels=(1,))
    for wrong in ((), (-1,), (1, 1)):
        with pytest.raises(ValidationError, match="must be numbers of channels such as"):
            Specks(density=1, radius=1, only_channels=wrong)
