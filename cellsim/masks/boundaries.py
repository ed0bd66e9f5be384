"""The binary face of a label image: the borders of its objects."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from cellsim.sample import Labels

Place = tuple[slice, ...]


def boundaries(labels: Labels) -> NDArray[np.bool_]:
    """Return the membranes: pixels of an object, or of a gap, that touch another object or the background.

    A pixel is on a boundary when a face neighbour has another label; a line between two touching cells is thus
    two pixels wide and centred on the border.

    Parameters
    ----------
    labels : ([Z,] Y, X) uint16 array
        0 is background.

    Returns
    -------
    ([Z,] Y, X) bool array
        True on boundaries; the border of the canvas is none.
    """
    found = np.zeros(labels.shape, np.bool_)
    for before, after in _neighbours(labels.ndim):
        differs = labels[before] != labels[after]
        found[before] |= differs
        found[after] |= differs
    return found


def contacts(labels: Labels) -> NDArray[np.bool_]:
    """Return where objects touch: pixels of an object that have a face neighbour of another object.

    Parameters
    ----------
    labels : ([Z,] Y, X) uint16 array
        0 is background.

    Returns
    -------
    ([Z,] Y, X) bool array
        True on both sides of a contact; the border towards the background is none.
    """
    found = np.zeros(labels.shape, np.bool_)
    for before, after in _neighbours(labels.ndim):
        touch = (labels[before] != labels[after]) & (labels[before] > 0) & (labels[after] > 0)
        found[before] |= touch
        found[after] |= touch
    return found


def _neighbours(ndim: int) -> Iterator[tuple[Place, Place]]:
    """Pair all pixels with their face neighbours, one axis after the other."""
    for axis in range(ndim):
        lead = (slice(None),) * axis
        yield (*lead, slice(None, -1)), (*lead, slice(1, None))
