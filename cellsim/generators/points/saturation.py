"""Random sequential adsorption: points put down one after the other in a box, until no more fit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cellsim.kernel import kernel
from cellsim.masks.lift import lift
from cellsim.seeds import Rng

PLENTY = 8  # points a cell; no packing is as dense
TRIES = 2  # a voxel, before it is halved
HALVINGS = 60  # a voxel halved as often is narrower than a float can tell


class _Torus(NamedTuple):
    """A box whose opposite faces are joined, cut into cells at least `distance` wide."""

    size: tuple[float, ...]  # 0 on a flat axis
    side: tuple[float, ...]  # of a cell
    home: NDArray[np.int32]  # the cells, and around them aliases of those at the opposite faces: the cell each is
    inner: NDArray[np.int64]  # where the cells themselves are in `home`
    steps: NDArray[np.int64]  # from a cell to itself and its neighbours, nearest first
    distance: float


def put_down(size: Sequence[float], distance: float, most: int | None, rng: Rng) -> NDArray[np.float64]:
    """Put points down in a box whose opposite faces are joined, each uniform where none is nearer than a distance.

    The free places are covered with voxels of one size, at first the cells of a grid. Points are thrown at voxels drawn
    at random, and stay where they are free. After a few throws a voxel, all are halved along every axis, and those that
    lie wholly within the distance of one point are forgotten. So each point that stays is uniform on the free places,
    and when no voxel is left, there are none [1]_.

    Parameters
    ----------
    size : (D,) floats
        Edges of the box, D = 2 or 3, at least 2 times `distance`.
    distance : float
        Least distance between two points.
    most : int or None
        How many points; None for as many as fit.
    rng : numpy.random.Generator
        The only source of chance.

    Returns
    -------
    (N, 3) float64 array
        In the order in which they were put down, z = 0 in 2D; fewer than `most` if no more fit.

    References
    ----------
    .. [1] Zhang, G., Torquato, S. (2013). Precise algorithm to generate random sequential addition of hard
       hyperspheres at saturation. Physical Review E 88(5), 053312.
    """
    narrowest = 0.0 if most is None else (math.prod(size) / (4 * most + 1)) ** (1 / len(size))  # few points, few cells
    found: NDArray[np.float64] = _put_down(
        rng, lift(size, 0.0), float(distance), narrowest, -1 if most is None else most
    )
    return found


@kernel
def _put_down(rng, size, distance, narrowest, most):  # type: ignore[no-untyped-def]
    least = max(distance, narrowest)
    dims = max(int(size[0] / least), 1), max(int(size[1] / least), 1), max(int(size[2] / least), 1)
    torus = _torus((size[0], size[1], size[2]), dims, distance)
    points = np.empty((torus.inner.size * PLENTY if most < 0 else most, 3))
    return points[: _fill(rng, points, torus, _corners(dims, torus.side), torus.inner.copy())]


@kernel
def _torus(size, dims, distance):  # type: ignore[no-untyped-def]
    """Cut a joined box into cells; a flat axis, the first, has size 0 and no aliases."""
    halo = 1 if size[0] > 0 else 0
    depth, height, width = dims[0] + 2 * halo, dims[1] + 2, dims[2] + 2
    home, inner = np.empty(depth * height * width, np.int32), np.empty(dims[0] * dims[1] * dims[2], np.int64)
    n = 0
    for place in range(home.size):
        z, y, x = place // (height * width) - halo, place // width % height - 1, place % width - 1
        i, j, k = z % dims[0], y % dims[1], x % dims[2]
        home[place] = (i * dims[1] + j) * dims[2] + k
        if z == i and y == j and x == k:
            inner[n] = place
            n += 1
    steps = np.empty(27 if halo else 9, np.int64)
    n = 0
    for away in range(4):  # nearest first
        for step in range(27):
            dz, dy, dx = step // 9 - 1, step // 3 % 3 - 1, step % 3 - 1
            if abs(dz) + abs(dy) + abs(dx) == away and (halo or dz == 0):
                steps[n] = (dz * height + dy) * width + dx
                n += 1
    side = size[0] / dims[0], size[1] / dims[1], size[2] / dims[2]
    return _Torus(size, side, home, inner, steps, distance)


@kernel
def _corners(dims, side):  # type: ignore[no-untyped-def]
    """Lowest corner of every cell."""
    corners = np.empty((dims[0] * dims[1] * dims[2], 3))
    for cell in range(len(corners)):
        corners[cell, 0] = cell // (dims[1] * dims[2]) * side[0]
        corners[cell, 1] = cell // dims[2] % dims[1] * side[1]
        corners[cell, 2] = cell % dims[2] * side[2]
    return corners


@kernel
def _fill(rng, points, torus, corners, cells):  # type: ignore[no-untyped-def]
    """Throw points and halve voxels in turn; return how many points stayed."""
    first, following, placed = np.full(torus.inner.size, -1, np.int32), np.empty(points.shape[0], np.int32), 0
    chains = points, first, following  # the points of a cell, the last one first
    z_side, y_side, x_side = torus.side
    for _ in range(HALVINGS):
        for _ in range(TRIES * cells.size):
            if placed == points.shape[0]:
                return placed
            v = int(rng.random() * cells.size)
            z = corners[v, 0] + rng.random() * z_side
            y = corners[v, 1] + rng.random() * y_side
            x = corners[v, 2] + rng.random() * x_side
            if not _is_taken((z, y, x), (0.0, 0.0, 0.0), cells[v], chains, torus):
                points[placed, 0], points[placed, 1], points[placed, 2] = z, y, x
                home = torus.home[cells[v]]
                first[home], following[placed] = placed, first[home]
                placed += 1
        z_side, y_side, x_side = z_side / 2, y_side / 2, x_side / 2
        corners, cells = _halved(corners, cells, (z_side, y_side, x_side), chains, torus)
    return placed


@kernel
def _is_taken(middle, half, cell, chains, torus):  # type: ignore[no-untyped-def]
    """Whether all of a voxel, `half` wide on each side of its middle, lies within the distance of one point."""
    points, first, following = chains
    for step in torus.steps:
        p = first[torus.home[cell + step]]
        while p >= 0:
            dz, dy, dx = abs(points[p, 0] - middle[0]), abs(points[p, 1] - middle[1]), abs(points[p, 2] - middle[2])
            dz = min(dz, torus.size[0] - dz) + half[0]
            dy = min(dy, torus.size[1] - dy) + half[1]
            dx = min(dx, torus.size[2] - dx) + half[2]
            if dz * dz + dy * dy + dx * dx < torus.distance * torus.distance:
                return True
            p = following[p]
    return False


@kernel
def _halved(corners, cells, side, chains, torus):  # type: ignore[no-untyped-def]
    """Halve voxels along every axis, to `side`, and leave out those that lie within the distance of one point."""
    half = side[0] / 2, side[1] / 2, side[2] / 2
    left = 0
    for v in range(cells.size):
        middle = corners[v, 0] + side[0], corners[v, 1] + side[1], corners[v, 2] + side[2]
        if not _is_taken(middle, side, cells[v], chains, torus):
            corners[left, 0], corners[left, 1], corners[left, 2] = corners[v, 0], corners[v, 1], corners[v, 2]
            cells[left] = cells[v]
            left += 1
    parts = 4 if side[0] == 0 else 8
    smaller, homes, n = np.empty((left * parts, 3)), np.empty(left * parts, np.int64), 0
    for v in range(left):
        for part in range(parts):
            z = corners[v, 0] + (part >> 2) * side[0]
            y = corners[v, 1] + (part >> 1 & 1) * side[1]
            x = corners[v, 2] + (part & 1) * side[2]
            if not _is_taken((z + half[0], y + half[1], x + half[2]), half, cells[v], chains, torus):
                smaller[n, 0], smaller[n, 1], smaller[n, 2] = z, y, x
                homes[n] = cells[v]
                n += 1
    return smaller[:n], homes[:n]
