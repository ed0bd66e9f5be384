"""Perimeters and surfaces of pixel objects: how often straight lines cross them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellsim.kernel import kernel

Floats = NDArray[np.float64]
LabelImage = NDArray[np.integer[Any]]

CROSSINGS = {2: math.pi / 2, 3: 2.0}  # boundary over the mean measure of lines that cross it, by axes
FAR = {2: 2, 3: 1}  # px along an axis between two pixels of a line, by axes
DENSE = 20_000  # directions that those of lines are weighted by


def boundary_sizes(labels: LabelImage, spacing: Sequence[float]) -> Floats:
    """Measure the perimeter of each object, or its surface in 3D, by the Cauchy-Crofton formula [1]_ [2]_.

    Lines run through the centres of pixels in 8 directions, in 3D in 13, each weighted by the angle that is nearer to
    it than to another. Of a disc or a ball of 10 px the error is below 1 %; of a square along the axes, 3 % too few.

    Parameters
    ----------
    labels : ([Z,] Y, X) integer array
        0 is background, objects are 1..N; beyond the image is background.
    spacing : (D,) floats
        Size of a pixel in µm.

    Returns
    -------
    (N,) float64 array
        In µm, in 3D µm².

    References
    ----------
    .. [1] Ohser, J., Mücklich, F. (2000). Statistical analysis of microstructures in materials science. Wiley.
    .. [2] Lehmann, G., Legland, D. (2012). Efficient N-dimensional surface estimation using Crofton formula and
       run-length encoding. The Insight Journal.
    """
    n, ndim = int(labels.max(initial=0)), labels.ndim
    steps, weights = _lines(tuple(float(edge) for edge in spacing))
    reach = FAR[ndim]
    solid = np.pad(labels, reach).reshape((1,) * (3 - ndim) + tuple(m + 2 * reach for m in labels.shape))
    strides = np.array(solid.strides) // solid.itemsize
    crossed = _crossings(solid.ravel(), steps @ strides, n)
    sizes: Floats = crossed[1:] @ weights
    return sizes


@lru_cache(maxsize=16)
def _lines(spacing: tuple[float, ...]) -> tuple[NDArray[np.int64], Floats]:
    """Directions of lines in pixels, and what a crossing of each adds to the boundary."""
    ndim = len(spacing)
    far = range(-FAR[ndim], FAR[ndim] + 1)
    steps = np.array([v for v in itertools.product(far, repeat=ndim) if v > (0,) * ndim and math.gcd(*v) == 1])
    lengths = np.linalg.norm(steps * spacing, axis=1)
    nearest = np.abs(_directions(ndim) @ (steps * spacing / lengths[:, np.newaxis]).T).argmax(axis=1)
    share = np.bincount(nearest, minlength=len(steps)) / DENSE
    wide = np.zeros((len(steps), 3), np.int64)
    wide[:, 3 - ndim :] = steps
    return wide, CROSSINGS[ndim] * share * math.prod(spacing) / lengths


def _directions(ndim: int) -> Floats:
    """Directions spread evenly, (DENSE, D)."""
    i = np.arange(DENSE) + 0.5
    if ndim == 2:
        return np.stack([np.sin(math.pi * i / DENSE), np.cos(math.pi * i / DENSE)], axis=1)
    z, turn = 1 - i / DENSE, math.pi * (1 + math.sqrt(5)) * i  # a golden spiral over half the sphere
    ring = np.sqrt(1 - z**2)
    return np.stack([z, ring * np.sin(turn), ring * np.cos(turn)], axis=1)


@kernel
def _crossings(labels, steps, n):  # type: ignore[no-untyped-def]
    """Count the pairs of pixels on lines of which one is in the object, by object and direction."""
    found = np.zeros((n + 1, steps.size))
    for k in range(steps.size):
        for i in range(labels.size - steps[k]):
            one, other = labels[i], labels[i + steps[k]]
            if one != other:
                found[one, k] += 1
                found[other, k] += 1
    return found
