"""Smooth random fields: slow changes of brightness over a canvas."""

from __future__ import annotations

import numpy as np

from cellsim.sample import Canvas, Image
from cellsim.seeds import Rng
from cellsim.translators.optics.normal import normal_numbers
from cellsim.translators.optics.spline import gather, spline_weights


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
    grids = [
        spline_weights((np.arange(n) + 0.5) * (size / scale) + (1 + rng.random()))
        for n, size in zip(canvas.shape, canvas.spacing, strict=True)
    ]
    field = normal_numbers([int(nodes[-1, -1]) + 1 for nodes, _ in grids], rng)
    for axis in reversed(range(canvas.ndim)):  # the last axis first, while the array is small
        nodes, weights = grids[axis]
        spread = np.sqrt(np.einsum("nk,nk->n", weights, weights))
        field = gather(field, axis, nodes, weights / spread[:, np.newaxis])
    return field
