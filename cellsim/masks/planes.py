"""Label planes: settled objects written with their ids, bodies inside them, and what is seen of those that overlap."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cellsim.kernel import kernel
from cellsim.masks.crops import Crops, Whole
from cellsim.masks.overlaps import Rules, Settled, settle
from cellsim.masks.pieces import keep_largest, survey
from cellsim.masks.stamps import is_inside, part, window
from cellsim.sample import MAX_OBJECTS, Canvas, Labels


class Arranged(NamedTuple):
    """Objects on a canvas.

    Parameters
    ----------
    labels : (layers, [Z,] Y, X) uint16 array
        Ids are 1..M in the order of objects.
    which : (M,) int64 array
        Index of each object that is there.
    centres : (M, D) float64 array
        Where they stand, in µm.
    settled : Settled
        Of all objects.
    """

    labels: Labels
    which: Whole
    centres: NDArray[np.float64]
    settled: Settled


def arrange(
    crops: Crops,
    places: NDArray[np.float64],
    canvas: Canvas,
    rules: Rules,
    judged: Crops | None = None,
    connected: bool = True,
) -> Arranged:
    """Lay objects on a canvas, in their order; one of which nothing is left on the canvas vanishes.

    Parameters
    ----------
    crops : Crops
        Objects, each in one piece.
    places : (T, N, D) float64 array
        Their centres in µm, then other places to be tried where there is no room.
    canvas : Canvas
        Shape and spacing.
    rules : Rules
        What may overlap.
    judged : Crops, optional
        Bodies, one an object, whose overlap counts instead of the objects'.
    connected : bool
        Whether an object that is cut keeps its largest piece only.

    Returns
    -------
    Arranged
        Labels, and which object is where.

    Raises
    ------
    ValueError
        If there are more objects than uint16 can name.
    """
    settled = settle(crops, places, canvas, rules, judged)
    labels = np.zeros((rules.layers, *(1,) * (3 - canvas.ndim), *canvas.shape), np.uint16)
    fate = settled.layer, settled.lost
    which, count = _write(crops.moved(settled.shift).arrays, fate, (settled.owner, settled.frame), labels, connected)
    if count > MAX_OBJECTS:
        raise ValueError(f"a label image holds at most {MAX_OBJECTS:,} objects, got more: lower the density")
    centres = places[0, which] + settled.shift[which, 3 - canvas.ndim :] * np.asarray(canvas.spacing)
    return Arranged(labels.reshape(rules.layers, *canvas.shape), which, centres, settled)


def inside(bodies: Crops, which: Whole, ids: Whole, layer: Whole, outer: Labels) -> Labels:
    """Write bodies that lie in objects, with the ids of these; of each, the largest piece that is in its object.

    Parameters
    ----------
    bodies : Crops
        Of which some are written.
    which : (B,) int64 array
        Those; any number an object, of which later ones join the earlier.
    ids : (B,) int64 array
        Id of the object that each lies in.
    layer : (B,) int64 array
        Plane of that object.
    outer : (layers, [Z,] Y, X) uint16 array
        The objects.

    Returns
    -------
    (layers, [Z,] Y, X) uint16 array
        The bodies.
    """
    planes = outer.reshape(len(outer), *(1,) * (4 - outer.ndim), *outer.shape[1:])
    labels = np.zeros_like(planes)
    _write_inside(bodies.arrays, which, (ids, layer), planes, labels)
    return labels.reshape(outer.shape)


def visible(planes: Labels) -> Labels:
    """Say which object is seen at each pixel, where an earlier one hides a later.

    Parameters
    ----------
    planes : (layers, [Z,] Y, X) uint16 array
        Objects, which may overlap from plane to plane.

    Returns
    -------
    ([Z,] Y, X) uint16 array
        The least id that is there. An object that others hide wholly is missing.
    """
    seen: Labels = _least(planes.reshape(len(planes), -1))
    return seen.reshape(planes.shape[1:])


@kernel
def _least(planes):  # type: ignore[no-untyped-def]
    """Least number but 0 at each pixel; 0 where there is none."""
    seen = planes[0].copy()
    for plane in range(1, len(planes)):
        row = planes[plane]
        for i in range(seen.size):
            here = min(np.uint16(seen[i] - np.uint16(1)), np.uint16(row[i] - np.uint16(1)))  # 0 comes last
            seen[i] = np.uint16(here + np.uint16(1))
    return seen


@kernel
def _write(objects, fate, grid, labels, connected):  # type: ignore[no-untyped-def]
    """Write the objects that are left on the canvas, numbered; which they are, and how many."""
    (layer, lost), (owner, frame) = fate, grid
    which = np.empty(min(len(layer), MAX_OBJECTS), np.int64)
    count = 0
    for i in range(len(layer)):
        if layer[i] < 0:
            continue
        mask, corner = window(objects, i), (objects[3][i, 0], objects[3][i, 1], objects[3][i, 2])
        if lost[i] or not is_inside(mask, corner, labels.shape[1:]):
            mask = _left(mask, corner, labels[0], (owner, frame, i + 1, lost[i]), connected)
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
def _left(mask, corner, canvas, held, connected):  # type: ignore[no-untyped-def]
    """Mark what an object still has on the canvas, or the largest piece of it, in its window."""
    owner, frame, name, lost = held
    left = np.zeros(mask.shape, np.bool_)
    low, high = part(mask, corner, canvas)
    for z in range(low[0], high[0]):
        for y in range(low[1], high[1]):
            for x in range(low[2], high[2]):
                at = corner[0] + z - frame[0], corner[1] + y - frame[1], corner[2] + x - frame[2]
                left[z, y, x] = mask[z, y, x] and (not lost or owner[at] == name)
    if connected and not survey(left)[0]:
        keep_largest(left)
    return left


@kernel
def _write_inside(bodies, which, objects, outer, labels):  # type: ignore[no-untyped-def]
    """Write every body where its object is."""
    ids, layer = objects
    for i in range(len(which)):
        mask, plane = window(bodies, which[i]), layer[i]
        corner = bodies[3][which[i], 0], bodies[3][which[i], 1], bodies[3][which[i], 2]
        left = _left(mask, corner, outer[plane], (outer[plane], (0, 0, 0), ids[i], True), True)
        low, high = part(mask, corner, outer[plane])
        for z in range(low[0], high[0]):
            for y in range(low[1], high[1]):
                for x in range(low[2], high[2]):
                    if left[z, y, x]:
                        labels[plane, corner[0] + z, corner[1] + y, corner[2] + x] = ids[i]
