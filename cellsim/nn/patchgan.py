"""Discriminators that judge patches of an image: PatchGAN, PixelGAN, and the small one of the de-novo nuclei paper."""

from __future__ import annotations

from typing import Literal

from torch import Tensor, nn

from cellsim.nn.blocks import BatchNorm, Block, SameConv2d, he_normal, norm_layer, small_normal
from cellsim.nn.networks import Network
from cellsim.nn.unet import EPS, MOMENTUM, SLOPE
from cellsim.steps import parameter


class PatchGan(Network):
    """The discriminator of pix2pix and CycleGAN [1]_: with three layers, each number judges 70 x 70 pixels.

    With no layer it is their PixelGAN, which judges single pixels.

    References
    ----------
    .. [1] Isola, P. et al. (2017). Image-to-image translation with conditional adversarial networks. CVPR.
    """

    kind: Literal["patchgan"] = "patchgan"
    version: Literal[1] = 1
    inputs: int = parameter(6, doc="Channels of what is judged: of a pair, those of both together.", bounds=">= 1")
    layers: int = parameter(3, doc="Convolutions of stride two.", bounds=">= 0")
    filters: int = parameter(64, doc="Channels after the first convolution.", bounds=">= 1")
    norm: Literal["batch", "instance"] = parameter("batch", doc="Normalisation.")

    def __call__(self) -> PatchDiscriminator:
        """Build the network.

        Returns
        -------
        PatchDiscriminator
            Initialised as in pix2pix.
        """
        network = PatchDiscriminator(_patches(self) if self.layers else _pixels(self))
        small_normal(network)
        return network


class SmallPatchGan(Network):
    """The discriminator of the de-novo nuclei paper [1]_: kernels of 2 pixels.

    The published program passes no kernel size to it, so it is 2 whatever that of the generator.

    References
    ----------
    .. [1] Cosacak, M. I., Kizil, C. Using conditional generative adversarial networks (GAN) to generate de novo
       synthetic cell nuclei for training machine learning-based image segmentation.
    """

    kind: Literal["small-patchgan"] = "small-patchgan"
    version: Literal[1] = 1
    inputs: int = parameter(5, doc="Channels of what is judged: mask layers and image.", bounds=">= 1")
    filters: int = parameter(64, doc="Channels after the first convolution.", bounds=">= 1")

    def __call__(self) -> PatchDiscriminator:
        """Build the network.

        Returns
        -------
        PatchDiscriminator
            Initialised as Keras's `he_normal` does.
        """
        f = self.filters
        layers: list[nn.Module] = [Block(SameConv2d(self.inputs, f, 2), None, _relu(SLOPE))]
        for i in (1, 2):
            conv = SameConv2d(i * f, 2 * i * f, 2)
            layers.append(Block(conv, BatchNorm(2 * i * f, EPS, MOMENTUM), _relu(SLOPE)))
        wide = nn.Conv2d(4 * f, 8 * f, 2, padding=1, bias=False)
        layers += [Block(wide, BatchNorm(8 * f, EPS, MOMENTUM), _relu(SLOPE)), nn.Conv2d(8 * f, 1, 2, padding=1)]
        network = PatchDiscriminator(layers)
        he_normal(network)
        return network


class PatchDiscriminator(nn.Module):
    """A discriminator of patches.

    Parameters
    ----------
    layers : list of Module
        Applied one after the other.
    """

    def __init__(self, layers: list[nn.Module]) -> None:
        super().__init__()
        self.layers = nn.Sequential(*layers)

    def forward(self, images: Tensor) -> Tensor:
        """Judge images, or pairs of them with their channels one after the other.

        Parameters
        ----------
        images : (B, inputs, Y, X) Tensor
            In [-1, 1].

        Returns
        -------
        (B, 1, y, x) Tensor
            Logits, one a patch: above 0 looks real.
        """
        return self.layers(images)  # type: ignore[no-any-return]


def _patches(sizes: PatchGan) -> list[nn.Module]:
    f, plain = sizes.filters, sizes.norm == "instance"
    wide = [min(2**i, 8) * f for i in range(sizes.layers + 1)]
    layers: list[nn.Module] = [Block(nn.Conv2d(sizes.inputs, f, 4, 2, 1), None, _relu(0.2))]
    for i in range(1, sizes.layers + 1):
        stride = 2 if i < sizes.layers else 1
        conv = nn.Conv2d(wide[i - 1], wide[i], 4, stride, 1, bias=plain)
        layers.append(Block(conv, norm_layer(sizes.norm, wide[i]), _relu(0.2)))
    return [*layers, nn.Conv2d(wide[-1], 1, 4, 1, 1)]


def _pixels(sizes: PatchGan) -> list[nn.Module]:
    f, plain = sizes.filters, sizes.norm == "instance"
    second = Block(nn.Conv2d(f, 2 * f, 1, bias=plain), norm_layer(sizes.norm, 2 * f), _relu(0.2))
    return [Block(nn.Conv2d(sizes.inputs, f, 1), None, _relu(0.2)), second, nn.Conv2d(2 * f, 1, 1, bias=plain)]


def _relu(slope: float) -> nn.Module:
    return nn.LeakyReLU(slope, inplace=True)
