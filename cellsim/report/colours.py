"""Colours of objects and of images."""

from __future__ import annotations

import colorsys

import numpy as np
from numpy.typing import NDArray

from cellsim.sample import Image


def palette(n: int) -> NDArray[np.float32]:
    """Return colours that neighbours in number differ in.

    Parameters
    ----------
    n : int
        How many.

    Returns
    -------
    (n, 3) float32 array
        Red, green, blue in [0, 1]; the first is black.
    """
    golden = 0.61803398875
    colours = np.zeros((n, 3), np.float32)
    for i in range(1, n):
        colours[i] = colorsys.hsv_to_rgb(i * golden % 1, 0.65, 1.0)
    return colours


def grey_to_rgb(image: Image) -> NDArray[np.float32]:
    """Show an image of any number of channels in colour.

    Parameters
    ----------
    image : (C, Y, X) float32 array
        Three channels are shown as red, green and blue, as they are; one in grey and others each in a hue, stretched
        to their own range.

    Returns
    -------
    (Y, X, 3) float32 array
        In [0, 1].
    """
    if len(image) == 3:
        return np.asarray(np.clip(np.moveaxis(image, 0, -1), 0, 1), np.float32)
    low, high = np.percentile(image, [0.5, 99.7])
    stretched = np.clip((image - low) / max(high - low, 1e-6), 0, 1)
    hues = np.ones((1, 3), np.float32) if len(image) == 1 else palette(len(image) + 1)[1:]
    return np.asarray(np.clip(np.einsum("cyx,ck->yxk", stretched, hues), 0, 1), np.float32)
