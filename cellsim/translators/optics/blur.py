"""Gaussian blur: the simplest point spread function."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cellsim.kernel import kernel
from cellsim.sample import Image
from cellsim.translators.optics.spline import Nodes, Weights, gather, mirrored, spline_weights, spread

REACH = 3.5  # standard deviations at which the Gaussian is cut
WIDE = 5.0  # px; from here on a coarser grid is faster


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

    A Gaussian narrower than 5 pixels is sampled, out to 3.5 standard deviations. A wider one acts on a coarser grid of
    cubic B-splines, whose own width is taken off; that is right to 4e-4 of the greatest value that the blur gives, and
    costs no more the wider the blur.

    Parameters
    ----------
    image : (..., [Z,] Y, X) float32 array
        Not written to.
    sigma : (D,) floats
        Standard deviation in pixels along the last D axes; 0 leaves an axis as it is.

    Returns
    -------
    float32 array
        New, of the same shape.
    """
    blurred = np.array(image, np.float32, order="C")  # a new one, even if nothing is blurred
    coarse: list[tuple[int, Nodes, Weights]] = []
    for axis, width in enumerate(sigma, image.ndim - len(sigma)):
        if width < WIDE:
            blurred = _blur_axis(blurred, axis, width)
            continue
        step, nodes, weights = _coarse_grid(image.shape[axis], width)
        blurred = spread(blurred, axis, nodes, weights / np.float32(step))
        blurred = _blur_axis(blurred, axis, math.sqrt((width / step) ** 2 - 2 / 3))  # a spline has the variance 1/3
        coarse.append((axis, nodes, weights))
    for axis, nodes, weights in reversed(coarse):  # the last axis first, while the image is small
        blurred = gather(blurred, axis, nodes, weights)
    return blurred


def _coarse_grid(n: int, width: float) -> tuple[float, Nodes, Weights]:
    """Cut an axis into equal steps of at most a third of the width: their size, and the spline of each pixel."""
    steps = max(1, math.ceil(3 * n / width))
    nodes, weights = spline_weights((np.arange(n) + 0.5) * (steps / n) - 0.5)
    return n / steps, mirrored(nodes, steps), weights


def _blur_axis(image: Image, axis: int, width: float) -> Image:
    if width == 0:
        return image
    weights = gaussian_weights(width)
    reach, n = len(weights) // 2, image.shape[axis]
    order = mirrored(np.arange(-reach, n + reach), n)
    if axis == image.ndim - 1:
        return np.asarray(_blur_rows(image.reshape(-1, n), order, weights)).reshape(image.shape)
    lines = image.reshape(math.prod(image.shape[:axis]), n, -1)
    return np.asarray(_blur_lines(lines, order, weights)).reshape(image.shape)


@kernel
def _blur_lines(lines, order, weights):  # type: ignore[no-untyped-def]
    """Convolve along the middle axis with symmetric weights; `order` lists the lines with their mirror images."""
    before, n, after = lines.shape
    reach = weights.size // 2
    blurred = np.empty_like(lines)
    for b in range(before):
        for i in range(n):
            source, target, weight = lines[b, i], blurred[b, i], weights[reach]
            for j in range(after):
                target[j] = weight * source[j]
            for k in range(1, reach + 1):
                one, other = lines[b, order[reach + i - k]], lines[b, order[reach + i + k]]
                weight = weights[reach + k]
                for j in range(after):
                    target[j] += weight * (one[j] + other[j])
    return blurred


@kernel
def _blur_rows(rows, order, weights):  # type: ignore[no-untyped-def]
    """Convolve along the last axis likewise."""
    count, n = rows.shape
    reach = weights.size // 2
    blurred = np.empty_like(rows)
    padded = np.empty(order.size, rows.dtype)
    for r in range(count):
        source, target, weight = rows[r], blurred[r], weights[reach]
        for j in range(order.size):
            padded[j] = source[order[j]]
        centre = padded[reach:]
        for j in range(n):
            target[j] = weight * centre[j]
        for k in range(1, reach + 1):
            one, other, weight = padded[reach - k :], padded[reach + k :], weights[reach + k]
            for j in range(n):
                target[j] += weight * (one[j] + other[j])
    return blurred
