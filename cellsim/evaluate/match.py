"""Which found object is which true one: shared pixels, intersection over union, the best assignment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cellsim.errors import InputError
from cellsim.kernel import kernel

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
LabelImage = NDArray[Any]

SLACK = 1e-9  # an IoU of 3/5 reaches 0.6, however the threshold was computed
FIRST = 1 << 12  # places in the table of pairs; it doubles when half full
TABLED = 16  # ids up to so many times the number of pixels (and 2^16) are counted without renaming


@dataclass(frozen=True, eq=False)
class Overlaps:
    """The pixels that the objects of two annotations share: a sparse table, a row for each pair that does overlap.

    Parameters
    ----------
    truth_ids, found_ids : (N,) and (M,) int64 arrays
        Ids of the objects, ascending.
    truth_sizes, found_sizes : (N,) and (M,) int64 arrays
        Their pixels.
    truth, found : (P,) int64 arrays
        Index of each of a pair in those arrays, from 0.
    shared : (P,) int64 array
        Pixels that the pair has in common, > 0.
    """

    truth_ids: Whole
    found_ids: Whole
    truth_sizes: Whole
    found_sizes: Whole
    truth: Whole
    found: Whole
    shared: Whole

    @property
    def union(self) -> Whole:
        """Pixels of either object of each pair, (P,)."""
        union: Whole = self.truth_sizes[self.truth] + self.found_sizes[self.found] - self.shared
        return union

    @property
    def iou(self) -> Floats:
        """Intersection over union of each pair, (P,), 0 to 1."""
        iou: Floats = self.shared / self.union
        return iou


class Matches(NamedTuple):
    """Pairs of objects, no object in two of them.

    Parameters
    ----------
    truth, found : (K,) int64 arrays
        Ids of the objects of each pair.
    iou : (K,) float64 array
        Their intersection over union.
    """

    truth: Whole
    found: Whole
    iou: Floats


def overlaps(truth: LabelImage, found: LabelImage, planes: bool = False) -> Overlaps:
    """Count the pixels that the objects of two label images share.

    Parameters
    ----------
    truth : ([S,] [Z,] Y, X) integer or bool array
        True objects; 0 is background, ids may have holes.
    found : ([S,] [Z,] Y, X) integer or bool array
        Found objects, of the same spatial shape.
    planes : bool
        The first axis of both is one of planes, over which objects may overlap. An object is all pixels of its id; the
        numbers of planes may differ.

    Returns
    -------
    Overlaps
        Of time and memory in proportion to the pixels and to the pairs that overlap.

    Raises
    ------
    InputError
        If shapes differ, or labels are not integers >= 0.
    """
    truth, found = (np.asarray(labels) if planes else np.asarray(labels)[np.newaxis] for labels in (truth, found))
    if truth.shape[1:] != found.shape[1:]:
        raise InputError(f"truth and found must have the same shape, got {truth.shape[1:]} and {found.shape[1:]}")
    (truth, truth_ids), (found, found_ids) = _named(truth, "truth"), _named(found, "found")
    if truth.dtype != found.dtype:
        truth, found = truth.astype(np.int64), found.astype(np.int64)  # two compiled kernels are enough
    truth_sizes, found_sizes = np.zeros(len(truth_ids), np.int64), np.zeros(len(found_ids), np.int64)
    keys, counts, used = np.full(FIRST, -1, np.int64), np.zeros(FIRST, np.int64), 0
    for i, one in enumerate(truth):
        for k, other in enumerate(found):  # the pixels of a plane are counted once
            sizes = truth_sizes[: len(truth_ids) * (k == 0)], found_sizes[: len(found_ids) * (i == 0)]
            keys, counts, used = _add_shared(one, other, len(found_ids), (keys, counts, used), sizes)
    truth_sizes[0] = found_sizes[0] = 0
    there = np.flatnonzero(keys >= 0)
    there = there[np.argsort(keys[there])]
    own, others = np.divmod(keys[there], len(found_ids))
    (truth_at, is_truth), (found_at, is_found) = _places(truth_sizes), _places(found_sizes)
    return Overlaps(
        truth_ids[is_truth],
        found_ids[is_found],
        truth_sizes[is_truth],
        found_sizes[is_found],
        truth_at[own],
        found_at[others],
        counts[there],
    )


def _named(planes: LabelImage, name: str) -> tuple[LabelImage, Whole]:
    """Bring planes to (S, pixels) of uint16 or int64 with ids that can index a table; the id of each place in it."""
    if planes.dtype.kind not in "uib" or (planes.dtype.kind == "i" and planes.min(initial=0) < 0):
        least = f" with the least label {planes.min(initial=0)}" if planes.dtype.kind == "i" else ""
        raise InputError(f"labels must be integers >= 0, got {name} of {planes.dtype}{least}")
    flat = np.ascontiguousarray(planes.reshape(len(planes), int(np.prod(planes.shape[1:]))))
    top = int(flat.max(initial=0))
    if top <= np.iinfo(np.uint16).max:
        return flat.astype(np.uint16, copy=False), np.arange(top + 1)
    if top <= TABLED * flat.size:
        return flat.astype(np.int64), np.arange(top + 1)
    ids, index = np.unique(np.append(flat.ravel(), flat.dtype.type(0)), return_inverse=True)
    return index.ravel()[:-1].astype(np.int64).reshape(flat.shape), ids.astype(np.int64)


def _places(sizes: Whole) -> tuple[Whole, NDArray[np.bool_]]:
    """Give the ids that are there their indices, from 0."""
    there = sizes > 0
    return np.cumsum(there) - 1, there


def assign(shared: Overlaps, threshold: float) -> Whole:
    """Choose the pairs that count as hits: as many as can be, and of these the greatest sum of IoU.

    If objects do not overlap each other, pairs of an IoU over 0.5 cannot conflict, and all are taken. At and below, and
    for overlapping objects, the assignment problem is solved on the sparse graph of the pairs that reach the threshold.

    Parameters
    ----------
    shared : Overlaps
        Of two annotations.
    threshold : float
        Least IoU of a pair, > 0 and at most 1.

    Returns
    -------
    (K,) int64 array
        Rows of `shared`.

    Raises
    ------
    InputError
        If the threshold is none.
    """
    if not 0 < threshold <= 1:
        raise InputError(f"a threshold of IoU must be > 0 and at most 1, got {threshold}")
    iou = shared.iou
    rows = np.flatnonzero(iou >= threshold - SLACK)
    few = max(1, min(len(shared.truth_ids), len(shared.found_ids)))
    return rows[heaviest(shared.truth[rows], shared.found[rows], 1 + iou[rows] / (2 * few))]


def match(truth: LabelImage, found: LabelImage, threshold: float = 0.5) -> Matches:
    """Pair the objects of two label images by their intersection over union.

    Parameters
    ----------
    truth, found : ([Z,] Y, X) integer arrays
        0 is background, ids may have holes.
    threshold : float
        Least IoU of a pair, > 0 and at most 1.

    Returns
    -------
    Matches
        As `assign` chooses them, sorted by the true id.

    Raises
    ------
    InputError
        If shapes differ, labels are not integers >= 0, or the threshold is none.
    """
    shared = overlaps(truth, found)
    rows = assign(shared, threshold)
    return Matches(
        shared.truth_ids[shared.truth[rows]], shared.found_ids[shared.found[rows]], shared.iou[rows].astype(np.float64)
    )


def heaviest(one: Whole, other: Whole, weight: Floats) -> Whole:
    """Choose edges of a sparse bipartite graph that share no node, of the greatest sum of weights.

    Parameters
    ----------
    one, other : (P,) int64 arrays
        Nodes of each edge, >= 0; no two edges have both in common.
    weight : (P,) float64 array
        > 0.

    Returns
    -------
    (K,) int64 array
        Indices of the chosen edges, ascending.

    References
    ----------
    .. [1] Jonker, R. and Volgenant, A. (1987). A shortest augmenting path algorithm for dense and sparse linear
       assignment problems. Computing 38(4).
    """
    if not len(one):
        return np.zeros(0, np.int64)
    alone = (np.bincount(one)[one] == 1) & (np.bincount(other)[other] == 1)
    contested = np.flatnonzero(~alone)
    won = contested[_solve(one[contested], other[contested], weight[contested])] if len(contested) else contested
    return np.sort(np.concatenate([np.flatnonzero(alone), won]))


def _solve(one: Whole, other: Whole, weight: Floats) -> Whole:
    """Solve the sparse assignment problem; every node of the first kind may also stay alone, at no weight."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    (left, row), (right, column) = (np.unique(nodes, return_inverse=True) for nodes in (one, other))
    n, m, top = len(left), len(right), float(weight.max()) + 1  # costs must not be 0: they would be no edges
    costs = np.concatenate([top - weight, np.full(n, top)])
    rows, columns = np.concatenate([row, np.arange(n)]), np.concatenate([column, m + np.arange(n)])
    rows, columns = min_weight_full_bipartite_matching(csr_array((costs, (rows, columns)), shape=(n, m + n)))
    taken = columns < m
    edges = row.astype(np.int64) * m + column
    return np.flatnonzero(np.isin(edges, rows[taken].astype(np.int64) * m + columns[taken]))


