"""Objects painted before any optics: a brightness each, and one image of several label planes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cellsim.kernel import kernel
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


def paint_textured(noise: Image, labels: Labels, levels: NDArray[np.float32], bias: float) -> Image:
    """Paint objects with a brightness and a texture each; where they overlap, the mean of them.

    Parameters
    ----------
    noise : (S, [Z,] Y, X) float32 array
        Texture of each object, 0 to 1.
    labels : (S, [Z,] Y, X) uint16 array
        Where objects are.
    levels : (N + 1,) float32 array
        Brightness by id.
    bias : float
        Brightness where the texture is 0, over that where it is 1.

    Returns
    -------
    ([Z,] Y, X) float32 array
        0 where there is no object.
    """
    planes = len(labels)
    image: Image = _paint(noise.reshape(planes, -1), labels.reshape(planes, -1), levels, np.float32(bias))
    return image.reshape(labels.shape[1:])


@kernel
def _paint(noise, labels, levels, bias):  # type: ignore[no-untyped-def]
    planes, n = labels.shape
    image, covering = np.zeros(n, np.float32), np.zeros(n, np.uint8)
    for plane in range(planes):
        for i in range(n):
            name = labels[plane, i]
            if name:
                image[i] += levels[name] * (noise[plane, i] * (np.float32(1) - bias) + bias)
                covering[i] += np.uint8(1)
    for i in range(n):
        if covering[i] > 1:
            image[i] /= np.float32(covering[i])
    return image
