"""Objects laid on a canvas one after the other, and what becomes of the pixels that two of them have."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cellsim.kernel import kernel
from cellsim.masks.crops import Crops
from cellsim.masks.lift import lift
from cellsim.masks.pieces import keep_largest, survey
from cellsim.masks.stamps import block, is_free, part, window
from cellsim.sample import MAX_OBJECTS, Canvas, Labels

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


def arrange(
    crops: Crops, centres: NDArray[np.float64], canvas: Canvas, rules: Rules
) -> tuple[Labels, NDArray[np.int64]]:
    """Lay objects on a canvas, in their order.

    Whether objects overlap is judged beyond the canvas too. An object that is cut keeps its largest piece; one of
    which nothing is left on the canvas vanishes.

    Parameters
    ----------
    crops : Crops
        Objects, each in one piece.
    centres : (N, D) float64 array
        Their centres in µm.
    canvas : Canvas
        Shape and spacing.
    rules : Rules
        What may overlap.

    Returns
    -------
    labels : (layers, [Z,] Y, X) uint16 array
        Ids are 1..M in the order of objects.
    which : (M,) int64 array
        Index of each object that is there.

    Raises
    ------
    ValueError
        If there are more objects than uint16 can name.
    """
    shape = (1,) * (3 - canvas.ndim) + canvas.shape
    layered, apart = rules.shared == "layers", rules.shared != "layers" and rules.overlap == 0
    frame, size = (0, 0, 0), shape
    if len(crops) and not rules.whole and (layered or rules.overlap < 1):
        frame, size = _frame(crops.corner, crops.shape, shape)
    none = (1, 1, 1)
    blocked = np.zeros((rules.layers, *(size if layered or apart else none)), np.bool_)
    owner = np.zeros(none if layered or apart else size, np.int32)
    counted = rules.overlap < 1 and not apart
    links = np.empty((2, len(crops.pixels) + 1 if counted else 1), np.int32)
    chain = np.zeros(size if counted else none, np.int32), links[0], links[1]
    places = lift(centres, 0.5), lift(canvas.spacing, 1.0), canvas.ndim
    plain = float(rules.overlap), SHARED[rules.shared], rules.whole
    layer, lost = _settle(crops.arrays, places, (owner, chain, blocked), (frame, shape), plain)
    labels = np.zeros((rules.layers, *shape), np.uint16)
    which, count = _write(crops.arrays, (layer, lost), owner, frame, labels)
    if count > MAX_OBJECTS:
        raise ValueError(f"a label image holds at most {MAX_OBJECTS:,} objects, got more: lower the density")
    return labels.reshape(rules.layers, *canvas.shape), which


@kernel
def _frame(corner, shape, canvas):  # type: ignore[no-untyped-def]
    """First pixel and size of the least grid that holds the canvas and all windows."""
    low, high = np.zeros(3, np.int64), np.array(canvas)
    for i in range(len(corner)):
        for axis in range(3):
            low[axis] = min(low[axis], corner[i, axis])
            high[axis] = max(high[axis], corner[i, axis] + shape[i, axis])
    return (low[0], low[1], low[2]), (high[0] - low[0], high[1] - low[1], high[2] - low[2])


@kernel
def _settle(objects, places, grids, frame, rules):  # type: ignore[no-untyped-def]
    """Give every object a plane, or -1 if it is left out, and its pixels; which lost some of theirs."""
    owner, chain, blocked = grids
    (low, canvas), (overlap, shared, whole) = frame, rules
    n, links = len(objects[2]), 0
    layer, lost, met = np.full(n, -1, np.int64), np.zeros(n, np.bool_), np.zeros((2, n), np.int64)
    layered, apart = shared == LAYERS, shared != LAYERS and overlap == 0
    size = _sizes(objects) if not apart else np.zeros(n, np.int64)
    square = _squares(size, places)
    near = _box(APART if layered else 0, places[2])
    for i in range(n):
        mask = window(objects, i)
        corner = objects[3][i, 0] - low[0], objects[3][i, 1] - low[1], objects[3][i, 2] - low[2]
        if whole and not _is_inside(mask, corner, canvas):
            continue
        if overlap < 1 and not apart and _overlaps(mask, corner, chain, (met, size), i, overlap):
            continue
        plane = 0
        if layered or apart:
            while plane < len(blocked) and not is_free(mask, corner, blocked[plane]):
                plane += 1
            if plane == len(blocked):
                continue
            block(mask, corner, near, blocked[plane])
        else:
            _claim(mask, corner, i, (owner, lost, low), (places, square, shared == CUT))
        layer[i] = plane
        if overlap < 1 and not apart:
            links = _link(mask, corner, chain, i, links)
    return layer, lost


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
def _is_inside(mask, corner, canvas):  # type: ignore[no-untyped-def]
    inside = True
    for axis in range(3):
        inside &= corner[axis] >= 0 and corner[axis] + mask.shape[axis] <= canvas[axis]
    return inside


@kernel
def _box(reach, ndim):  # type: ignore[no-untyped-def]
    """Offsets of the pixels of a square or cube about one."""
    side = 2 * reach + 1
    offsets = np.zeros((side**ndim, 3), np.int64)
    for m in range(side**ndim):
        for axis in range(ndim):
            offsets[m, 2 - axis] = m // side**axis % side - reach
    return offsets


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
def _claim(mask, corner, i, held, power):  # type: ignore[no-untyped-def]
    """Give an object its free pixels and, where objects are cut, those nearer to it by power distance."""
    owner, lost, frame = held
    (centre, spacing, _), square, cut = power
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


@kernel
def _write(objects, fate, owner, frame, labels):  # type: ignore[no-untyped-def]
    """Write the objects that are left on the canvas, numbered; which they are, and how many."""
    layer, lost = fate
    which = np.empty(min(len(layer), MAX_OBJECTS), np.int64)
    count = 0
    for i in range(len(layer)):
        if layer[i] < 0:
            continue
        mask, corner = window(objects, i), (objects[3][i, 0], objects[3][i, 1], objects[3][i, 2])
        if lost[i] or not _is_inside(mask, corner, labels.shape[1:]):
            mask = _left(mask, corner, labels[0], (owner, frame, i + 1, lost[i]))
            if not mask.any():
                continue
        count += 1
        if count > MAX_OBJECTS:
            break
        which[count - 1] = i
        low, high = part(mask, corner, labels[0])
        for z in range(low[0], high[0]):
            for y in range(low[1], high[1]):
                row, own = labels[layer[i], corner[0] + z, corner[1] + y], mask[z, y, low[2] : high[2]]
                row = row[corner[2] + low[2] : corner[2] + high[2]]
                for x in range(own.size):
                    row[x] = count if own[x] else row[x]
    return which[:count], count


@kernel
def _left(mask, corner, canvas, held):  # type: ignore[no-untyped-def]
    """Largest piece of what an object still has on the canvas, in its window."""
    owner, frame, name, lost = held
    left = np.zeros(mask.shape, np.bool_)
    low, high = part(mask, corner, canvas)
    for z in range(low[0], high[0]):
        for y in range(low[1], high[1]):
            for x in range(low[2], high[2]):
                at = corner[0] + z - frame[0], corner[1] + y - frame[1], corner[2] + x - frame[2]
                left[z, y, x] = mask[z, y, x] and (not lost or owner[at] == name)
    if not survey(left)[0]:
        keep_largest(left)
    return left
