"""Clean label images: one connected piece an object, ids 1..N without holes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellsim.kernel import kernel
from cellsim.masks.lift import lift_image
from cellsim.sample import MAX_OBJECTS, Labels

SPARSE = 16 * MAX_OBJECTS  # ids above this are sorted rather than looked up in a table


def consecutive(labels: NDArray[np.integer[Any]], smallest: int = 1) -> tuple[Labels, NDArray[np.int64]]:
    """Renumber objects 1..N in the order of their ids, and drop small ones.

    Parameters
    ----------
    labels : (...) integer array
        0 is background; ids may have holes.
    smallest : int
        Objects of fewer pixels become background.

    Returns
    -------
    labels : (...) uint16 array
        The same objects, ids without holes.
    ids : (N,) int64 array
        The old id of each object.

    Raises
    ------
    ValueError
        If ids are negative or there are more objects than uint16 can name.
    """
    if labels.min(initial=0) < 0:
        raise ValueError(f"labels must be >= 0, got {labels.min()}")
    found = np.arange(int(labels.max(initial=0)) + 1) if labels.max(initial=0) <= SPARSE else np.unique(labels)
    if len(found) <= labels.max(initial=0):
        labels = np.searchsorted(found, labels)
    present = (_sizes(labels.ravel(), len(found)) >= max(smallest, 1)) & (found > 0)
    if (n := int(present.sum())) > MAX_OBJECTS:
        raise ValueError(f"a label image holds at most {MAX_OBJECTS:,} objects, got {n:,}")
    table = np.where(present, np.cumsum(present), 0).astype(np.uint16)
    return _look_up(labels.ravel(), table).reshape(labels.shape), found[present].astype(np.int64)


@kernel
def _sizes(flat, n):  # type: ignore[no-untyped-def]
    sizes = np.zeros(n, np.int64)
    for label in flat:
        sizes[label] += 1
    return sizes


@kernel
def _look_up(flat, table):  # type: ignore[no-untyped-def]
    found = np.empty(flat.size, np.uint16)
    for i in range(flat.size):
        found[i] = table[flat[i]]
    return found


def largest_pieces(labels: Labels) -> Labels:
    """Keep the largest connected piece of every object (face neighbours), the first of equals.

    Parameters
    ----------
    labels : ([Z,] Y, X) uint16 array
        Objects that may be in several pieces.

    Returns
    -------
    ([Z,] Y, X) uint16 array
        The other pieces are background; ids are unchanged.
    """
    pieces = labels.copy()
    _keep_best_pieces(lift_image(pieces), 1)
    return pieces


def whole_cells(labels: Labels, smallest: int = 1) -> tuple[Labels, NDArray[np.int64]]:
    """Keep the largest piece of every object, drop small ones, and renumber: `largest_pieces`, then `consecutive`.

    Parameters
    ----------
    labels : ([Z,] Y, X) uint16 array
        Objects that may be in several pieces.
    smallest : int
        Objects whose largest piece has fewer pixels become background.

    Returns
    -------
    labels : ([Z,] Y, X) uint16 array
        Connected objects, ids without holes.
    ids : (N,) int64 array
        The old id of each object.
    """
    pieces = labels.copy()
    kept = _keep_best_pieces(lift_image(pieces), smallest)
    table = np.where(kept, np.cumsum(kept), 0).astype(np.uint16)
    return _look_up(pieces.ravel(), table).reshape(labels.shape), np.flatnonzero(kept)


@kernel
def _runs(labels):  # type: ignore[no-untyped-def]
    """Cut every row into runs of one label: where each row's runs begin in the list, and each run's ends."""
    rows = labels.shape[0] * labels.shape[1]
    flat = labels.reshape(rows, labels.shape[2])
    first = np.zeros(rows + 1, np.int64)
    ends = np.empty((max(labels.size, 1), 2), np.int32)
    n = 0
    for row in range(rows):
        x = 0
        while x < flat.shape[1]:
            begin, label = x, flat[row, x]
            while x < flat.shape[1] and flat[row, x] == label:
                x += 1
            if label:
                ends[n, 0], ends[n, 1] = begin, x
                n += 1
        first[row + 1] = n
    return flat, first, ends[:n]


@kernel
def _root(parent, run):  # type: ignore[no-untyped-def]
    while parent[run] != run:
        parent[run] = parent[parent[run]]
        run = parent[run]
    return run


@kernel
def _join_rows(flat, first, ends, parent, above, row):  # type: ignore[no-untyped-def]
    """Unite the runs of two neighbouring rows that touch and have the same label."""
    a, b = first[above], first[row]
    while a < first[above + 1] and b < first[row + 1]:
        touch = ends[a, 0] < ends[b, 1] and ends[b, 0] < ends[a, 1]
        if touch and flat[above, ends[a, 0]] == flat[row, ends[b, 0]]:
            one, other = _root(parent, a), _root(parent, b)
            parent[max(one, other)] = min(one, other)
        if ends[a, 1] < ends[b, 1]:
            a += 1
        else:
            b += 1


@kernel
def _best_pieces(labels):  # type: ignore[no-untyped-def]
    """Find the runs, the piece each belongs to, the size of each piece and the largest piece of each label."""
    flat, first, ends = _runs(labels)
    height = labels.shape[1]
    piece = np.arange(len(ends))
    for row in range(len(flat)):
        if row % height:
            _join_rows(flat, first, ends, piece, row - 1, row)
        if row >= height:
            _join_rows(flat, first, ends, piece, row - height, row)
    size = np.zeros(len(ends), np.int64)
    best = np.full(int(labels.max()) + 1 if labels.size else 1, -1, np.int64)
    for run in range(len(ends)):
        piece[run] = _root(piece, run)
        size[piece[run]] += ends[run, 1] - ends[run, 0]
    for row in range(len(flat)):
        for run in range(first[row], first[row + 1]):
            label = flat[row, ends[run, 0]]
            if best[label] < 0 or size[piece[run]] > size[best[label]]:
                best[label] = piece[run]
    return flat, first, ends, piece, size, best


@kernel
def _keep_best_pieces(labels, smallest):  # type: ignore[no-untyped-def]
    """Clear all other pieces and small objects; which ids are left."""
    flat, first, ends, piece, size, best = _best_pieces(labels)
    kept = np.zeros(best.size, np.bool_)
    for label in range(1, best.size):
        kept[label] = best[label] >= 0 and size[best[label]] >= smallest
    for row in range(len(flat)):
        for run in range(first[row], first[row + 1]):
            label = flat[row, ends[run, 0]]
            if piece[run] != best[label] or not kept[label]:
                flat[row, ends[run, 0] : ends[run, 1]] = 0
    return kept
