"""Outlines of objects along the edges of their pixels: polygons that give every pixel back."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cellsim.kernel import kernel
from cellsim.sample import Labels

Corners = NDArray[np.int32]


def pixel_outlines(labels: Labels) -> list[Corners]:
    """Trace the objects of a label image, each as one polygon.

    The corners of a polygon are corners of pixels, so the even-odd rule gives exactly the pixels of the object. An
    object with holes or of several pieces has several loops; they are joined to the first by bridges without width,
    walked once there and once back.

    Parameters
    ----------
    labels : (Y, X) uint16 array
        0 is background, ids have no holes.

    Returns
    -------
    list of (M, 2) int32 arrays
        Corners (y, x) of the object with id k + 1, the corner of the image at 0; the last joins the first.
    """
    corners, start, ids = _trace(labels, _edges(labels))
    loops: list[list[Corners]] = [[] for _ in range(int(labels.max(initial=0)))]
    for k, label in enumerate(ids):
        loops[label - 1].append(corners[start[k] : start[k + 1]])
    return [_joined(each) if each else np.zeros((0, 2), np.int32) for each in loops]


def _joined(loops: list[Corners]) -> Corners:
    if len(loops) == 1:
        return loops[0].copy()
    home = loops[0][:1]
    parts = [loops[0]]
    for loop in loops[1:]:
        parts += [home, loop, loop[:1]]
    return np.concatenate(parts)


@kernel
def _edges(labels):  # type: ignore[no-untyped-def]
    """Count the edges of pixels that lie on the outline of an object: more than there are corners."""
    rows, columns = labels.shape
    count = 0
    for y in range(rows):
        for x in range(columns):
            label = labels[y, x]
            if label == 0:
                continue
            count += y == 0 or labels[y - 1, x] != label
            count += y == rows - 1 or labels[y + 1, x] != label
            count += x == 0 or labels[y, x - 1] != label
            count += x == columns - 1 or labels[y, x + 1] != label
    return count


@kernel
def _trace(labels, edges):  # type: ignore[no-untyped-def]
    """Walk along every outline, the object on the right hand; each loop has an upper edge, from which it is found."""
    rows, columns = labels.shape
    walked = np.zeros((rows, columns), np.bool_)
    corners = np.empty((edges, 2), np.int32)
    start, ids = np.zeros(edges + 1, np.int64), np.empty(edges, np.int64)
    n = loops = 0
    for y0 in range(rows):
        for x0 in range(columns):
            label = labels[y0, x0]
            if label == 0 or walked[y0, x0] or (y0 > 0 and labels[y0 - 1, x0] == label):
                continue
            y, x, dy, dx, turned = y0, x0, 0, 1, True
            while True:
                if dx == 1:
                    walked[y, x] = True
                if turned:
                    corners[n, 0], corners[n, 1] = y, x
                    n += 1
                y, x = y + dy, x + dx
                # the pixels ahead of the corner (y, x), to the right and to the left of the way
                right = _is(labels, y + (dy + dx - 1) // 2, x + (dx - dy - 1) // 2, label)
                left = _is(labels, y + (dy - dx - 1) // 2, x + (dx + dy - 1) // 2, label)
                turned = not right or left
                if not right:
                    dy, dx = dx, -dy
                elif left:
                    dy, dx = -dx, dy
                if y == y0 and x == x0 and dy == 0 and dx == 1:
                    break
            ids[loops] = label
            loops += 1
            start[loops] = n
    return corners[:n], start[: loops + 1], ids[:loops]


@kernel
def _is(labels, y, x, label):  # type: ignore[no-untyped-def]
    return 0 <= y < labels.shape[0] and 0 <= x < labels.shape[1] and labels[y, x] == label
