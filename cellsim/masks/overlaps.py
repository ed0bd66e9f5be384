"""Objects laid on a canvas one after the other: which may overlap, and whose the pixels are that two of them have."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cellsim.kernel import kernel
from cellsim.masks.crops import Crops, Whole
from cellsim.masks.lift import lift
from cellsim.masks.stamps import block_box, is_free, is_inside, part, window
from cellsim.sample import Canvas

APART = 2  # px of background between two objects of a layer, along every axis
FIRST, CUT, LAYERS = range(3)
SHARED = {"first": FIRST, "cut": CUT, "layers": LAYERS}


class Rules(NamedTuple):
    """What may overlap, and what becomes of shared pixels.

    Parameters
    ----------
    overlap : float
        An object that has more than this share of it, or of an earlier one, in common with that one is left out.
    shared : str
        "first": the earlier of two keeps them. "cut": they go to the object with the smaller power distance
        ``|x - c|² - r²``, r the radius of the disk or ball of its content. "layers": both keep them, in two planes.
    layers : int
        Number of planes; 1 unless `shared` is "layers".
    whole : bool
        Objects that reach beyond the canvas are left out first.
    """

    overlap: float = 0.0
    shared: str = "first"
    layers: int = 1
    whole: bool = False


class Settled(NamedTuple):
    """Where objects came to lie.

    Parameters
    ----------
    layer : (N,) int64 array
        Plane of each object; -1 of those left out.
    shift : (N, 3) int64 array
        By how many pixels it was moved.
    lost : (N,) bool array
        Whether it lost pixels to another.
    owner : ([Z,] Y, X) int32 array
        One more than the index of the object that has each pixel, on a grid that may be larger than the canvas; of one
        pixel where no object can lose any.
    frame : (3,) tuple of int
        First pixel of that grid on the canvas.
    """

    layer: Whole
    shift: Whole
    lost: NDArray[np.bool_]
    owner: NDArray[np.int32]
    frame: tuple[int, int, int]


def settle(
    crops: Crops,
    places: NDArray[np.float64],
    canvas: Canvas,
    rules: Rules,
    judged: Crops | None = None,
) -> Settled:
    """Lay objects on a canvas, in their order; whether they overlap is judged beyond the canvas too.

    Parameters
    ----------
    crops : Crops
        Objects, each in one piece.
    places : (T, N, D) float64 array
        Their centres in µm, then other places to be tried in turn where there is no room; NaN for nowhere. An object
        is moved by whole pixels.
    canvas : Canvas
        Shape and spacing.
    rules : Rules
        What may overlap.
    judged : Crops, optional
        Bodies, one an object, whose overlap counts instead of the objects'.

    Returns
    -------
    Settled
        Planes, and who has each pixel.
    """
    judged = crops if judged is None else judged
    shape = (1,) * (3 - canvas.ndim) + canvas.shape
    where, spacing = lift(places, 0.5), lift(canvas.spacing, 1.0)
    layered = rules.shared == "layers"
    marked = layered or (rules.overlap == 0 and judged is crops)  # then pixels are taken, whoever has them
    counted = rules.overlap < 1 and (layered or not marked)
    frame, size = (0, 0, 0), shape
    if len(crops) and not rules.whole and (marked or counted):
        windows = (crops,) if judged is crops else (crops, judged)
        corner, extent = (np.concatenate([getattr(body, name) for body in windows]) for name in ("corner", "shape"))
        frame, size = _frame((corner, extent), where, spacing, shape)
    none = (1, 1, 1)
    blocked = np.zeros((rules.layers, *(size if marked else none)), np.bool_)
    owner = np.zeros(none if marked else size, np.int32)
    links = np.empty((2, len(judged.pixels) + 1 if counted else 1), np.int32)
    chain = np.zeros(size if counted else none, np.int32), links[0], links[1]
    power = where[0].copy(), spacing, canvas.ndim
    plain = float(rules.overlap), SHARED[rules.shared], rules.whole, marked, counted
    bodies = crops.arrays, judged.arrays
    layer, shift, lost = _settle(bodies, (power, where), (owner, chain, blocked), (frame, shape), plain)
    return Settled(layer, shift, lost, owner, frame)


@kernel
def _frame(windows, places, spacing, canvas):  # type: ignore[no-untyped-def]
    """First pixel and size of the least grid that holds the canvas and all windows at all places."""
    corner, shape = windows
    low, high = np.zeros(3, np.int64), np.array(canvas)
    for k in range(len(corner)):
        i = k % places.shape[1]
        for t in range(len(places)):
            if np.isnan(places[t, i, 2]):
                continue
            for axis in range(3):
                first = corner[k, axis] + _step(places, t, i, axis, spacing)
                low[axis] = min(low[axis], first)
                high[axis] = max(high[axis], first + shape[k, axis])
    return (low[0], low[1], low[2]), (high[0] - low[0], high[1] - low[1], high[2] - low[2])


@kernel
def _step(places, t, i, axis, spacing):  # type: ignore[no-untyped-def]
    """Whole pixels from the first place of an object to another."""
    return int(np.rint((places[t, i, axis] - places[0, i, axis]) / spacing[axis]))


@kernel
def _settle(bodies, places, grids, frame, rules):  # type: ignore[no-untyped-def]
    """Give every object a plane, or -1 if it is left out, and its pixels; how far it moved, and whether it lost any."""
    (objects, judged), (power, where), (owner, chain, blocked) = bodies, places, grids
    (centre, spacing, ndim), (low, _), (_, shared, _, marked, counted) = power, frame, rules
    n, links = len(objects[2]), 0
    layer, lost, shift = np.full(n, -1, np.int64), np.zeros(n, np.bool_), np.zeros((n, 3), np.int64)
    known = np.zeros((2, n), np.int64), _sizes(judged)
    square = _squares(_sizes(objects), power)
    near = APART if shared == LAYERS else 0
    reach = near if ndim == 3 else 0, near, near
    for i in range(n):
        for t in range(len(where)):
            if np.isnan(where[t, i, 2]):
                continue
            for axis in range(3):
                shift[i, axis] = _step(where, t, i, axis, spacing)
            layer[i] = _plane(bodies, i, shift, (chain, blocked), (known, frame, rules))
            if layer[i] >= 0:
                break
        if layer[i] < 0:
            continue
        mask, corner = window(objects, i), _corner(objects, i, shift, low)
        if marked:
            block_box(mask, corner, reach, blocked[layer[i]])
        else:
            for axis in range(3):
                centre[i, axis] += shift[i, axis] * spacing[axis]
            _claim(mask, corner, i, (owner, lost, low), (power, square, shared == CUT))
        if counted:
            links = _link(window(judged, i), _corner(judged, i, shift, low), chain, i, links)
    return layer, shift, lost


@kernel
def _plane(bodies, i, shift, grids, rules):  # type: ignore[no-untyped-def]
    """Plane in which an object has room, or -1."""
    (objects, judged), (chain, blocked) = bodies, grids
    known, (low, canvas), (overlap, _, whole, marked, counted) = rules
    mask, corner = window(objects, i), _corner(objects, i, shift, low)
    if whole and not is_inside(mask, corner, canvas):
        return -1
    if counted and _overlaps(window(judged, i), _corner(judged, i, shift, low), chain, known, i, overlap):
        return -1
    if not marked:
        return 0
    for plane in range(len(blocked)):
        if is_free(mask, corner, blocked[plane]):
            return plane
    return -1


@kernel
def _corner(objects, i, shift, low):  # type: ignore[no-untyped-def]
    """First pixel of an object's window on the grid."""
    corner = objects[3]
    return corner[i, 0] + shift[i, 0] - low[0], corner[i, 1] + shift[i, 1] - low[1], corner[i, 2] + shift[i, 2] - low[2]


