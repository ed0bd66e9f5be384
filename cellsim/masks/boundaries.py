"""The binary face of a label image: the borders of its objects."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cellsim.sample import Labels


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
    for axis in range(labels.ndim):
        before, after = [slice(None)] * labels.ndim, [slice(None)] * labels.ndim
        before[axis], after[axis] = slice(None, -1), slice(1, None)
        differs = labels[tuple(before)] != labels[tuple(after)]
        found[tuple(before)] |= differs
        found[tuple(after)] |= differs
    return found
