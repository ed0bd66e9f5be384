"""Which objects of a label image are near each other: the proximity graph. Its colouring gives mask layers."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cellsim.kernel import kernel
from cellsim.masks.lift import lift_image
from cellsim.masks.relabel import SPARSE

MOST = 2**31 - 1  # ids: a pair of them is one int64


class Proximity(NamedTuple):
    """Objects, and which of them are near each other.

    Parameters
    ----------
    ids : (N,) int64 array
        Of the objects, ascending.
    start : (N + 1,) int64 array
        Where the neighbours of each object begin in `near`, and the end of the last.
    near : (2 E,) int64 array
        Indices of neighbours, ascending for each object; every pair is there twice.
    """

    ids: NDArray[np.int64]
    start: NDArray[np.int64]
    near: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ids)


def proximity(labels: NDArray[np.integer[Any]], gap: int) -> Proximity:
    """Find the objects with fewer than a number of pixels of background between them, along every axis.

    Two objects are neighbours if a square (in 3D a cube) of ``2 gap + 1`` pixels about a pixel of the one has a pixel
    of the other in it: if their Chebyshev distance, between the centres of pixels, is `gap` or less.

    Parameters
    ----------
    labels : ([Z,] Y, X) integer array
        0 is background; ids may have holes.
    gap : int
        In px. With 0 no objects are neighbours; with 1 those that touch by a face, an edge or a corner.

    Returns
    -------
    Proximity
        The graph.

    Raises
    ------
    ValueError
        If `gap` is negative, `labels` are no integers, or an id is negative or 2³¹ or more.
    """
    if gap < 0:
        raise ValueError(f"gap must be >= 0 px, got {gap}")
    if not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(f"labels must be integers, got {labels.dtype}")
    if labels.size and not 0 <= labels.min() <= labels.max() <= MOST:
        raise ValueError(f"labels must be from 0 to {MOST:,}, got {labels.min():,} to {labels.max():,}")
    narrow = labels.max(initial=0) <= np.iinfo(np.uint16).max  # kernels are compiled for two types, whatever comes
    labels = labels.astype(np.uint16 if narrow else np.int32, copy=False)
    ids = _ids(labels)
    if gap == 0 or len(ids) < 2:
        return _graph(ids, np.empty(0, np.int64))
    around = [(gap, gap) if axis or labels.ndim == 3 else (0, 0) for axis in range(3)]
    padded = np.pad(lift_image(labels), around)
    return _graph(ids, np.sort(_pairs(padded.ravel(), padded.shape, gap, _ahead(padded.shape, around))))


def _ahead(shape: tuple[int, ...], around: list[tuple[int, int]]) -> NDArray[np.int64]:
    """List the offsets from a pixel, in a flat image, to the half of its window that comes after it."""
    window = np.stack(np.meshgrid(*(np.arange(-n, n + 1) for n, _ in around), indexing="ij"), axis=-1).reshape(-1, 3)
    after = window[len(window) // 2 + 1 :]
    offsets: NDArray[np.int64] = after @ np.array([shape[1] * shape[2], shape[2], 1])
    return offsets


def _ids(labels: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    if (largest := int(labels.max(initial=0))) <= SPARSE:
        return np.flatnonzero(_present(labels.ravel(), largest + 1))
    ids: NDArray[np.int64] = np.unique(labels).astype(np.int64)
    return ids[ids > 0]


@kernel
def _present(flat, n):  # type: ignore[no-untyped-def]
    found = np.zeros(n, np.bool_)
    for label in flat:
        found[label] = label > 0
    return found


def _graph(ids: NDArray[np.int64], pairs: NDArray[np.int64]) -> Proximity:
    low, high = np.searchsorted(ids, pairs >> 32), np.searchsorted(ids, pairs & MOST)
    one, other = np.concatenate([low, high]), np.concatenate([high, low])
    order = np.lexsort((other, one))
    start = np.concatenate([[0], np.cumsum(np.bincount(one, minlength=len(ids)))])
    return Proximity(ids, start.astype(np.int64), other[order])


@kernel
def _pairs(flat, shape, gap, ahead):  # type: ignore[no-untyped-def]
    """Every pair of neighbours once, as the lesser id times 2³² plus the greater; `flat` has `gap` pixels around."""
    depth, height, width = shape
    table, filled, last = np.full(1024, -1, np.int64), 0, np.int64(-1)
    new = np.empty(width - 2 * gap, np.bool_)
    deep = gap if depth > 1 else 0
    for z in range(deep, depth - deep):
        for y in range(gap, height - gap):
            begin = (z * height + y) * width + gap
            _mark(flat, begin, (width, ahead), new)
            for x in range(new.size):
                if not new[x]:
                    continue
                own = flat[begin + x]
                for offset in ahead:
                    other = flat[begin + x + offset]
                    if other != 0 and other != own:
                        key = (np.int64(min(own, other)) << 32) + np.int64(max(own, other))
                        if key != last:
                            filled += _put(table, key)
                            last = key
                            table = _grown(table) if 2 * filled >= table.size else table
    found, n = np.empty(filled, np.int64), 0
    for key in table:
        if key >= 0:
            found[n] = key
            n += 1
    return found


@kernel
def _mark(flat, begin, steps, new):  # type: ignore[no-untyped-def]
    """Mark the pixels of a row that have another object ahead in their window where the pixels before did not.

    If a pixel and one ahead belong to the same two objects as those to the left of them, or above, they tell nothing.
    """
    width, ahead = steps
    n, nothing = new.size, flat.dtype.type(0)  # of the same type: comparisons of narrow integers are fast
    row, left, above = flat[begin : begin + n], flat[begin - 1 : begin - 1 + n], flat[begin - width : begin - width + n]
    for x in range(n):
        new[x] = False
    for step in ahead:
        to = begin + step
        line, line_left, line_above = flat[to : to + n], flat[to - 1 : to - 1 + n], flat[to - width : to - width + n]
        for x in range(n):  # without branches, so that many pixels are compared at once
            near = (row[x] != line[x]) & (row[x] != nothing) & (line[x] != nothing)
            changed = (row[x] != left[x]) | (line[x] != line_left[x])
            new[x] |= near & changed & ((row[x] != above[x]) | (line[x] != line_above[x]))


@kernel
def _put(table, key):  # type: ignore[no-untyped-def]
    """Put a number into a hash table whose size is a power of two; 1 if it was not there."""
    mask = table.size - 1
    place = ((key >> 32) * 40503 + (key & 0xFFFFFFFF) * 2654435) & mask
    while table[place] >= 0 and table[place] != key:
        place = (place + 1) & mask
    new = 1 if table[place] < 0 else 0
    table[place] = key
    return new


@kernel
def _grown(table):  # type: ignore[no-untyped-def]
    """Copy a hash table to one of twice the size."""
    larger = np.full(2 * table.size, -1, np.int64)
    for key in table:
        if key >= 0:
            _put(larger, key)
    return larger
