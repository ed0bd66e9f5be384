"""From the images that networks make to bytes."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

HALF = 127.5  # grey levels from the middle to either end


def as_levels(images: Tensor, enlarged: int = 1) -> NDArray[np.uint8]:
    """Turn images into grey levels of 8 bits.

    Parameters
    ----------
    images : (B, C, Y, X) Tensor
        float32 in [-1, 1]; what lies outside is cut.
    enlarged : int
        Factor on both edges; pixels in between are linearly interpolated.

    Returns
    -------
    (B, C, Y', X') uint8 array
        0 for -1, 255 for 1.
    """
    if enlarged > 1:
        images = functional.interpolate(images, scale_factor=enlarged, mode="bilinear")
    levels = images.clamp(-1, 1).mul(HALF).add(HALF).round().to(torch.uint8)
    return np.asarray(levels.cpu().numpy())
