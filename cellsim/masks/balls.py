"""Unions of disks and balls."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cellsim.kernel import kernel
from cellsim.masks.lift import lift, lift_image
from cellsim.sample import Canvas


def fill_balls(centres: NDArray[np.float64], radii: NDArray[np.float64], canvas: Canvas) -> NDArray[np.bool_]:
    """Return the pixels whose centre lies in a ball.

    Parameters
    ----------
    centres : (N, D) float64 array
        In µm, the corner of the canvas at 0; balls may reach beyond it.
    radii : (N,) float64 array
        In µm.
    canvas : Canvas
        Shape and spacing.

    Returns
    -------
    ([Z,] Y, X) bool array
        True in a ball; a ball has at least the pixel of its centre.
    """
    mask = np.zeros(canvas.shape, np.bool_)
    _fill(lift(centres, 0.5), np.asarray(radii, np.float64), lift(canvas.spacing, 1.0), lift_image(mask))
    return mask


@kernel
def _fill(centres, radii, spacing, mask):  # type: ignore[no-untyped-def]
    """Fill each ball row by row."""
    depth, height, width = mask.shape
    for n in range(len(radii)):
        at = centres[n, 0] / spacing[0] - 0.5, centres[n, 1] / spacing[1] - 0.5, centres[n, 2] / spacing[2] - 0.5
        reach = radii[n] / spacing[0], radii[n] / spacing[1]
        for z in range(max(0, int(np.ceil(at[0] - reach[0]))), min(depth, int(np.floor(at[0] + reach[0])) + 1)):
            for y in range(max(0, int(np.ceil(at[1] - reach[1]))), min(height, int(np.floor(at[1] + reach[1])) + 1)):
                left = radii[n] ** 2 - ((z - at[0]) * spacing[0]) ** 2 - ((y - at[1]) * spacing[1]) ** 2
                half = np.sqrt(left) / spacing[2] if left >= 0 else -1.0
                for x in range(max(0, int(np.ceil(at[2] - half))), min(width, int(np.floor(at[2] + half)) + 1)):
                    mask[z, y, x] = True
        z, y, x = int(np.floor(at[0] + 0.5)), int(np.floor(at[1] + 0.5)), int(np.floor(at[2] + 0.5))
        if 0 <= z < depth and 0 <= y < height and 0 <= x < width:
            mask[z, y, x] = True
