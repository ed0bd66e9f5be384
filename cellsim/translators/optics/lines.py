"""An array seen as lines along one of its axes, so that one kernel serves all axes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray


def to_lines(array: NDArray[Any], axis: int) -> NDArray[Any]:
    """View an array as (before, along, after) an axis; the last axis is turned first, for inner loops to be long.

    Parameters
    ----------
    array : (...) array
        Any dtype.
    axis : int
        Which, >= 0.

    Returns
    -------
    (before, along, after) array
        Contiguous; a copy if it has to be.
    """
    if axis == array.ndim - 1:
        return np.ascontiguousarray(array.reshape(-1, array.shape[-1]).T)[np.newaxis]
    return np.ascontiguousarray(array).reshape(math.prod(array.shape[:axis]), array.shape[axis], -1)


def from_lines(lines: NDArray[Any], shape: tuple[int, ...], axis: int) -> NDArray[Any]:
    """Undo `to_lines`.

    Parameters
    ----------
    lines : (before, along, after) array
        The axis may have got another length.
    shape : tuple of int
        What the array had.
    axis : int
        Which, >= 0.

    Returns
    -------
    (...) array
        Contiguous.
    """
    if axis == len(shape) - 1:
        return np.ascontiguousarray(lines[0].T).reshape(*shape[:-1], -1)
    return lines.reshape(*shape[:axis], -1, *shape[axis + 1 :])
