"""Elastic deformation of single objects, each in its window: smooth, bounded, without folds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellsim.kernel import kernel
from cellsim.masks.bspline import cubic, cubic_slope
from cellsim.masks.crops import Crops
from cellsim.masks.lift import lift
from cellsim.masks.pieces import keep_pieces
from cellsim.seeds import Rng

STEEPEST = 0.8  # Frobenius norm of the Jacobian of a displacement, in the middle of the cells of its grid
CUT = 2.0  # standard deviations at which displacements of nodes end
FARTHEST = 100  # steps of the iteration that inverts a displacement; each takes at least a fifth of the error off
NEAR = 1e-4  # µm, below which it ends

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Displacement:
    """Displacements by cubic B-splines, one an object or one for all.

    Parameters
    ----------
    nodes : (N or 1, 3, Z, Y, X) float64 array
        Displacement of the nodes along (z, y, x), in µm; an axis of one node does not change along it.
    origin : (N or 1, 3) float64 array
        Position of the second node, in µm.
    step : float
        Between nodes, in µm.
    """

    nodes: Floats
    origin: Floats
    step: float

    def at(self, points: Floats) -> Floats:
        """Evaluate the displacement, at one place for each object.

        Parameters
        ----------
        points : (N, D) float64 array
            In µm.

        Returns
        -------
        (N, D) float64 array
            In µm.
        """
        ndim = points.shape[1]
        found: Floats = _evaluate(self.nodes, self.origin, self.step, lift(points, 0.0))
        return found[:, 3 - ndim :]


def displacement(
    low: Floats, high: Floats, step: float, spread: float, rng: Rng, steepest: float = STEEPEST
) -> Displacement:
    """Draw smooth displacements of boxes.

    The displacements of nodes are independent normal numbers, cut at two standard deviations. Where they would make
    objects fold, all displacements of a box are made smaller alike: p + u(p) is one to one if the Jacobian of u has a
    norm below one everywhere [1]_.

    Parameters
    ----------
    low, high : (N, D) float64 arrays
        Corners of the boxes in µm; all of one size. Beyond them a displacement goes on as at the border.
    step : float
        Between nodes, in µm.
    spread : float
        Standard deviation of the displacement of a node along each axis, in µm.
    rng : numpy.random.Generator
        The only source of chance.
    steepest : float
        Norm of the Jacobian allowed, below one.

    Returns
    -------
    Displacement
        One a box.

    References
    ----------
    .. [1] Rueckert, D. et al. (2006). Diffeomorphic registration using B-splines. MICCAI.
    """
    n, ndim = low.shape
    extent = (high - low).max(axis=0, initial=0.0)
    cells = np.maximum(np.ceil(extent / step).astype(int) + 1, 1)
    shift = rng.random((n, ndim)) * step
    nodes = np.clip(rng.standard_normal((n, ndim, *(cells + 3))), -CUT, CUT) * spread
    lifted = np.zeros((n, 3, *(1,) * (3 - ndim), *(cells + 3)))
    lifted[:, 3 - ndim :] = nodes.reshape(n, ndim, *lifted.shape[2:])
    _tame(lifted, step, steepest)
    return Displacement(lifted, lift(low - shift, 0.0), step)


def warped(crops: Crops, spacing: Sequence[float], fields: tuple[Displacement, Displacement]) -> Crops:
    """Deform objects: the pixel at p shows what was at p + u(p), the nearest pixel; u is the sum of two displacements.

    Parameters
    ----------
    crops : Crops
        Objects.
    spacing : (D,) floats
        Size of a pixel in µm.
    fields : two Displacement
        Of one for all, or one an object.

    Returns
    -------
    Crops
        The largest piece of each.
    """
    one, other = ((field.nodes, field.origin, field.step) for field in fields)
    pixels, start, shape, corner = _warp(crops.arrays, lift(spacing, 1.0), one, other)
    keep_pieces(pixels, start, shape, corner, crops.corner + crops.shape // 2)
    return Crops(pixels[: start[-1]], start, shape, corner, crops.ndim)


def carried(points: Floats, fields: tuple[Displacement, Displacement]) -> Floats:
    """Find where points of objects are after `warped`: p with p + u(p) the point.

    Parameters
    ----------
    points : (N, D) float64 array
        One of each object, in µm.
    fields : two Displacement
        As given to `warped`.

    Returns
    -------
    (N, D) float64 array
        In µm.
    """
    one, other = ((field.nodes, field.origin, field.step) for field in fields)
    moved: Floats = _carry(lift(points, 0.0), one, other)
    return moved[:, 3 - points.shape[1] :]


@kernel
def _tame(nodes, step, steepest):  # type: ignore[no-untyped-def]
    """Make displacements smaller whose Jacobian is too large in the middle of a cell, in place."""
    middle, slope = cubic(0.5), cubic_slope(0.5)
    for i in range(len(nodes)):
        worst = 0.0
        for z in range(max(nodes.shape[2] - 3, 1)):
            for y in range(nodes.shape[3] - 3):
                for x in range(nodes.shape[4] - 3):
                    worst = max(worst, _steepness(nodes[i], (z, y, x), middle, slope))
        norm = np.sqrt(worst) / step
        if norm > steepest:
            own = nodes[i].reshape(nodes[i].size)
            for k in range(own.size):
                own[k] *= steepest / norm


@kernel
def _steepness(nodes, cell, middle, slope):  # type: ignore[no-untyped-def]
    """Square of the Frobenius norm of the Jacobian in the middle of a cell, for a step of one."""
    flat, total = nodes.shape[1] == 1, 0.0
    for component in range(3):
        sz, sy, sx = 0.0, 0.0, 0.0
        for a in range(1 if flat else 4):
            wz, dz = (1.0, 0.0) if flat else (middle[a], slope[a])
            for b in range(4):
                for c in range(4):
                    value = nodes[component, cell[0] + a, cell[1] + b, cell[2] + c]
                    sz += dz * middle[b] * middle[c] * value
                    sy += wz * slope[b] * middle[c] * value
                    sx += wz * middle[b] * slope[c] * value
        total += sz * sz + sy * sy + sx * sx
    return total


@kernel
def _place(at, origin, step, count):  # type: ignore[no-untyped-def]
    """First of the nodes about a position along an axis, and how far it is between the second and the third."""
    if count == 1:
        return 0, 0.0
    t = min(max((at - origin) / step, 0.0), count - 3 - 1e-9)
    return int(t), t - int(t)


@kernel
def _sum(field, at):  # type: ignore[no-untyped-def]
    """Evaluate a displacement at a place."""
    nodes, origin, step = field
    _, depth, height, width = nodes.shape
    (k, tz), (j, ty) = _place(at[0], origin[0], step, depth), _place(at[1], origin[1], step, height)
    i, tx = _place(at[2], origin[2], step, width)
    wz, wy, wx = cubic(tz), cubic(ty), cubic(tx)
    dz, dy, dx = 0.0, 0.0, 0.0
    for a in range(1 if depth == 1 else 4):
        for b in range(4):
            weight = wy[b] if depth == 1 else wz[a] * wy[b]
            z, y, x = nodes[0, k + a, j + b], nodes[1, k + a, j + b], nodes[2, k + a, j + b]
            dz += weight * (wx[0] * z[i] + wx[1] * z[i + 1] + wx[2] * z[i + 2] + wx[3] * z[i + 3])
            dy += weight * (wx[0] * y[i] + wx[1] * y[i + 1] + wx[2] * y[i + 2] + wx[3] * y[i + 3])
            dx += weight * (wx[0] * x[i] + wx[1] * x[i + 1] + wx[2] * x[i + 2] + wx[3] * x[i + 3])
    return dz, dy, dx


@kernel
def _source(home, fields):  # type: ignore[no-untyped-def]
    """Find the place whose displacement leads to a given one."""
    at = home
    for _ in range(FARTHEST):
        one, other = _sum(fields[0], at), _sum(fields[1], at)
        moved = home[0] - one[0] - other[0], home[1] - one[1] - other[1], home[2] - one[2] - other[2]
        near = abs(moved[0] - at[0]) + abs(moved[1] - at[1]) + abs(moved[2] - at[2]) < NEAR
        at = moved
        if near:
            break
    return at


@kernel
def _carry(points, one, other):  # type: ignore[no-untyped-def]
    moved = np.empty_like(points)
    for i in range(len(points)):
        at = _source((points[i, 0], points[i, 1], points[i, 2]), _fields(i, one, other))
        moved[i, 0], moved[i, 1], moved[i, 2] = at
    return moved


@kernel
def _fields(i, one, other):  # type: ignore[no-untyped-def]
    """Both displacements of an object: nodes, origin and step."""
    a, b = min(i, len(one[0]) - 1), min(i, len(other[0]) - 1)
    return (one[0][a], one[1][a], one[2]), (other[0][b], other[1][b], other[2])


@kernel
def _evaluate(nodes, origin, step, points):  # type: ignore[no-untyped-def]
    """Evaluate displacements at points, one an object."""
    found = np.empty((len(points), 3))
    for i in range(len(points)):
        own = min(i, len(nodes) - 1)
        at = points[i, 0], points[i, 1], points[i, 2]
        found[i, 0], found[i, 1], found[i, 2] = _sum((nodes[own], origin[own], step), at)
    return found


@kernel
def _warp(crops, spacing, one, other):  # type: ignore[no-untyped-def]
    """Draw every object anew, each in a window that is made larger until it holds all of it."""
    pixels, begin, extent, first = crops
    n = len(extent)
    start, shape, corner = np.zeros(n + 1, np.int64), np.ones((n, 3), np.int64), np.zeros((n, 3), np.int64)
    out = np.empty(2 * len(pixels) + 1, np.bool_)
    for i in range(n):
        mask = pixels[begin[i] : begin[i + 1]].reshape((extent[i, 0], extent[i, 1], extent[i, 2]))
        fields = _fields(i, one, other)
        seed = _seed(mask, first[i], spacing, fields)
        room, whole = 2, False
        while not whole:
            for axis in range(3):
                shape[i, axis] = extent[i, axis] + 2 * room
                corner[i, axis] = seed[axis] - shape[i, axis] // 2
            target = np.zeros((shape[i, 0], shape[i, 1], shape[i, 2]), np.bool_)
            whole = _look_up(mask, target, (first[i], corner[i]), spacing, fields)
            room *= 2
        start[i + 1] = start[i] + target.size
        out = _with_room(out, start[i], start[i + 1])
        place, drawn = out[start[i] : start[i + 1]], target.reshape(target.size)
        for k in range(drawn.size):
            place[k] = drawn[k]
    return out[: start[n]], start, shape, corner


@kernel
def _with_room(pixels, used, wanted):  # type: ignore[no-untyped-def]
    if wanted <= len(pixels):
        return pixels
    larger = np.empty(2 * wanted, np.bool_)
    for k in range(used):
        larger[k] = pixels[k]
    return larger


@kernel
def _look_up(mask, target, corners, spacing, fields):  # type: ignore[no-untyped-def]
    """Give every pixel of a window the value of the pixel that it comes from; whether the object has room in it."""
    first, corner = corners
    one, other = _tables(fields[0], target.shape[2]), _tables(fields[1], target.shape[2])
    _columns(fields[0], corner[2], spacing[2], one[2], one[3])
    _columns(fields[1], corner[2], spacing[2], other[2], other[3])
    depth, height, width = mask.shape
    whole, last = True, (target.shape[0] - 1, target.shape[1] - 1, target.shape[2] - 1)
    per = 1 / spacing[0], 1 / spacing[1], 1 / spacing[2]
    for z in range(target.shape[0]):
        at_z = (corner[0] + z + 0.5) * spacing[0]
        _plane(fields[0], at_z, one[0])
        _plane(fields[1], at_z, other[0])
        for y in range(target.shape[1]):
            at_y = (corner[1] + y + 0.5) * spacing[1]
            _line(fields[0], one[0], at_y, one[1])
            _line(fields[1], other[0], at_y, other[1])
            for x in range(target.shape[2]):
                (dz, dy, dx), (ez, ey, ex) = _point(one, x), _point(other, x)
                k = int(np.floor((at_z + dz + ez) * per[0])) - first[0]
                j = int(np.floor((at_y + dy + ey) * per[1])) - first[1]
                i = int(np.floor((dx + ex) * per[2] + (corner[2] + x + 0.5))) - first[2]
                if 0 <= k < depth and 0 <= j < height and 0 <= i < width and mask[k, j, i]:
                    target[z, y, x] = True
                    whole &= 0 < z < last[0] and 0 < y < last[1] and 0 < x < last[2]
    return whole


@kernel
def _tables(field, width):  # type: ignore[no-untyped-def]
    """Room for the displacements of the nodes of a plane and of a line, and for the place of each pixel in a line."""
    _, _, rows, columns = field[0].shape
    return np.empty((3, rows, columns)), np.empty((3, columns)), np.empty(width, np.int64), np.empty((width, 4))


@kernel
def _columns(field, corner, spacing, first, weights):  # type: ignore[no-untyped-def]
    """First of the four nodes about each pixel of a row, and the weights of these."""
    for x in range(len(first)):
        first[x], t = _place((corner + x + 0.5) * spacing, field[1][2], field[2], field[0].shape[3])
        weights[x, 0], weights[x, 1], weights[x, 2], weights[x, 3] = cubic(t)


@kernel
def _plane(field, z, plane):  # type: ignore[no-untyped-def]
    """Evaluate a displacement along z, for all nodes of a plane."""
    nodes, origin, step = field
    k, t = _place(z, origin[0], step, nodes.shape[1])
    weights = cubic(t)
    for component in range(3):
        for j in range(plane.shape[1]):
            target = plane[component, j]
            for i in range(target.size):
                target[i] = 0.0 if nodes.shape[1] > 1 else nodes[component, 0, j, i]
            for a in range(4 if nodes.shape[1] > 1 else 0):
                source = nodes[component, k + a, j]
                for i in range(target.size):
                    target[i] += weights[a] * source[i]


@kernel
def _line(field, plane, y, line):  # type: ignore[no-untyped-def]
    """Evaluate it along y, for all nodes of a line."""
    _, origin, step = field
    j, t = _place(y, origin[1], step, plane.shape[1])
    w = cubic(t)
    for component in range(3):
        target, (p, q, r, s) = line[component], _four(plane[component], j)
        for i in range(target.size):
            target[i] = w[0] * p[i] + w[1] * q[i] + w[2] * r[i] + w[3] * s[i]


@kernel
def _four(lines, j):  # type: ignore[no-untyped-def]
    return lines[j], lines[j + 1], lines[j + 2], lines[j + 3]


@kernel
def _point(tables, x):  # type: ignore[no-untyped-def]
    """Evaluate it along x, at a pixel."""
    line, i, w = tables[1], tables[2][x], tables[3][x]
    z, y, v = line[0], line[1], line[2]
    return (
        w[0] * z[i] + w[1] * z[i + 1] + w[2] * z[i + 2] + w[3] * z[i + 3],
        w[0] * y[i] + w[1] * y[i + 1] + w[2] * y[i + 2] + w[3] * y[i + 3],
        w[0] * v[i] + w[1] * v[i + 1] + w[2] * v[i + 2] + w[3] * v[i + 3],
    )


@kernel
def _seed(mask, first, spacing, fields):  # type: ignore[no-untyped-def]
    """Pixel that an inner pixel of an object goes to."""
    z, y, x = mask.shape[0] // 2, mask.shape[1] // 2, mask.shape[2] // 2
    for i in range(mask.size):
        if mask[z, y, x]:
            break
        z, y, x = i // (mask.shape[1] * mask.shape[2]), i // mask.shape[2] % mask.shape[1], i % mask.shape[2]
    home = (
        (first[0] + z + 0.5) * spacing[0],
        (first[1] + y + 0.5) * spacing[1],
        (first[2] + x + 0.5) * spacing[2],
    )
    at = _source(home, fields)
    return int(np.floor(at[0] / spacing[0])), int(np.floor(at[1] / spacing[1])), int(np.floor(at[2] / spacing[2]))
