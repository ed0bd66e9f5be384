"""2D seen as 3D with one plane, so that one kernel serves both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def lift(values: Sequence[float] | NDArray[Any], fill: float) -> NDArray[np.float64]:
    """Put leading axes before the last axis until it has three entries.

    Parameters
    ----------
    values : (..., D) array
        Points, sizes or spacings of D = 1, 2 or 3 axes.
    fill : float
        Value on the new axes: 0 for coordinates, 1 for sizes and spacings.

    Returns
    -------
    (..., 3) float64 array
        ``(z, y, x)``, contiguous.
    """
    array = np.asarray(values, np.float64)
    lifted = np.full((*array.shape[:-1], 3), fill)
    lifted[..., 3 - array.shape[-1] :] = array
    return lifted


def lift_image(image: NDArray[Any]) -> NDArray[Any]:
    """View an image of one to three axes as (Z, Y, X).

    Parameters
    ----------
    image : ([Z,] Y, X) array
        Any dtype.

    Returns
    -------
    (Z, Y, X) array
        A view wherever NumPy can give one.
    """
    return image.reshape((1,) * (3 - image.ndim) + image.shape)
