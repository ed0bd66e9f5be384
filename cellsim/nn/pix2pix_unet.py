"""The U-Net generator of pix2pix, of any depth: unet_128 has 7 levels, unet_256 has 8."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from cellsim.nn.blocks import Block, Dropout, norm_layer, small_normal
from cellsim.nn.networks import ImageNetwork, Network
from cellsim.steps import parameter

SLOPE = 0.2  # of leaky ReLUs on the way down
WIDEST = 8  # times `filters`: the most channels there are


class Pix2PixUnet(Network):
    """The U-Net of pix2pix [1]_: kernels of 4 pixels, stride two, a skip connection at every level but the lowest.

    Dropout, in all of the widest blocks of the way up but the lowest, is the only chance of pix2pix.

    References
    ----------
    .. [1] Isola, P. et al. (2017). Image-to-image translation with conditional adversarial networks. CVPR.
    """

    kind: Literal["pix2pix-unet"] = "pix2pix-unet"
    version: Literal[1] = 1
    inputs: int = parameter(3, doc="Channels in.", bounds=">= 1")
    outputs: int = parameter(3, doc="Channels out.", bounds=">= 1")
    levels: int = parameter(8, doc="How often the resolution is halved: 7 for unet_128, 8 for unet_256.", bounds=">= 5")
    filters: int = parameter(64, doc="Channels after the first convolution.", bounds=">= 1")
    norm: Literal["batch", "instance"] = parameter("batch", doc="Normalisation.")
    dropout: bool = parameter(True, doc="Whether there is dropout.")

    def __call__(self) -> DeepUnet:
        """Build the network.

        Returns
        -------
        DeepUnet
            Initialised as in pix2pix.
        """
        return DeepUnet(self)


class DeepUnet(ImageNetwork):
    """The network of a `Pix2PixUnet`.

    Parameters
    ----------
    sizes : Pix2PixUnet
        Its parameters.
    """

    def __init__(self, sizes: Pix2PixUnet) -> None:
        super().__init__(2**sizes.levels, reach=3 * (2**sizes.levels - 1))
        wide = [min(2**i, WIDEST) * sizes.filters for i in range(sizes.levels)]
        lowest, plain = sizes.levels - 1, sizes.norm == "instance"
        self.down, self.up = nn.ModuleList(), nn.ModuleList()
        for i in range(sizes.levels):
            conv = nn.Conv2d(wide[i - 1] if i else sizes.inputs, wide[i], 4, 2, 1, bias=plain)
            self.down.append(Block(conv, None if i in (0, lowest) else norm_layer(sizes.norm, wide[i])))
        for i in range(lowest, 0, -1):
            back = nn.ConvTranspose2d(wide[i] * (1 if i == lowest else 2), wide[i - 1], 4, 2, 1, bias=plain)
            drops = sizes.dropout and i < lowest and wide[i - 1] == WIDEST * sizes.filters
            drop = Dropout(wide[i - 1], 2**i) if drops else None
            self.up.append(Block(back, norm_layer(sizes.norm, wide[i - 1]), None, drop))
        self.last = Block(nn.ConvTranspose2d(2 * wide[0], sizes.outputs, 4, 2, 1), None, nn.Tanh())
        small_normal(self)

    def run(self, images: Tensor, keeps: Iterator[Tensor]) -> Tensor:
        """Make images.

        Parameters
        ----------
        images : (B, inputs, Y, X) Tensor
            In [-1, 1].
        keeps : iterator of Tensors
            What dropout lets through.

        Returns
        -------
        (B, outputs, Y, X) Tensor
            In (-1, 1).
        """
        first, *others = self.down
        skips = [first(images)]
        for down in others:
            skips.append(down(functional.leaky_relu(skips[-1], SLOPE)))
        found = skips.pop()
        for up, skip in zip(self.up, reversed(skips), strict=True):
            found = torch.cat([skip, up(functional.relu(found), keeps)], 1)
        return self.last(functional.relu(found))  # type: ignore[no-any-return]
