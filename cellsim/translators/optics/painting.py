"""Objects painted before any optics: a brightness each, and one image of several label planes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cellsim.sample import Image, Labels
from cellsim.seeds import Rng


def lognormal_levels(labels: Labels, median: float, variation: float, rng: Rng) -> NDArray[np.float32]:
    """Draw a brightness for every id; an id in several planes has one brightness.

    Parameters
    ----------
    labels : (S, [Z,] Y, X) uint16 array
        Objects 1..N.
    median : float
        Median brightness.
    variation : float
        Standard deviation of its logarithm.
    rng : numpy.random.Generator
        The only source of chance.

    Returns
    -------
    (N + 1,) float32 array
        Brightness by id; 0 for the background.
    """
    z = rng.standard_normal(int(labels.max(initial=0)) + 1, dtype=np.float32)
    levels: NDArray[np.float32] = np.float32(median) * np.exp(np.float32(variation) * z)
    levels[0] = 0
    return levels


def mean_over_planes(values: Image, labels: Labels) -> Image:
    """Make one image of several planes of objects: where objects overlap, their mean, as SIMCEP has it.

    Parameters
    ----------
    values : (S, [Z,] Y, X) float32 array
        0 outside objects.
    labels : (S, [Z,] Y, X) uint16 array
        Where objects are.

    Returns
    -------
    ([Z,] Y, X) float32 array
        0 where there is no object.
    """
    if len(values) == 1:
        return np.asarray(values[0])
    covering = np.count_nonzero(labels, axis=0)
    return np.asarray(values.sum(axis=0) / np.maximum(covering, 1), np.float32)
