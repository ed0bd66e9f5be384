"""Smooth random fields: slow changes of brightness over a canvas."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cellsim.kernel import kernel
from cellsim.sample import Canvas, Image
from cellsim.seeds import Rng


def smooth_field(canvas: Canvas, scale: float, rng: Rng) -> Image:
    """Draw a field of mean 0 and variance 1 that changes over a given length.

    Independent normal numbers on a grid of step `scale`, shifted at random, are joined by cubic B-splines and
    divided by the standard deviation that this leaves at each pixel.

    Parameters
    ----------
    canvas : Canvas
        Shape and spacing.
    scale : float
        Length over which the field changes, in µm, > 0.
    rng : numpy.random.Generator
        The only source of chance.

    Returns
    -------
    ([Z,] Y, X) float32 array
        Normal at each pixel.
    """
    taps = [_taps(n, s / scale, rng.random()) for n, s in zip(canvas.shape, canvas.spacing, strict=True)]
    field = rng.standard_normal([int(index[-1]) + 4 for index, _ in taps], dtype=np.float32)
    for axis in reversed(range(canvas.ndim)):  # the last axis first, while the array is small
        index, weights = taps[axis]
        lines = np.ascontiguousarray(np.moveaxis(field, axis, 0))
        combined = _combine(lines.reshape(len(lines), -1), index, weights)
        field = np.moveaxis(combined.reshape(len(index), *lines.shape[1:]), 0, axis)
    return field


def _taps(n: int, step: float, shift: float) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """For each pixel of an axis, the first of the four grid points it depends on, and their weights."""
    at = (np.arange(n) + 0.5) * step + shift
    index = at.astype(np.int64)
    t = at - index
    r = 1 - t
    weights = np.empty((n, 4))
    weights[:, 0], weights[:, 3] = r * r * r, t * t * t
    weights[:, 1] = 3 * weights[:, 3] - 6 * t * t + 4
    weights[:, 2] = 3 * weights[:, 0] - 6 * r * r + 4
    weights /= np.sqrt(np.einsum("nk,nk->n", weights, weights))[:, np.newaxis]
    return index, weights.astype(np.float32)


@kernel
def _combine(lines, index, weights):  # type: ignore[no-untyped-def]
    """Weigh four consecutive lines for every pixel along the first axis."""
    combined = np.empty((index.size, lines.shape[1]), lines.dtype)
    for i in range(index.size):
        target, first = combined[i], index[i]
        s0, s1, s2, s3 = lines[first], lines[first + 1], lines[first + 2], lines[first + 3]
        w0, w1, w2, w3 = weights[i, 0], weights[i, 1], weights[i, 2], weights[i, 3]
        for j in range(target.size):
            target[j] = w0 * s0[j] + w1 * s1[j] + w2 * s2[j] + w3 * s3[j]
    return combined
