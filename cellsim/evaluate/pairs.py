"""Pairs of points by their distance, each weighted for the pairs of its lag that the border hides."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cellsim.evaluate.region import Region
from cellsim.kernel import kernel

Floats = NDArray[np.float64]
Grid = tuple[NDArray[np.int64], NDArray[np.int64], int]

PARTS = (2, 3)  # cells of the grid in the greatest radius, in 3D and 2D; more of them fit the ball better
FEW = 100  # points that need no grid
CROWD = 4  # points of a cell, at least
ENTRIES = 16  # entries of the table of bins for each bin
ONE = np.ones(3, np.int64)


def weighted_pairs(points: Floats, region: Region, radii: Floats) -> Floats:
    """Sum 1 / |W ∩ (W + d)| over ordered pairs of points with the lag d, by distance.

    Parameters
    ----------
    points : (N, D) float64 array
        In the region, in µm.
    region : Region
        The window W.
    radii : (R,) float64 array
        In µm, ascending.

    Returns
    -------
    (R,) float64 array
        In 1/µm^D; entry i is of pairs farther apart than radius i - 1, and at most radius i.
    """
    wide, step, sides = np.zeros((3, len(points))), np.ones(3), np.zeros(3)
    flat = 3 - region.ndim
    wide[flat:], step[flat:], sides[flat:] = points.T, region.spacing, 1 / np.asarray(region.size)
    lags = np.zeros((0, 0, 0)) if region.mask is None else region.covariance
    wide, grid = _sorted(wide, radii[-1], flat) if len(points) > FEW else (wide, (np.array([0, len(points)]), ONE, 1))
    sums = _sum(wide, grid, _bins(radii.tobytes()), (sides, 1 / step, lags))
    found: Floats = 2 * sums if lags.size else 2 / region.volume * sums
    return found


def _sorted(wide: Floats, reach: float, flat: int) -> tuple[Floats, Grid]:
    """Sort points into cells; where each cell begins, how many there are along each axis, and how many are near."""
    low, parts = wide.min(axis=1), PARTS[flat]
    extent = np.maximum(wide.max(axis=1) - low, 1e-9 * reach)
    crowded = (extent[flat:].prod() * CROWD / wide.shape[1]) ** (1 / (3 - flat))
    cell = max(reach / parts, crowded)
    shape = (extent / cell).astype(np.int64) + 1
    place = np.ravel_multi_index(tuple(((wide - low[:, np.newaxis]) / cell).astype(np.int64)), tuple(shape))
    order = np.argsort(place, kind="stable")
    start = np.searchsorted(place[order], np.arange(shape.prod() + 1))
    return wide[:, order], (start, shape, int(np.ceil(reach / cell)))


@lru_cache(maxsize=8)
def _bins(radii: bytes) -> tuple[Floats, NDArray[np.int64], float]:
    """Squares of radii, and a table that leads from a square to the first radius that may be as long."""
    squares = np.frombuffer(radii, np.float64) ** 2
    entries = ENTRIES * len(squares)
    table = np.searchsorted(squares, np.arange(-1, entries + 1) * (squares[-1] / entries))
    return squares, np.minimum(table, len(squares) - 1), entries / squares[-1]


@kernel
def _sum(points, grid, bins, window):  # type: ignore[no-untyped-def]
    """Sum over unordered pairs; a row of cells lies in one piece in memory."""
    start, shape, reach = grid
    squares = bins[0]
    found = np.zeros(squares.size)
    for row in range(shape[0] * shape[1]):
        z, y = row // shape[1], row % shape[1]
        for x in range(shape[2]):
            k = row * shape[2] + x
            first, last = max(x - reach, 0), min(x + reach, shape[2] - 1)
            for i in range(start[k], start[k + 1]):
                _row(points, i, (i + 1, start[row * shape[2] + last + 1]), bins, window, found)
                for v in range(y + 1, min(y + reach, shape[1] - 1) + 1):
                    other = (z * shape[1] + v) * shape[2]
                    _row(points, i, (start[other + first], start[other + last + 1]), bins, window, found)
                for w in range(z + 1, min(z + reach, shape[0] - 1) + 1):
                    for v in range(max(y - reach, 0), min(y + reach, shape[1] - 1) + 1):
                        other = (w * shape[1] + v) * shape[2]
                        _row(points, i, (start[other + first], start[other + last + 1]), bins, window, found)
    return found


@kernel
def _row(points, i, span, bins, window, found):  # type: ignore[no-untyped-def]
    """Add the pairs of one point with those of a row of cells."""
    squares, table, scale = bins
    sides, pixels, lags = window
    most = squares[-1]
    z, y, x = points[0, i], points[1, i], points[2, i]
    for j in range(span[0], span[1]):
        dz, dy, dx = points[0, j] - z, points[1, j] - y, points[2, j] - x
        square = dz * dz + dy * dy + dx * dx
        if square <= most:
            place = table[int(square * scale)]
            while squares[place] < square:
                place += 1
            if lags.size:
                found[place] += 1 / _shared(lags, dz * pixels[0], dy * pixels[1], dx * pixels[2])
            else:
                found[place] += 1 / ((1 - abs(dz) * sides[0]) * (1 - abs(dy) * sides[1]) * (1 - abs(dx) * sides[2]))


@kernel
def _shared(lags, z, y, x):  # type: ignore[no-untyped-def]
    """Set covariance between lags of whole pixels."""
    z, y, x = z + lags.shape[0] // 2, y + lags.shape[1] // 2, x + lags.shape[2] // 2
    k, j, i = min(int(z), lags.shape[0] - 2), min(int(y), lags.shape[1] - 2), min(int(x), lags.shape[2] - 2)
    z, y, x = z - k, y - j, x - i
    low = (lags[k, j, i] * (1 - x) + lags[k, j, i + 1] * x) * (1 - y)
    low += (lags[k, j + 1, i] * (1 - x) + lags[k, j + 1, i + 1] * x) * y
    if z == 0:
        return low
    high = (lags[k + 1, j, i] * (1 - x) + lags[k + 1, j, i + 1] * x) * (1 - y)
    high += (lags[k + 1, j + 1, i] * (1 - x) + lags[k + 1, j + 1, i + 1] * x) * y
    return low * (1 - z) + high * z
