"""Gaussian blur: the simplest point spread function."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cellsim.kernel import kernel
from cellsim.sample import Image

REACH = 3.5  # standard deviations at which the Gaussian is cut


def gaussian_weights(sigma: float) -> NDArray[np.float32]:
    """Sample a Gaussian at whole pixels.

    Parameters
    ----------
    sigma : float
        Standard deviation in pixels, >= 0.

    Returns
    -------
    (2 r + 1,) float32 array
        Sums to one.
    """
    radius = int(np.ceil(REACH * sigma))
    weights = np.exp(-0.5 * (np.arange(-radius, radius + 1) / max(sigma, 1e-6)) ** 2)
    return np.asarray(weights / weights.sum(), np.float32)


def blur(image: Image, sigma: Sequence[float]) -> Image:
    """Blur an image with a Gaussian; at the border of the canvas it is mirrored, so that no energy is lost.

    Parameters
    ----------
    image : (..., [Z,] Y, X) float32 array
        Not written to.
    sigma : (D,) floats
        Standard deviation in pixels along the last D axes; 0 leaves an axis as it is.

    Returns
    -------
    float32 array
        Of the same shape.
    """
    blurred = np.ascontiguousarray(image, np.float32)
    for axis, width in zip(range(-len(sigma), 0), sigma, strict=True):
        if width > 0:
            lines = blurred.reshape(-1, image.shape[axis], int(np.prod(image.shape[image.ndim + axis + 1 :])))
            blurred = _blur_lines(lines, gaussian_weights(width)).reshape(image.shape)
    return blurred


@kernel
def _blur_lines(lines, weights):  # type: ignore[no-untyped-def]
    """Convolve along the middle axis with symmetric weights, two of the taps at a time."""
    count, n, inner = lines.shape
    radius, total = weights.size // 2, n * inner
    blurred = np.empty_like(lines)
    padded = np.empty(total + 2 * radius * inner, lines.dtype)
    for line in range(count):
        _mirror(lines[line], radius, padded)
        target = blurred[line].ravel()  # a view: one run of memory, whatever the axis
        centre = padded[radius * inner : radius * inner + total]
        for j in range(total):
            target[j] = weights[radius] * centre[j]
        for k in range(radius):
            before, after = padded[k * inner : k * inner + total], padded[(2 * radius - k) * inner :]
            for j in range(total):
                target[j] += weights[k] * (before[j] + after[j])
    return blurred


@kernel
def _mirror(line, radius, padded):  # type: ignore[no-untyped-def]
    """Continue a line by its mirror image on both sides (c b a | a b c d | d c b), as often as need be."""
    n, inner = line.shape
    padded[radius * inner : (radius + n) * inner] = line.ravel()
    for i in range(radius):
        k = (i // n % 2) * (n - 1 - i % n) + (1 - i // n % 2) * (i % n)
        for j in range(inner):
            padded[(radius - 1 - i) * inner + j] = line[k, j]
            padded[(radius + n + i) * inner + j] = line[n - 1 - k, j]
