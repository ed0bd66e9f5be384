"""Images out of focus, as a discriminator sees them in the beginning."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

REACH = 3  # standard deviations to which the kernel is drawn
LEAST = 0.1  # px, standard deviation below which nothing changes


def blurred(images: Tensor, sigma: float) -> Tensor:
    """Blur images by a Gaussian.

    Parameters
    ----------
    images : (B, C, Y, X) Tensor
        Continued beyond the border by their border pixels.
    sigma : float
        Standard deviation in px.

    Returns
    -------
    (B, C, Y, X) Tensor
        Differentiable; the same tensor where `sigma` is below 0.1 px.
    """
    if sigma < LEAST:
        return images
    radius, channels = round(REACH * sigma), images.shape[1]
    offsets = torch.arange(-radius, radius + 1, dtype=images.dtype, device=images.device)
    kernel = torch.exp(-0.5 * (offsets / sigma) ** 2)
    kernel = (kernel / kernel.sum()).expand(channels, 1, 1, -1)
    padded = functional.pad(images, (radius, radius, radius, radius), mode="replicate")
    along_x = functional.conv2d(padded, kernel, groups=channels)
    return functional.conv2d(along_x, kernel.transpose(2, 3), groups=channels)
