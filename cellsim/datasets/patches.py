"""Patches: a part of a sample, padded by reflection where the sample is too small for it; random places for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellsim.errors import InputError
from cellsim.seeds import stream

Corner = tuple[int, ...]
Region = tuple[slice, ...]


def check_shape(shape: Sequence[int], canvas: Sequence[int]) -> tuple[int, ...]:
    """Check the shape of patches.

    Parameters
    ----------
    shape : (D,) ints
        Of a patch in pixels.
    canvas : (D,) ints
        Of the sample in pixels.

    Returns
    -------
    (D,) ints
        The shape as a tuple.

    Raises
    ------
    InputError
        If it is not as many numbers >= 1 as the canvas has axes.
    """
    if len(shape) != len(canvas) or any(n < 1 for n in shape):
        raise InputError(f"a patch of a canvas of {tuple(canvas)} needs {len(canvas)} numbers >= 1, got {tuple(shape)}")
    return tuple(int(n) for n in shape)


def region_of(corner: Sequence[int], shape: Sequence[int], canvas: Sequence[int]) -> Region:
    """Say which part of a sample a patch shows.

    Parameters
    ----------
    corner : (D,) ints
        First pixel of the patch; below 0 where it begins before the canvas.
    shape, canvas : (D,) ints
        Of the patch and of the sample in pixels.

    Returns
    -------
    tuple of slice
        One an axis, within the canvas.

    Raises
    ------
    InputError
        If along an axis the patch neither lies within the canvas nor covers it.
    """
    if len(corner) != len(canvas):
        raise InputError(f"the corner of a patch needs {len(canvas)} numbers, got {tuple(corner)}")
    for first, size, n in zip(corner, shape, canvas, strict=True):
        if not (0 <= first <= n - size or n - size <= first <= 0):
            raise InputError(
                "along each axis a patch must lie within the canvas, or cover it and be padded: "
                f"got {tuple(shape)} from {tuple(corner)} on a canvas of {tuple(canvas)}"
            )
    return tuple(
        slice(max(first, 0), min(first + size, n)) for first, size, n in zip(corner, shape, canvas, strict=True)
    )


def reflect(array: NDArray[Any], corner: Sequence[int], shape: Sequence[int]) -> NDArray[Any]:
    """Pad what was read of a patch by reflection; the outermost pixel is not repeated.

    Parameters
    ----------
    array : (P, ...) array
        Planes of the part that the patch shows.
    corner, shape : (D,) ints
        Of the patch.

    Returns
    -------
    (P, *shape) array
        The same array if there is nothing to pad.
    """
    if array.shape[1:] == tuple(shape):
        return array
    before = [max(-first, 0) for first in corner]
    after = [size - n - b for size, n, b in zip(shape, array.shape[1:], before, strict=True)]
    return np.pad(array, [(0, 0), *zip(before, after, strict=True)], mode="reflect")


def random_corner(shape: Sequence[int], canvas: Sequence[int], address: tuple[int, int, int]) -> Corner:
    """Draw where a patch lies; along an axis that it covers, the canvas stands in its middle.

    Parameters
    ----------
    shape, canvas : (D,) ints
        Of the patch and of the sample in pixels.
    address : (seed, epoch, index)
        The same address gives the same corner, whichever worker asks.

    Returns
    -------
    (D,) ints
        First pixel of the patch, all places equally likely.
    """
    seed, epoch, index = address
    rng = stream(seed, index, f"patch {epoch}")
    free = [n - size for size, n in zip(shape, canvas, strict=True)]
    return tuple(int(rng.integers(n + 1)) if n >= 0 else -(-n // 2) for n in free)
