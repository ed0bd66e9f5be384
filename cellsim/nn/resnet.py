"""The residual generator of CycleGAN and pix2pix: resnet_6 and resnet_9."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from torch import Tensor, nn

from cellsim.nn.blocks import Block, Dropout, norm_layer, small_normal
from cellsim.nn.networks import ImageNetwork, Network
from cellsim.steps import parameter

COARSE = 4  # pixels of an image along an edge of one in the residual blocks


class Resnet(Network):
    """Residual blocks at a quarter of the resolution [1]_, after Johnson and others [2]_.

    References
    ----------
    .. [1] Zhu, J.-Y. et al. (2017). Unpaired image-to-image translation using cycle-consistent adversarial networks.
       ICCV.
    .. [2] Johnson, J. et al. (2016). Perceptual losses for real-time style transfer and super-resolution. ECCV.
    """

    kind: Literal["resnet"] = "resnet"
    version: Literal[1] = 1
    inputs: int = parameter(3, doc="Channels in.", bounds=">= 1")
    outputs: int = parameter(3, doc="Channels out.", bounds=">= 1")
    blocks: int = parameter(9, doc="Residual blocks: 6 for resnet_6, 9 for resnet_9.", bounds=">= 1")
    filters: int = parameter(64, doc="Channels after the first convolution.", bounds=">= 1")
    norm: Literal["batch", "instance"] = parameter("instance", doc="Normalisation.")
    dropout: bool = parameter(False, doc="Whether there is dropout in the residual blocks.")

    def __call__(self) -> ResidualGenerator:
        """Build the network.

        Returns
        -------
        ResidualGenerator
            Initialised as in pix2pix.
        """
        return ResidualGenerator(self)


class ResidualGenerator(ImageNetwork):
    """The network of a `Resnet`.

    Parameters
    ----------
    sizes : Resnet
        Its parameters.
    """

    def __init__(self, sizes: Resnet) -> None:
        super().__init__(COARSE, 2 * COARSE, reach=2 * COARSE * sizes.blocks + 3 * COARSE)
        f, plain = sizes.filters, sizes.norm == "instance"

        def block(conv: nn.Module, channels: int) -> Block:
            return Block(conv, norm_layer(sizes.norm, channels), nn.ReLU(inplace=True))

        self.down = nn.Sequential(
            nn.ReflectionPad2d(3),
            block(nn.Conv2d(sizes.inputs, f, 7, bias=plain), f),
            block(nn.Conv2d(f, 2 * f, 3, 2, 1, bias=plain), 2 * f),
            block(nn.Conv2d(2 * f, 4 * f, 3, 2, 1, bias=plain), 4 * f),
        )
        self.blocks = nn.ModuleList(ResidualBlock(4 * f, sizes.norm, sizes.dropout) for _ in range(sizes.blocks))
        self.up = nn.Sequential(
            block(nn.ConvTranspose2d(4 * f, 2 * f, 3, 2, 1, 1, bias=plain), 2 * f),
            block(nn.ConvTranspose2d(2 * f, f, 3, 2, 1, 1, bias=plain), f),
            nn.ReflectionPad2d(3),
            Block(nn.Conv2d(f, sizes.outputs, 7), None, nn.Tanh()),
        )
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
        found = self.down(images)
        for block in self.blocks:
            found = block(found, keeps)
        return self.up(found)  # type: ignore[no-any-return]


class ResidualBlock(nn.Module):
    """Two convolutions beside the identity.

    Parameters
    ----------
    channels : int
        In and out.
    norm : {"batch", "instance"}
        Normalisation.
    dropout : bool
        Whether there is dropout after the first convolution.
    """

    def __init__(self, channels: int, norm: str, dropout: bool) -> None:
        super().__init__()
        plain = norm == "instance"
        drop = Dropout(channels, COARSE) if dropout else None
        self.pad = nn.ReflectionPad2d(1)
        conv = nn.Conv2d(channels, channels, 3, bias=plain)
        self.first = Block(conv, norm_layer(norm, channels), nn.ReLU(inplace=True), drop)
        self.second = Block(nn.Conv2d(channels, channels, 3, bias=plain), norm_layer(norm, channels))

    def forward(self, images: Tensor, keeps: Iterator[Tensor]) -> Tensor:
        """Apply the block.

        Parameters
        ----------
        images : (B, C, Y, X) Tensor
            Features.
        keeps : iterator of Tensors
            What dropout lets through.

        Returns
        -------
        (B, C, Y, X) Tensor
            Features.
        """
        return images + self.second(self.pad(self.first(self.pad(images), keeps)))  # type: ignore[no-any-return]
