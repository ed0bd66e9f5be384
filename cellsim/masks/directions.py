"""Directions along and across the border of a region, near it and far from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from cellsim.seeds import Rng

SMOOTHING = 3.0  # standard deviation, in pixels of the largest edge; evens the steps of a border out
RIM = 4  # pixels beyond the canvas
EVEN = 0.01  # share of the trace below which eigenvalues do not differ
SHARP = 4  # power of eigenvalues


def border_tensors(region: NDArray[np.bool_], spacing: Sequence[float]) -> NDArray[np.float32]:
    """Return how the normals of the nearest border lie about every pixel: the mean of n n^T.

    n is the gradient of the distance to the border, negative outside. It turns round on the middle line of a band,
    where n n^T does not, so that its mean over a few pixels has the normal as its first eigenvector there too. In
    3D, on the axis of a tube, the last is the axis. What border there may be beyond the canvas is not known.

    Parameters
    ----------
    region : ([Z,] Y, X) bool array
        The border is between True and False; that of the canvas is none.
    spacing : (D,) floats
        Size of a pixel, in µm.

    Returns
    -------
    ([Z,] Y, X, D, D) float32 array
        Symmetric, of a trace near 1; 0 if there is no border.
    """
    ndim = region.ndim
    tensors = np.zeros((*region.shape, ndim, ndim), np.float32)
    if region.all() or not region.any():
        return tensors
    inside, outside = (ndimage.distance_transform_edt(part, sampling=spacing) for part in (region, ~region))
    blur = SMOOTHING * max(spacing) / np.asarray(spacing)
    gradient = _gradient(inside - outside, spacing, blur / SMOOTHING)
    for i in range(ndim):
        for j in range(i, ndim):
            tensors[..., i, j] = ndimage.gaussian_filter(gradient[i] * gradient[j], blur, mode="nearest")
            tensors[..., j, i] = tensors[..., i, j]
    return tensors


def _gradient(
    distance: NDArray[np.float64], spacing: Sequence[float], blur: NDArray[np.float64]
) -> list[NDArray[np.float64]]:
    """Differentiate a smoothed image that goes on beyond the canvas as it comes to its border."""
    wide = np.pad(distance, RIM, mode="reflect", reflect_type="odd")
    smooth = ndimage.gaussian_filter(wide, blur, mode="nearest")
    inner = (slice(RIM, -RIM),) * distance.ndim
    return [np.gradient(smooth, step, axis=axis)[inner] for axis, step in enumerate(spacing)]


def directions(
    tensors: NDArray[np.float32],
    spacing: Sequence[float],
    places: NDArray[np.float64],
    way: Literal["along", "across"],
    rng: Rng,
) -> NDArray[np.float64]:
    """Draw the direction of a border at places: random as far as it is not given.

    Along a line in 2D and a tube in 3D it is given. Along a plane in 3D it is any direction in the plane, and where
    there is no border any at all. The sign is random too.

    Parameters
    ----------
    tensors : ([Z,] Y, X, D, D) float32 array
        Of `border_tensors`.
    spacing : (D,) floats
        Size of a pixel, in µm.
    places : (N, D) float64 array
        In µm, the corner of the canvas at 0; beyond the canvas, its nearest pixel counts.
    way : {"along", "across"}
        Along the border, where it bends least, or at right angles to it.
    rng : numpy.random.Generator
        The only source of chance.

    Returns
    -------
    (N, D) float64 array
        Unit vectors.
    """
    limits = np.array(tensors.shape[: len(spacing)]) - 1
    pixel = np.clip(np.floor(places / spacing).astype(np.int64), 0, limits)
    values, axes = np.linalg.eigh(tensors[tuple(pixel.T)].astype(np.float64))  # rising; axes in columns
    values = values + EVEN
    share = values[:, :1] / values if way == "along" else values / values[:, -1:]
    parts = share**SHARP * np.einsum("ndk,nd->nk", axes, rng.standard_normal(places.shape))
    found: NDArray[np.float64] = np.einsum("ndk,nk->nd", axes, parts)
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    return found
