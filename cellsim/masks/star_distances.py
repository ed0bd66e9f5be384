"""Star distances: how far it is from every pixel of an object to its border, along rays; the encoding of StarDist."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellsim.kernel import kernel
from cellsim.sample import Image

RAYS = 32


def star_distances(labels: NDArray[np.integer[Any]], rays: int = RAYS) -> Image:
    """Measure from every pixel of an object how far it is to the first other pixel, along rays [1]_.

    The ray starts at the centre of the pixel and visits every pixel that it crosses; the distance is where it enters
    the first one of another label, or leaves the canvas. StarDist's own program looks in steps of one pixel: its
    distances are up to a pixel longer, and where a ray passes a corner of another object, those to what lies behind.

    Parameters
    ----------
    labels : (..., Y, X) integer array
        0 is background; ids may have holes. Leading axes are a batch.
    rays : int
        How many, at equal angles, >= 3. The first leads along x, the next one turns towards y.

    Returns
    -------
    (..., rays, Y, X) float32 array
        In px, 0 outside.

    Raises
    ------
    ValueError
        If there are fewer than three rays or two axes.

    References
    ----------
    .. [1] Schmidt, U., Weigert, M., Broaddus, C., Myers, G. (2018). Cell detection with star-convex polygons. MICCAI,
       LNCS 11071, 265-273.
    """
    if labels.ndim < 2 or rays < 3:
        raise ValueError(f"labels need axes (..., Y, X) and rays must be >= 3, got {labels.ndim} axes and {rays} rays")
    images = labels.reshape(-1, *labels.shape[-2:])
    angles = 2 * np.pi * np.arange(rays) / rays
    found = np.zeros((len(images), rays, *labels.shape[-2:]), np.float32)
    for one, distances in zip(images, found, strict=True):
        _measure(np.ascontiguousarray(one, np.int64), np.sin(angles), np.cos(angles), distances)
    return found.reshape(*labels.shape[:-2], *found.shape[1:])


@kernel
def _measure(labels, towards_y, towards_x, distances):  # type: ignore[no-untyped-def]
    for k in range(len(towards_y)):
        for y in range(labels.shape[0]):
            for x in range(labels.shape[1]):
                if labels[y, x] != 0:
                    distances[k, y, x] = _leave(labels, y, x, towards_y[k], towards_x[k])


@kernel
def _leave(labels, y, x, dy, dx):  # type: ignore[no-untyped-def]
    """Go from grid line to grid line: `next_y` and `next_x` are how far the next one of each kind is."""
    step_y, step_x = (1 if dy > 0 else -1), (1 if dx > 0 else -1)
    apart_y, apart_x = 1 / max(abs(dy), 1e-12), 1 / max(abs(dx), 1e-12)
    next_y, next_x = apart_y / 2, apart_x / 2
    own = labels[y, x]
    while True:
        if abs(next_x - next_y) < 1e-9:  # through a corner: pixels beside it are not crossed
            far, y, x = next_y, y + step_y, x + step_x
            next_y, next_x = next_y + apart_y, next_x + apart_x
        elif next_y < next_x:
            far, y, next_y = next_y, y + step_y, next_y + apart_y
        else:
            far, x, next_x = next_x, x + step_x, next_x + apart_x
        if not (0 <= y < labels.shape[0] and 0 <= x < labels.shape[1]) or labels[y, x] != own:
            return far
