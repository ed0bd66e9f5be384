"""Gaussian blur against SciPy's."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from cellsim.translators.optics.blur import REACH, blur, gaussian_weights


@given(
    shape=st.one_of(st.tuples(*[st.integers(1, 30)] * 2), st.tuples(*[st.integers(1, 12)] * 3)),
    data=st.data(),
    seed=st.integers(0, 1000),
)
def test_blur_is_scipys(shape: tuple[int, ...], data: st.DataObject, seed: int) -> None:
    sigma = data.draw(st.tuples(*[st.sampled_from([0.0, 0.3, 1.0, 2.7, 4.9])] * len(shape)))
    image = np.random.default_rng(seed).random(shape, dtype=np.float32)
    image.flags.writeable = False
    found = blur(image, sigma)
    reach = [math.ceil(REACH * s) for s in sigma]
    expected = ndimage.gaussian_filter(image.astype(np.float64), sigma, mode="reflect", radius=reach)
    np.testing.assert_allclose(found, expected, atol=3e-6)
    assert found.dtype == np.float32
    assert found.sum(dtype=np.float64) == pytest.approx(image.sum(dtype=np.float64), rel=1e-5)  # no energy is lost


@pytest.mark.parametrize("sigma", [(5.0, 5.0), (7.3, 1.5), (30.0, 30.0), (90.0, 12.0), (400.0, 300.0)])
def test_wide_blurs_are_scipys_to_a_few_parts_in_ten_thousand(sigma: tuple[float, float]) -> None:
    points = np.zeros((119, 128), np.float32)
    points[[0, 50, 83, 118], [0, 70, 21, 90]] = 1
    y, x = np.indices(points.shape)
    disk = (np.hypot(y - 60, x - 50) < 20).astype(np.float32)
    noise = np.random.default_rng(0).random(points.shape, dtype=np.float32)
    for image in (points, disk, noise):
        expected = ndimage.gaussian_filter(image.astype(np.float64), sigma, mode="reflect", truncate=6)
        found = blur(image, sigma)
        np.testing.assert_allclose(found, expected, atol=4e-4 * expected.max())
        assert found.sum(dtype=np.float64) == pytest.approx(image.sum(dtype=np.float64), rel=2e-6)
        assert found.min() >= 0


def test_a_volume_is_blurred_widely_along_every_axis() -> None:
    volume = np.random.default_rng(0).random((20, 30, 25), dtype=np.float32)
    volume[8, 10, 12] = 300
    expected = ndimage.gaussian_filter(volume.astype(np.float64), (6.0, 2.0, 9.0), mode="reflect", truncate=6)
    np.testing.assert_allclose(blur(volume, (6.0, 2.0, 9.0)), expected, atol=4e-4 * expected.max())


def test_even_without_a_blur_the_image_is_new() -> None:
    image = np.ones((3, 3), np.float32)
    assert not np.shares_memory(blur(image, (0.0, 0.0)), image)


def test_another_width_would_be_seen() -> None:
    image = np.random.default_rng(0).random((20, 20), dtype=np.float32)
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(blur(image, (1.0, 1.02)), blur(image, (1.0, 1.0)), atol=3e-6)


def test_leading_axes_are_left_alone() -> None:
    stack = np.random.default_rng(0).random((3, 8, 9), dtype=np.float32)
    found = blur(stack, (1.0, 2.0))
    for plane, blurred in zip(stack, found, strict=True):
        np.testing.assert_array_equal(blurred, blur(plane, (1.0, 2.0)))


def test_a_point_becomes_a_gaussian() -> None:
    image = np.zeros((41, 41), np.float32)
    image[20, 20] = 1
    y = np.arange(41) - 20
    expected = np.exp(-0.5 * (y[:, np.newaxis] ** 2 / 2.0**2 + y**2 / 4.0**2)) / (2 * np.pi * 8)
    np.testing.assert_allclose(blur(image, (2.0, 4.0)), expected, rtol=0.01, atol=2e-5)


@given(sigma=st.floats(0, 20))
def test_weights_are_symmetric_and_sum_to_one(sigma: float) -> None:
    weights = gaussian_weights(sigma)
    assert weights.dtype == np.float32
    assert weights.sum() == pytest.approx(1, abs=1e-5)
    np.testing.assert_array_equal(weights, weights[::-1])
    assert weights.argmax() == len(weights) // 2
