"""Cell lists: points sorted into a grid, so that neighbours are found without looking at all pairs."""

from __future__ import annotations

import numpy as np

from cellsim.kernel import kernel


@kernel
def cell_lists(points, size, edge):  # type: ignore[no-untyped-def]
    """Sort points into cells at least `edge` wide.

    Parameters
    ----------
    points : (N, 3) float64 array
        Positions in [0, size].
    size : (3,) float64 array
        Edges of the box.
    edge : float
        Least width of a cell; two points nearer than this are in the same cell or in neighbours.

    Returns
    -------
    dims : (3,) int64 array
        Number of cells on each axis, at most a few times the number of points in all.
    cell : (N, 3) int64 array
        The cell of each point.
    start : (cells + 1,) int64 array
        Where each cell begins in `order`.
    order : (N,) int64 array
        Indices of points, cell by cell.
    """
    n = points.shape[0]
    widest = max(edge, (size[0] * size[1] * size[2] / (2 * n + 1)) ** (1 / 3) if size[0] > edge else edge)
    dims = np.empty(3, np.int64)
    for axis in range(3):
        dims[axis] = max(1, int(size[axis] / widest))
    cell = np.empty((n, 3), np.int64)
    start = np.zeros(dims[0] * dims[1] * dims[2] + 1, np.int64)
    flat = np.empty(n, np.int64)
    for i in range(n):
        for axis in range(3):
            cell[i, axis] = min(int(points[i, axis] / size[axis] * dims[axis]), dims[axis] - 1)
        flat[i] = (cell[i, 0] * dims[1] + cell[i, 1]) * dims[2] + cell[i, 2]
        start[flat[i] + 1] += 1
    for c in range(start.size - 1):
        start[c + 1] += start[c]
    order = np.empty(n, np.int64)
    free = start[:-1].copy()
    for i in range(n):
        order[free[flat[i]]] = i
        free[flat[i]] += 1
    return dims, cell, start, order