@kernel
def _add_shared(truth, found, width, table, sizes):  # type: ignore[no-untyped-def]
    """Add the pixels of objects, and those of pairs to a table hashed by ``true id * width + found id``, run by run."""
    (keys, counts, used), (truth_sizes, found_sizes) = table, sizes
    i = 0
    while i < truth.size:
        start, own, other = i, truth[i], found[i]
        while i < truth.size and truth[i] == own and found[i] == other:
            i += 1
        if truth_sizes.size:
            truth_sizes[own] += i - start
        if found_sizes.size:
            found_sizes[other] += i - start
        if own == 0 or other == 0:
            continue
        if 2 * used >= keys.size:
            keys, counts = _grown(keys, counts)
        key = np.int64(own) * width + np.int64(other)
        place = _place(keys, key)
        used += keys[place] < 0
        keys[place] = key
        counts[place] += i - start
    return keys, counts, used


@kernel
def _place(keys, key):  # type: ignore[no-untyped-def]
    """Find where a key is, or where it would be."""
    place = np.int64((np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32)) & (keys.size - 1)
    while keys[place] >= 0 and keys[place] != key:
        place = (place + 1) & (keys.size - 1)
    return place


@kernel
def _grown(keys, counts):  # type: ignore[no-untyped-def]
    """Copy a table into one of twice the size."""
    more, sums = np.full(2 * keys.size, -1, np.int64), np.zeros(2 * keys.size, np.int64)
    for i in range(keys.size):
        if keys[i] >= 0:
            place = _place(more, keys[i])
            more[place] = keys[i]
            sums[place] = counts[i]
    return more, sums
