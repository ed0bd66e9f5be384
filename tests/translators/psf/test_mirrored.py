"""Convolution by cosine transforms against the plain one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from cellsim.translators.psf.mirrored import convolve, transfer_of

RNG = np.random.default_rng(0)


def even(kernel: np.ndarray) -> np.ndarray:
    """Put all four quarters of a kernel together."""
    half = np.concatenate([kernel[..., :0:-1], kernel], axis=-1)
    return np.concatenate([half[..., :0:-1, :], half], axis=-2)


def test_in_2d_it_is_the_plain_convolution() -> None:
    kernel, image = np.zeros((13, 10)), RNG.random((2, 12, 9), dtype=np.float32)
    kernel[:6, :4] = RNG.random((6, 4))
    found = convolve(image, transfer_of(kernel))
    plain = ndimage.convolve(image[0], even(kernel[:6, :4]), mode="reflect") / even(kernel).sum()
    np.testing.assert_allclose(found[0], plain, atol=1e-6)
    assert found.dtype == np.float32


@pytest.mark.parametrize("sides", ["alike", "different"])
def test_in_3d_it_is_the_plain_convolution(sides: str) -> None:
    image, kernel = RNG.random((2, 6, 12, 9), dtype=np.float32), np.zeros((12, 13, 10))
    part = RNG.random((7, 5, 3))
    part = part + part[::-1] if sides == "alike" else part
    kernel[np.arange(-3, 4), :5, :3] = part
    found = convolve(image, transfer_of(kernel))
    for channel in (0, 1):
        plain = ndimage.convolve(image[channel], even(part), mode="reflect") / even(part).sum()
        np.testing.assert_allclose(found[channel], plain, atol=1e-6)


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (4, 1, 1), (1, 7, 2)])
def test_any_canvas_will_do(shape: tuple[int, ...]) -> None:
    kernel = RNG.random((*(2 * n for n in shape[:-2]), shape[-2] + 1, shape[-1] + 1))
    flat = convolve(np.ones((1, *shape), np.float32), transfer_of(kernel))
    np.testing.assert_allclose(flat, 1, rtol=1e-5)
