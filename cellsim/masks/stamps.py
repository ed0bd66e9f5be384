"""Objects put on a canvas, each in its window: what is free, and what is no longer. Kernels, for other kernels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cellsim.kernel import kernel


def offsets_within(gap: float, spacing: NDArray[np.float64]) -> NDArray[np.int64]:
    """List the offsets from a pixel to those nearer than a gap; always at least to itself.

    Parameters
    ----------
    gap : float
        In µm, between the centres of pixels.
    spacing : (3,) float64 array
        Size of a pixel in µm.

    Returns
    -------
    (M, 3) int64 array
        In pixels.
    """
    reach = [np.arange(-int(gap / s), int(gap / s) + 1) for s in spacing]
    offsets = np.stack(np.meshgrid(*reach, indexing="ij"), axis=-1).reshape(-1, 3)
    near = ((offsets * spacing) ** 2).sum(axis=1) < gap**2
    return np.ascontiguousarray(offsets[near | (offsets == 0).all(axis=1)])


@kernel
def window(objects, i):  # type: ignore[no-untyped-def]
    """View one of many objects.

    Parameters
    ----------
    objects : tuple of arrays
        `Crops.arrays`.
    i : int
        Which.

    Returns
    -------
    (Z, Y, X) bool array
        Its window.
    """
    pixels, start, shape, _ = objects
    return pixels[start[i] : start[i + 1]].reshape((shape[i, 0], shape[i, 1], shape[i, 2]))


@kernel
def part(mask, corner, grid):  # type: ignore[no-untyped-def]
    """Find the part of a window that lies on a grid.

    Parameters
    ----------
    mask : (Z, Y, X) bool array
        Window of an object.
    corner : (3,) tuple of int
        Its first pixel on the grid.
    grid : (Z, Y, X) array
        Any.

    Returns
    -------
    low, high : (3,) tuples of int
        First pixel of the part in the window, and one beyond its last; `high` may be below `low`.
    """
    low = max(0, -corner[0]), max(0, -corner[1]), max(0, -corner[2])
    z, y, x = mask.shape
    depth, height, width = grid.shape
    return low, (min(z, depth - corner[0]), min(y, height - corner[1]), min(x, width - corner[2]))


@kernel
def is_inside(mask, corner, canvas):  # type: ignore[no-untyped-def]
    """Say whether all of a window lies on a grid.

    Parameters
    ----------
    mask : (Z, Y, X) bool array
        Window of an object.
    corner : (3,) tuple of int
        Its first pixel on the grid.
    canvas : (3,) tuple of int
        Extent of the grid.

    Returns
    -------
    bool
        False if any of it lies beyond.
    """
    inside = True
    for axis in range(3):
        inside &= corner[axis] >= 0 and corner[axis] + mask.shape[axis] <= canvas[axis]
    return inside


@kernel
def is_free(mask, corner, blocked):  # type: ignore[no-untyped-def]
    """Say whether no pixel of an object is blocked; all is free beyond the grid.

    Parameters
    ----------
    mask : (Z, Y, X) bool array
        Window of the object.
    corner : (3,) tuple of int
        Its first pixel on the grid.
    blocked : (Z, Y, X) bool array
        The grid.

    Returns
    -------
    bool
        True if the object may lie there.
    """
    low, high = part(mask, corner, blocked)
    for z in range(low[0], high[0]):
        for y in range(low[1], high[1]):
            own, row = mask[z, y, low[2] : high[2]], blocked[corner[0] + z, corner[1] + y]
            row = row[corner[2] + low[2] : corner[2] + high[2]]
            hit = False
            for x in range(own.size):  # without branches, which processors foresee badly at the ends of runs
                hit |= own[x] & row[x]
            if hit:
                return False
    return True


@kernel
def block(mask, corner, near, blocked):  # type: ignore[no-untyped-def]
    """Block the pixels of an object and those near it.

    Parameters
    ----------
    mask : (Z, Y, X) bool array
        Window of the object.
    corner : (3,) tuple of int
        Its first pixel on the grid.
    near : (M, 3) int64 array
        Offsets of what is blocked about each pixel: itself, and a set without holes about it.
    blocked : (Z, Y, X) bool array
        The grid; written to.
    """
    low, high = part(mask, corner, blocked)
    for z in range(low[0], high[0]):
        for y in range(low[1], high[1]):
            own, row = mask[z, y, low[2] : high[2]], blocked[corner[0] + z, corner[1] + y]
            row = row[corner[2] + low[2] : corner[2] + high[2]]
            for x in range(own.size):
                row[x] |= own[x]
    if len(near) > 1:
        _block_near(mask, corner, near, blocked)


@kernel
def _block_near(mask, corner, near, blocked):  # type: ignore[no-untyped-def]
    """Block what is near the outer pixels of an object: all else is nearer to one of them, or inside."""
    flat = blocked.shape[0] == 1
    for z in range(mask.shape[0]):
        for y in range(mask.shape[1]):
            for x in range(mask.shape[2]):
                if mask[z, y, x] and not is_inner(mask, z, y, x, flat):
                    for m in range(len(near)):
                        i, j, k = corner[0] + z + near[m, 0], corner[1] + y + near[m, 1], corner[2] + x + near[m, 2]
                        _block_pixel(i, j, k, blocked)


@kernel
def block_box(mask, corner, reach, blocked):  # type: ignore[no-untyped-def]
    """Block the pixels of an object and all in boxes about them.

    Parameters
    ----------
    mask : (Z, Y, X) bool array
        Window of the object.
    corner : (3,) tuple of int
        Its first pixel on the grid.
    reach : (3,) tuple of int
        How many pixels a box reaches along each axis.
    blocked : (Z, Y, X) bool array
        The grid; written to.
    """
    depth, height, width = mask.shape
    wide = np.empty(width + 2 * reach[2], np.bool_)
    left = corner[2] - reach[2]
    low, high = max(0, -left), min(wide.size, blocked.shape[2] - left)
    for z in range(depth):
        for y in range(height):
            own = mask[z, y]
            for x in range(wide.size):
                wide[x] = False
            for k in range(2 * reach[2] + 1):
                shifted = wide[k:]
                for x in range(width):
                    shifted[x] |= own[x]
            for i in range(max(0, corner[0] + z - reach[0]), min(blocked.shape[0], corner[0] + z + reach[0] + 1)):
                for j in range(max(0, corner[1] + y - reach[1]), min(blocked.shape[1], corner[1] + y + reach[1] + 1)):
                    row, seen = blocked[i, j, left + low :], wide[low:high]
                    for x in range(seen.size):
                        row[x] |= seen[x]


@kernel
def _block_pixel(z, y, x, blocked):  # type: ignore[no-untyped-def]
    depth, height, width = blocked.shape
    if 0 <= z < depth and 0 <= y < height and 0 <= x < width:
        blocked[z, y, x] = True


@kernel
def is_inner(mask, z, y, x, flat):  # type: ignore[no-untyped-def]
    """Say whether all neighbours by a face belong to the object.

    Parameters
    ----------
    mask : (Z, Y, X) bool array
        Window of the object.
    z, y, x : int
        A pixel of it.
    flat : bool
        There is no third axis: only neighbours in the plane count.

    Returns
    -------
    bool
        False at the border of the window.
    """
    depth, height, width = mask.shape
    if not (0 < y < height - 1 and 0 < x < width - 1):
        return False
    inner = mask[z, y - 1, x] and mask[z, y + 1, x] and mask[z, y, x - 1] and mask[z, y, x + 1]
    return inner and (flat or (0 < z < depth - 1 and mask[z - 1, y, x] and mask[z + 1, y, x]))
