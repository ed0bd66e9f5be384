"""The discriminator: how real an image looks."""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Tensor, nn

from cellsim.generators.stylegan.configuration import CONSTANT, Architecture
from cellsim.generators.stylegan.layers import EPSILON, Convolution, Linear, channels_last


def minibatch_deviation(features: Tensor, group: int) -> Tensor:
    """Measure how much the images of a group differ [1]_: a batch that lacks variety can be told.

    Parameters
    ----------
    features : (B, C, Y, X) Tensor
        Image i is in the group i modulo B / group.
    group : int
        Images in a group; fewer, if that does not divide B.

    Returns
    -------
    (B, 1, Y, X) Tensor
        The standard deviation over the group, averaged over channels and pixels.

    References
    ----------
    .. [1] Karras, T. et al. (2018). Progressive growing of GANs for improved quality, stability, and variation. ICLR.
    """
    count, _, height, width = features.shape
    size = next(size for size in range(min(group, count), 0, -1) if count % size == 0)
    variance = features.reshape(size, count // size, -1).var(0, correction=0)
    deviation = (variance + EPSILON).sqrt().mean(1)
    return deviation.repeat(size)[:, None, None, None].expand(-1, 1, height, width)


class ResidualBlock(nn.Module):
    """Two convolutions beside a shortcut; the resolution is halved.

    Parameters
    ----------
    inputs, outputs : int
        Channels.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.first = Convolution(inputs, inputs, 3)
        self.second = Convolution(inputs, outputs, 3, down=True)
        self.shortcut = Convolution(inputs, outputs, 1, activated=False, down=True)

    def forward(self, features: Tensor) -> Tensor:
        """Apply the block.

        Parameters
        ----------
        features : (B, inputs, 2 Y, 2 X) Tensor
            Features.

        Returns
        -------
        (B, outputs, Y, X) Tensor
            The sum of both ways, of unit variance.
        """
        half = math.sqrt(0.5)
        found: Tensor = self.second(self.first(features), half) + self.shortcut(features, half)
        return found


class Discriminator(nn.Module):
    """The residual discriminator [1]_.

    Parameters
    ----------
    architecture : Architecture
        Sizes.

    References
    ----------
    .. [1] Karras, T. et al. (2020). Analyzing and improving the image quality of StyleGAN. CVPR, section 4.1.
    """

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        sizes = [architecture.features(resolution) for resolution in reversed(architecture.resolutions)]
        self.group = architecture.group
        self.from_image = Convolution(architecture.channels, sizes[0], 1)
        self.blocks = nn.Sequential(*(ResidualBlock(a, b) for a, b in pairwise(sizes)))
        self.last = Convolution(sizes[-1] + 1, sizes[-1], 3)
        self.hidden = Linear(sizes[-1] * CONSTANT**2, sizes[-1], activated=True)
        self.logit = Linear(sizes[-1], 1)
        channels_last(self)

    def forward(self, images: Tensor) -> Tensor:
        """Judge images.

        Parameters
        ----------
        images : (B, channels, Y, X) Tensor
            In [-1, 1], of the resolution of the architecture.

        Returns
        -------
        (B,) Tensor
            Logits: above 0 looks real.
        """
        features = self.blocks(self.from_image(images.contiguous(memory_format=torch.channels_last)))
        features = self.last(torch.cat([features, minibatch_deviation(features, self.group)], 1))
        logits: Tensor = self.logit(self.hidden(features.flatten(1)))[:, 0]
        return logits