@kernel
def _sizes(objects):  # type: ignore[no-untyped-def]
    """Pixels of each object."""
    pixels, start, shape, _ = objects
    size = np.zeros(len(shape), np.int64)
    for i in range(len(shape)):
        for p in range(start[i], start[i + 1]):
            size[i] += pixels[p]
    return size


@kernel
def _squares(size, places):  # type: ignore[no-untyped-def]
    """Square of the radius of the disk or ball of each object's content."""
    _, spacing, ndim = places
    content = size * spacing[0] * spacing[1] * spacing[2]
    return content / math.pi if ndim == 2 else (0.75 * content / math.pi) ** (2 / 3)


@kernel
def _overlaps(mask, corner, chain, known, i, overlap):  # type: ignore[no-untyped-def]
    """Whether an object has more than a share of it, or of another, in common with that one."""
    (top, who, below), (counts, sizes) = chain, known
    met, touched = counts
    n, found = 0, False
    low, high = part(mask, corner, top)
    for z in range(low[0], high[0]):
        for y in range(low[1], high[1]):
            for x in range(low[2], high[2]):
                link = top[corner[0] + z, corner[1] + y, corner[2] + x] if mask[z, y, x] else 0
                while link > 0:
                    other = who[link]
                    if met[other] == 0:
                        touched[n] = other
                        n += 1
                    met[other] += 1
                    link = below[link]
    for k in range(n):
        other = touched[k]
        found |= met[other] > overlap * min(sizes[i], sizes[other])
        met[other] = 0
    return found


@kernel
def _link(mask, corner, chain, i, links):  # type: ignore[no-untyped-def]
    """Put an object on top of the list of those that have each pixel; how many entries there are then."""
    top, who, below = chain
    low, high = part(mask, corner, top)
    for z in range(low[0], high[0]):
        for y in range(low[1], high[1]):
            for x in range(low[2], high[2]):
                if mask[z, y, x]:
                    links += 1
                    who[links], below[links] = i, top[corner[0] + z, corner[1] + y, corner[2] + x]
                    top[corner[0] + z, corner[1] + y, corner[2] + x] = links
    return links


@kernel
def _claim(mask, corner, i, held, held_by):  # type: ignore[no-untyped-def]
    """Give an object its free pixels and, where objects are cut, those nearer to it by power distance."""
    owner, lost, frame = held
    (centre, spacing, _), square, cut = held_by
    low, high = part(mask, corner, owner)
    for z in range(low[0], high[0]):
        for y in range(low[1], high[1]):
            for x in range(low[2], high[2]):
                if not mask[z, y, x]:
                    continue
                at = corner[0] + z, corner[1] + y, corner[2] + x
                other = owner[at] - 1
                if other < 0:
                    owner[at] = i + 1
                    continue
                mine, its = -square[i], -square[other]
                for axis in range(3):
                    place = (at[axis] + frame[axis] + 0.5) * spacing[axis]
                    mine += (place - centre[i, axis]) ** 2
                    its += (place - centre[other, axis]) ** 2
                if cut and mine < its:
                    owner[at], lost[other] = i + 1, True
                else:
                    lost[i] = True
