"""Elastic deformation: a smooth random displacement, applied to labels and images alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from cellsim.seeds import Rng

try:
    import elasticdeform  # its PyPI wheel does not import under NumPy 2; a build from source does
except (ImportError, AttributeError):
    elasticdeform = None

Displacement = NDArray[np.float64]


def random_displacement(shape: Sequence[int], knots: int, spread: float, rng: Rng) -> Displacement:
    """Draw a displacement on a coarse grid of knots over a canvas.

    Parameters
    ----------
    shape : (D,) ints
        Of the canvas in pixels.
    knots : int
        Knots along each axis, >= 2; fewer make smoother fields.
    spread : float
        Standard deviation of the displacement of a knot in pixels; cut at 2 standard deviations.
    rng : numpy.random.Generator
        The only source of chance.

    Returns
    -------
    (D, knots, ...) float64 array
        Displacement of each knot along each axis, in pixels.

    Raises
    ------
    ValueError
        If there are less than two knots, or so large a spread that neighbouring knots could change places.
    """
    if knots < 2:
        raise ValueError(f"knots must be >= 2, got {knots}")
    least = (min(shape) - 1) / (knots - 1)
    if 4 * spread >= least:
        raise ValueError(
            f"spread must be < {least / 4:.3g} px for knots {least:.3g} px apart, else objects fold; got {spread:g}"
        )
    return spread * np.clip(rng.standard_normal((len(shape), *(knots,) * len(shape))), -2, 2)


def deform(image: NDArray[Any], displacement: Displacement, order: int) -> NDArray[Any]:
    """Move the pixels of an image along a displacement.

    Between the knots the displacement is a cubic spline. The pixel at p takes the value at p + displacement(p);
    what comes from outside the canvas is 0.

    Parameters
    ----------
    image : ([Z,] Y, X) array
        Any number type.
    displacement : (D, knots, ...) float64 array
        In pixels, as `random_displacement` draws it.
    order : int
        Of the interpolation of the image: 0 (nearest) for labels, 1 (linear) or 3 for intensities.

    Returns
    -------
    ([Z,] Y, X) array
        Of the same type.
    """
    if elasticdeform is None:
        return deform_by_scipy(image, displacement, order)
    return np.asarray(elasticdeform.deform_grid(image, displacement, order=order, mode="constant", cval=0))


def deform_by_scipy(image: NDArray[Any], displacement: Displacement, order: int) -> NDArray[Any]:
    """Do what `deform` does, without elasticdeform; numerically the same and about half as fast.

    Parameters
    ----------
    image : ([Z,] Y, X) array
        Any number type.
    displacement : (D, knots, ...) float64 array
        In pixels.
    order : int
        Of the interpolation of the image.

    Returns
    -------
    ([Z,] Y, X) array
        Of the same type.
    """
    axes = [np.linspace(0, k - 1, n) for k, n in zip(displacement.shape[1:], image.shape, strict=True)]
    knots = np.meshgrid(*axes, indexing="ij")
    at = np.stack([ndimage.map_coordinates(part, knots, order=3, mode="mirror") for part in displacement])
    at += np.indices(image.shape)
    moved = np.empty(image.shape, image.dtype)
    ndimage.map_coordinates(image, at, output=moved, order=order, mode="constant", cval=0)  # type: ignore[call-overload]
    return moved
