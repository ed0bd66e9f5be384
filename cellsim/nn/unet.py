"""The chained U-Nets of the de-novo nuclei paper: each sees the inputs and what those before it made."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Literal

import torch
from pydantic import field_validator
from torch import Tensor, nn

from cellsim.nn.blocks import BatchNorm, Block, Dropout, SameConv2d, SameConvTranspose2d, he_normal
from cellsim.nn.networks import ImageNetwork, Network
from cellsim.steps import parameter

SLOPE = 0.3  # of leaky ReLUs, for negative numbers: Keras's default
EPS, MOMENTUM = 1e-3, 0.01  # Keras's defaults
DROPPING = 2  # decoder blocks with dropout

Activation = Literal["tanh", "gelu"]


class UnetChain(Network):
    """One to three U-Nets in a chain, from mask layers to an image [1]_.

    A U-Net with `levels` skip connections halves the resolution ``levels + 1`` times by convolutions of stride two, and
    doubles it as often by transposed ones. The m-th in the chain takes the inputs and the outputs of those before it.
    The sizes of Table 1 of the paper are levels 4 and 6, kernels 3, 5 and 7, filters 16, 32 and 64, inputs 4 and 5.

    References
    ----------
    .. [1] Cosacak, M. I., Kizil, C. Using conditional generative adversarial networks (GAN) to generate de novo
       synthetic cell nuclei for training machine learning-based image segmentation.
    """

    kind: Literal["unet-chain"] = "unet-chain"
    version: Literal[1] = 1
    inputs: int = parameter(4, doc="Channels in: mask layers, and the merged one if it is used.", bounds=">= 1")
    outputs: int = parameter(1, doc="Channels out, of each U-Net.", bounds=">= 1")
    levels: int = parameter(4, doc="Skip connections of each U-Net.", bounds=">= 1, <= 8")
    kernel: int = parameter(3, unit="px", doc="Edge of the kernels.", bounds=">= 2, <= 15")
    filters: int = parameter(
        16, doc="Channels after the first convolution; doubled at each of the next.", bounds=">= 1"
    )
    activations: tuple[Activation, ...] = parameter(("tanh",), doc="Last activation of each U-Net, one a U-Net.")
    finish: int = parameter(
        0,
        doc="Channels of full resolution in which what was made and what was seen are joined at last, so that outlines "
        "are as sharp as in the mask; 0 as in the paper, where they are guessed from half the resolution.",
        bounds=">= 0",
    )

    @field_validator("activations")
    @classmethod
    def _at_least_one(cls, value: tuple[Activation, ...]) -> tuple[Activation, ...]:
        if not value:
            raise ValueError("must name one activation for each U-Net, got none")
        return value

    def __call__(self) -> ChainedUnets:
        """Build the network.

        Returns
        -------
        ChainedUnets
            Initialised as Keras's `he_normal` does.
        """
        return ChainedUnets(self)


class ChainedUnets(ImageNetwork):
    """The network of a `UnetChain`.

    Parameters
    ----------
    sizes : UnetChain
        Its parameters.
    """

    def __init__(self, sizes: UnetChain) -> None:
        multiple = 2 ** (sizes.levels + 1)
        finish = 1 if sizes.finish else 0
        super().__init__(multiple, reach=len(sizes.activations) * ((sizes.kernel - 1) * (multiple - 1) + finish))
        inputs = (sizes.inputs + m * sizes.outputs for m in range(len(sizes.activations)))
        pairs = zip(inputs, sizes.activations, strict=True)
        self.unets = nn.ModuleList(Unet(sizes, channels, activation) for channels, activation in pairs)
        he_normal(self)

    def run(self, images: Tensor, keeps: Iterator[Tensor]) -> Tensor:
        """Make images by the last U-Net of the chain.

        Parameters
        ----------
        images : (B, inputs, Y, X) Tensor
            Mask layers in [-1, 1].
        keeps : iterator of Tensors
            What dropout lets through.

        Returns
        -------
        (B, outputs, Y, X) Tensor
            In (-1, 1) if the last activation is tanh.
        """
        first, *others = self.unets
        found: Tensor = first(images, keeps)
        for unet in others:
            images = torch.cat([images, found], 1)
            found = unet(images, keeps)
        return found


class Unet(nn.Module):
    """One U-Net of a chain.

    Parameters
    ----------
    sizes : UnetChain
        Levels, kernel, filters and outputs.
    inputs : int
        Channels in.
    activation : str
        Applied last: "tanh" or "gelu".
    """

    def __init__(self, sizes: UnetChain, inputs: int, activation: Activation) -> None:
        super().__init__()
        depth, kernel = sizes.levels, sizes.kernel
        wide = [2**i * sizes.filters for i in range(depth + 1)]
        self.encoder = nn.ModuleList([Block(SameConv2d(inputs, wide[0], kernel), None, _relu())])
        for before, after in pairwise(wide):
            self.encoder.append(Block(SameConv2d(before, after, kernel), _norm(after), _relu()))
        self.decoder = nn.ModuleList()
        before = wide[depth]
        for j in range(depth - 1, -1, -1):
            drop = Dropout(wide[j], 2 ** (j + 1)) if depth - j <= DROPPING else None
            self.decoder.append(Block(SameConvTranspose2d(before, wide[j], kernel), _norm(wide[j]), _relu(), drop))
            before = 2 * wide[j]
        last = nn.Tanh() if activation == "tanh" else nn.GELU()
        if sizes.finish:
            self.decoder.append(Block(SameConvTranspose2d(before, sizes.finish, kernel), _norm(sizes.finish), _relu()))
            self.last: nn.Module = Finish(sizes.finish + inputs, sizes.finish, sizes.outputs, last)
        else:
            self.last = Block(SameConvTranspose2d(before, sizes.outputs, kernel, bias=True), None, last)

    def forward(self, images: Tensor, keeps: Iterator[Tensor]) -> Tensor:
        """Make images.

        Parameters
        ----------
        images : (B, inputs, Y, X) Tensor
            What is seen.
        keeps : iterator of Tensors
            What dropout lets through.

        Returns
        -------
        (B, outputs, Y, X) Tensor
            What is made.
        """
        skips = [images]
        for down in self.encoder:
            skips.append(down(skips[-1]))
        found = skips.pop()
        for up, skip in zip(self.decoder, reversed(skips), strict=False):
            found = torch.cat([up(found, keeps), skip], 1)
        return self.last(found)  # type: ignore[no-any-return]


class Finish(nn.Sequential):
    """Features and inputs joined at full resolution: a convolution that sees outlines, and one of single pixels.

    Parameters
    ----------
    inputs, channels, outputs : int
        Channels that are joined, between the convolutions, and made.
    last : Module
        The last activation.
    """

    def __init__(self, inputs: int, channels: int, outputs: int, last: nn.Module) -> None:
        seen = Block(nn.Conv2d(inputs, channels, 3, padding=1, bias=False), _norm(channels), _relu())
        super().__init__(seen, nn.Conv2d(channels, outputs, 1), last)


def _relu() -> nn.Module:
    return nn.LeakyReLU(SLOPE, inplace=True)


def _norm(channels: int) -> BatchNorm:
    return BatchNorm(channels, EPS, MOMENTUM)
