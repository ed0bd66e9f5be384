"""How much of their convex hulls objects fill."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellsim.kernel import kernel

Floats = NDArray[np.float64]
LabelImage = NDArray[np.integer[Any]]

CHUNK = 4096  # voxels of a box that are tested against a hull at a time


def solidity(labels: LabelImage) -> Floats:
    """Return the share of the convex hull of each object that the object fills.

    The hull is that of the centres of pixels, and its size the number of pixels whose centres it holds: so a digital
    disc has 1, whatever its size. In 2D the pixels are counted by Pick's theorem [1]_.

    Parameters
    ----------
    labels : ([Z,] Y, X) integer array
        0 is background, objects are 1..N.

    Returns
    -------
    (N,) float64 array
        From 0 to 1; nan of ids that no pixel has, in 3D also of objects that are flat.

    References
    ----------
    .. [1] Pick, G. (1899). Geometrisches zur Zahlenlehre. Sitzungsberichte des deutschen naturwissenschaftlich-
       medicinischen Vereines für Böhmen "Lotos" in Prag 19.
    """
    n = int(labels.max(initial=0))
    if labels.ndim == 3:
        return _in_3d(labels, n)
    count = np.bincount(labels.ravel(), minlength=n + 1)[1:]
    held = _hull_pixels(*_rows(labels, n))
    return np.where(count > 0, count / np.maximum(held, 1), np.nan)


def _rows(labels: LabelImage, n: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First and last pixel of each object in each row it has, object by object; where each begins."""
    padded = np.pad(labels, ((0, 0), (1, 1))).ravel()
    wide = labels.shape[1] + 2
    change = padded[1:] != padded[:-1]
    places = np.concatenate([np.flatnonzero(change) + 1, np.flatnonzero(change)])
    places = places[padded[places] > 0]
    ids = padded[places].astype(np.int64)
    order = np.lexsort((places, ids))  # by object, then by row and column: as a hull is built
    rows = np.stack([places[order] // wide, places[order] % wide], axis=1)
    return rows, np.searchsorted(ids[order], np.arange(1, n + 2))


@kernel
def _hull_pixels(places, start):  # type: ignore[no-untyped-def]
    """Count the pixels whose centres are in the convex hull of each object; its places come row by row."""
    held = np.zeros(start.size - 1, np.int64)
    hull = np.empty((2 * len(places) + 2, 2), np.int64)
    for k in range(start.size - 1):
        first, last = start[k], start[k + 1]
        if last == first:
            continue
        m = 0
        for way in range(2):
            low = m
            for at in range(last - first):
                i = first + at if way == 0 else last - 1 - at
                y, x = places[i, 0], places[i, 1]
                while m >= low + 2 and _turn(hull, m, y, x) <= 0:
                    m -= 1
                hull[m, 0], hull[m, 1] = y, x
                m += 1
            m -= 1  # the last place is the first of the way back
        twice, on = 0, 0
        for i in range(m):
            j = i + 1 if i + 1 < m else 0
            twice += hull[i, 0] * hull[j, 1] - hull[i, 1] * hull[j, 0]
            on += _divisor(abs(hull[j, 0] - hull[i, 0]), abs(hull[j, 1] - hull[i, 1]))
        held[k] = (abs(twice) + on) // 2 + 1
    return held


@kernel
def _turn(hull, m, y, x):  # type: ignore[no-untyped-def]
    """Positive if a path that goes on to (y, x) turns the way of the hull at its last place."""
    v, u = hull[m - 1, 0] - hull[m - 2, 0], hull[m - 1, 1] - hull[m - 2, 1]
    return v * (x - hull[m - 2, 1]) - u * (y - hull[m - 2, 0])


@kernel
def _divisor(a, b):  # type: ignore[no-untyped-def]
    """Greatest common divisor."""
    while b:
        a, b = b, a % b
    return a


def _in_3d(labels: LabelImage, n: int) -> Floats:
    """Solidity of each object of a volume, in its box."""
    from scipy.ndimage import find_objects

    found = np.full(n, np.nan)
    for k, box in enumerate(find_objects(np.asarray(labels, np.int32), max_label=n)):
        if box is not None:
            found[k] = _of_voxels(labels[box] == k + 1)
    return found


def _of_voxels(voxels: NDArray[np.bool_]) -> float:
    """Share of the voxels in the convex hull of the voxels that are there."""
    from scipy.spatial import ConvexHull, QhullError

    rows = voxels.any(axis=2)
    z, y = np.nonzero(rows)
    ends = (voxels.argmax(axis=2)[rows], voxels.shape[2] - 1 - voxels[:, :, ::-1].argmax(axis=2)[rows])
    try:
        hull = ConvexHull(np.concatenate([np.stack([z, y, x], axis=1) for x in ends]))
    except (QhullError, ValueError):
        return np.nan
    planes = np.unique(hull.equations.round(9), axis=0)
    every = np.argwhere(np.ones(voxels.shape, np.bool_))
    held = sum(
        int((part @ planes[:, :3].T + planes[:, 3] <= 1e-6).all(axis=1).sum())
        for part in np.split(every, range(CHUNK, len(every), CHUNK))
    )
    return float(np.count_nonzero(voxels) / held)
