"""Objects of two parts in common windows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cellsim.kernel import kernel
from cellsim.masks.crops import Crops
from cellsim.masks.stamps import window


def merged(first: Crops, second: Crops, there: NDArray[np.bool_]) -> tuple[Crops, Crops, Crops]:
    """Put the two parts of each object into one window.

    Parameters
    ----------
    first, second : Crops
        The parts of N objects.
    there : (2, N) bool array
        Which of them an object has, at least one.

    Returns
    -------
    both, first, second : Crops
        In the same windows; pixels that both parts have are those of the first.
    """
    parts, start, shape, corner = _merge(first.arrays, second.arrays, there)
    one, other = (Crops(pixels, start, shape, corner, first.ndim) for pixels in parts)
    return Crops(parts[0] | parts[1], start, shape, corner, first.ndim), one, other


@kernel
def _merge(first, second, there):  # type: ignore[no-untyped-def]
    n = len(first[2])
    start, shape, corner = np.zeros(n + 1, np.int64), np.ones((n, 3), np.int64), np.zeros((n, 3), np.int64)
    for i in range(n):
        for axis in range(3):
            one, other = first[3][i, axis], second[3][i, axis]
            ends = one + first[2][i, axis], other + second[2][i, axis]
            low = min(one, other) if there[0, i] and there[1, i] else (one if there[0, i] else other)
            high = max(ends[0], ends[1]) if there[0, i] and there[1, i] else (ends[0] if there[0, i] else ends[1])
            corner[i, axis], shape[i, axis] = low, high - low
        start[i + 1] = start[i] + shape[i, 0] * shape[i, 1] * shape[i, 2]
    parts = np.zeros((2, start[n]), np.bool_)
    for i in range(n):
        taken = parts[0, start[i] : start[i + 1]].reshape((shape[i, 0], shape[i, 1], shape[i, 2]))
        left = parts[1, start[i] : start[i + 1]].reshape((shape[i, 0], shape[i, 1], shape[i, 2]))
        if there[0, i]:
            _put(window(first, i), first[3][i] - corner[i], left, taken)
        if there[1, i]:
            _put(window(second, i), second[3][i] - corner[i], taken, left)
    return parts, start, shape, corner


@kernel
def _put(mask, offset, taken, target):  # type: ignore[no-untyped-def]
    """Mark the pixels of a part that are not taken."""
    for z in range(mask.shape[0]):
        for y in range(mask.shape[1]):
            source = mask[z, y]
            free, row = (
                taken[offset[0] + z, offset[1] + y, offset[2] :],
                target[offset[0] + z, offset[1] + y, offset[2] :],
            )
            for x in range(source.size):
                row[x] = source[x] and not free[x]
