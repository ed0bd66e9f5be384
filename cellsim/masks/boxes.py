"""Bounding boxes of labelled objects."""

from __future__ import annotations

import numpy as np

from cellsim.kernel import kernel


@kernel
def bounding_boxes(labels, count):  # type: ignore[no-untyped-def]
    """Find the bounding box of each id, run by run. A kernel, for other kernels and for Python.

    Parameters
    ----------
    labels : (Z, Y, X) array of whole numbers
        0 is background.
    count : int
        Greatest id.

    Returns
    -------
    (count, 3, 2) int64 array
        Of each id and axis, the first pixel and one beyond the last; zeros where there is none.
    """
    depth, height, width = labels.shape
    boxes = np.zeros((count, 3, 2), np.int64)
    for z in range(depth):
        for y in range(height):
            row, begin = labels[z, y], 0
            for x in range(width):
                if x + 1 < width and row[x + 1] == row[x]:
                    continue
                if row[x] > 0:
                    box = boxes[row[x] - 1]
                    new = box[0, 1] == 0
                    for axis, low, high in ((0, z, z + 1), (1, y, y + 1), (2, begin, x + 1)):
                        box[axis, 0] = low if new else min(box[axis, 0], low)
                        box[axis, 1] = high if new else max(box[axis, 1], high)
                begin = x + 1
    return boxes
