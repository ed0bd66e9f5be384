"""Uniform points drawn in the order of their places, so that neighbours are found in one sweep, without sorting."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cellsim.kernel import kernel
from cellsim.masks.lift import lift
from cellsim.seeds import Rng


class Columns(NamedTuple):
    """Points of a box cut into columns along x; in 2D, into rows.

    Parameters
    ----------
    points : (N, 3) float64 array
        Positions in the box, ``(z, y, x)``, column by column and in each by x; z is 0 in 2D.
    start : (columns + 1,) int64 array
        Where each column begins in `points`.
    dims : (2,) int64 array
        Number of columns along z and y; those along y are next to each other in `start`.
    """

    points: NDArray[np.float64]
    start: NDArray[np.int64]
    dims: NDArray[np.int64]


def uniform_columns(box: NDArray[np.float64], n: int, reach: float, rng: Rng) -> Columns:
    """Draw independent uniform points in a box, in the order of columns at least `reach` wide.

    The columns laid end to end are a line. Partial sums of exponential gaps, over their total, are uniform points on
    it that are in order already [1]_.

    Parameters
    ----------
    box : (D,) float64 array
        Edges of the box, D = 2 or 3.
    n : int
        How many points.
    reach : float
        Two points nearer than this are in one column or in neighbours.
    rng : numpy.random.Generator
        The only source of chance.

    Returns
    -------
    Columns
        At most `n` columns, for fewer would be wider.

    References
    ----------
    .. [1] Devroye, L. (1986). Non-uniform random variate generation, section V.2. Springer.
    """
    most = max(int(n ** (1 / (len(box) - 1))), 1)
    dims = np.ones(2, np.int64)
    dims[3 - len(box) :] = [min(max(int(edge / reach), 1), most) for edge in box[:-1]]
    gaps, across = rng.standard_exponential(n + 1), rng.random((n, len(box) - 1))
    points, start = _lay_out(lift(box, 0.0), gaps, across, dims)
    return Columns(points, start, dims)


@kernel
def _lay_out(size, gaps, across, dims):  # type: ignore[no-untyped-def]
    """Put uniform numbers in order along the line, and each across its column; a flat axis has size 0."""
    n, columns, line, total = across.shape[0], dims[0] * dims[1], 0.0, gaps.sum()
    points, start = np.empty((n, 3)), np.zeros(columns + 1, np.int64)
    for i in range(n):
        line += gaps[i]
        at = line / total * columns
        column = min(int(at), columns - 1)
        start[column + 1] += 1
        points[i, 0] = (column // dims[1] + across[i, 0]) / dims[0] * size[0]
        points[i, 1] = (column % dims[1] + across[i, -1]) / dims[1] * size[1]
        points[i, 2] = (at - column) * size[2]
    for column in range(columns):
        start[column + 1] += start[column]
    return points, start


@kernel
def lowest_within(points, start, dims, marks, distance):  # type: ignore[no-untyped-def]
    """Find the points whose mark is less than that of every other nearer than a distance.

    Parameters
    ----------
    points, start, dims : arrays
        As in `Columns`, at least `distance` wide.
    marks : (N,) float64 array
        Of two points with equal marks neither is the lowest.
    distance : float
        How near others count.

    Returns
    -------
    (N,) bool array
        True for the lowest.
    """
    lowest = np.ones(points.shape[0], np.bool_)
    for z in range(dims[0]):
        for y in range(dims[1]):
            own = z * dims[1] + y
            _compare(points, marks, lowest, (start[own], start[own + 1]), (start[own], start[own + 1]), distance)
            for dz, dy in ((0, 1), (1, -1), (1, 0), (1, 1)):
                if z + dz < dims[0] and 0 <= y + dy < dims[1]:
                    other = own + dz * dims[1] + dy
                    near = start[other], start[other + 1]
                    _compare(points, marks, lowest, (start[own], start[own + 1]), near, distance)
    return lowest


@kernel
def _compare(points, marks, lowest, own, other, distance):  # type: ignore[no-untyped-def]
    """Compare the points of two columns, each pair once; `first` moves along with x."""
    first = other[0]
    for i in range(own[0], own[1]):
        z, y, x = points[i, 0], points[i, 1], points[i, 2]
        if own[0] == other[0]:
            first = i + 1
        while first < other[1] and x - points[first, 2] >= distance:
            first += 1
        for k in range(first, other[1]):
            dz, dy, dx = points[k, 0] - z, points[k, 1] - y, points[k, 2] - x
            if dx >= distance:
                break
            if dz * dz + dy * dy + dx * dx < distance * distance:
                lowest[i] &= marks[i] < marks[k]
                lowest[k] &= marks[k] < marks[i]
