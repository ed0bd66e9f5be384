"""Domes: how thick objects are over their area, from the distance to their borders."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from cellsim.kernel import kernel
from cellsim.sample import Image, Labels
from cellsim.translators.optics.lines import from_lines, to_lines


def domes(labels: Labels, spacing: Sequence[float], edge: float) -> Image:
    """Return the relative thickness of objects: u (2 - u), u the distance to the border over `edge`, at most 1.

    The distance is that of the centre of a pixel from the nearest pixel that is not of its object; the border of the
    canvas is none. Touching objects have a groove between them.

    Parameters
    ----------
    labels : ([Z,] Y, X) uint16 array
        0 is background.
    spacing : (D,) floats
        Size of a pixel in µm.
    edge : float
        Distance in µm at which the full thickness is reached, > 0.

    Returns
    -------
    ([Z,] Y, X) float32 array
        In [0, 1]; 0 outside objects.
    """
    squared = np.where(labels > 0, np.float32(edge * edge), np.float32(0))
    for axis, step in enumerate(spacing):
        reach = min(math.ceil(edge / step), labels.shape[axis] - 1)
        nearer = _nearer(to_lines(labels, axis), to_lines(squared, axis), step, reach)
        squared = from_lines(nearer, labels.shape, axis)
    u = np.sqrt(squared) / np.float32(edge)
    return np.asarray(u * (2 - u))


@kernel
def _nearer(labels, squared, step, reach):  # type: ignore[no-untyped-def]
    """Let squared distances to foreign pixels reach along the middle axis: those of own pixels, 0 at foreign ones."""
    nearest = squared.copy()
    for b in range(labels.shape[0]):
        for i in range(labels.shape[1]):
            own, target = labels[b, i], nearest[b, i]
            for k in range(max(i - reach, 0), min(i + reach + 1, labels.shape[1])):
                if k == i:
                    continue
                other, squares, gap = labels[b, k], squared[b, k], np.float32(((abs(k - i) - 0.5) * step) ** 2)
                for j in range(target.size):
                    target[j] = min(target[j], gap + (squares[j] if other[j] == own[j] else np.float32(0)))
    return nearest
