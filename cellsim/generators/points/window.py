"""The part of a pattern that is seen."""

from __future__ import annotations

import numpy as np

from cellsim.kernel import kernel


@kernel
def seen(centres, size):  # type: ignore[no-untyped-def]
    """Find the points that lie in a box.

    Parameters
    ----------
    centres : (N, D) float64 array
        Points, the corner of the box at 0.
    size : (D,) float64 array
        Edges of the box.

    Returns
    -------
    (M,) int64 array
        Indices of the points in [0, size), in their order.
    """
    which = np.empty(len(centres), np.int64)
    n = 0
    for i in range(len(centres)):
        inside = True
        for axis in range(len(size)):
            inside &= 0 <= centres[i, axis] < size[axis]
        which[n] = i
        n += inside
    return which[:n]
