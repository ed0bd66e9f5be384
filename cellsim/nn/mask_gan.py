"""A pair of small networks after DCGAN, for masks of single objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator
from torch import Tensor, nn
from torch.nn import functional

from cellsim.nn.blocks import small_normal
from cellsim.nn.levels import as_levels
from cellsim.nn.networks import Network
from cellsim.nn.tensors import load_part
from cellsim.steps import parameter

EDGE = 28  # px, of the masks of the de-novo nuclei paper
HALVINGS = 4  # the edge over that of the coarsest maps
ENLARGED = 4  # pixels of a read mask along the edge of a pixel of the network
LEVELS = (52, 204)  # grey levels, of 255, between which the outline of a mask is
SLOPE = 0.2  # of leaky ReLUs, for negative numbers


def _can_be_halved(edge: int) -> int:
    if edge % HALVINGS:
        raise ValueError(f"must be a multiple of {HALVINGS}, got {edge}")
    return edge


Edge = Annotated[int, AfterValidator(_can_be_halved)]


class MaskGenerator(Network):
    """From random numbers to the mask of one object, by two transposed convolutions [1]_.

    The de-novo nuclei paper [2]_ says of its network that it makes masks of 28 x 28 pixels, and no more: the sizes are
    ours.

    References
    ----------
    .. [1] Radford, A., Metz, L., Chintala, S. (2016). Unsupervised representation learning with deep convolutional
       generative adversarial networks. ICLR.
    .. [2] Cosacak, M. I., Kizil, C. Using conditional generative adversarial networks (GAN) to generate de novo
       synthetic cell nuclei for training machine learning-based image segmentation.
    """

    kind: Literal["mask-generator"] = "mask-generator"
    version: Literal[1] = 1
    edge: Edge = parameter(EDGE, unit="px", doc="Of the masks, a multiple of 4.", bounds=">= 8, <= 128")
    latent: int = parameter(64, doc="Random numbers that a mask is made from.", bounds=">= 1")
    filters: int = parameter(32, doc="Channels before the last convolution.", bounds=">= 1")

    def __call__(self) -> nn.Sequential:
        """Build the network.

        Returns
        -------
        Sequential
            Takes (B, latent) float32 numbers, normally distributed; gives (B, 1, edge, edge) in [-1, 1], above 0
            inside. First weights are N(0, 0.02).
        """
        f, coarse = self.filters, self.edge // HALVINGS
        network = nn.Sequential(
            nn.Linear(self.latent, 2 * f * coarse**2, bias=False),
            nn.Unflatten(1, (2 * f, coarse, coarse)),
            nn.BatchNorm2d(2 * f),
            nn.ReLU(inplace=True),
            nn.ConvTranspose2d(2 * f, f, 4, 2, 1, bias=False),
            nn.BatchNorm2d(f),
            nn.ReLU(inplace=True),
            nn.ConvTranspose2d(f, 1, 4, 2, 1),
            nn.Tanh(),
        )
        small_normal(network)
        return network


class MaskDiscriminator(Network):
    """From a mask to one logit, by two convolutions of stride two.

    It has no normalisation, unlike that of DCGAN: each mask is judged by itself, as its gradient penalty asks.
    """

    kind: Literal["mask-discriminator"] = "mask-discriminator"
    version: Literal[1] = 1
    edge: Edge = parameter(EDGE, unit="px", doc="Of the masks, a multiple of 4.", bounds=">= 8, <= 128")
    filters: int = parameter(32, doc="Channels after the first convolution.", bounds=">= 1")

    def __call__(self) -> nn.Sequential:
        """Build the network.

        Returns
        -------
        Sequential
            Takes (B, 1, edge, edge) masks in [-1, 1], gives (B, 1) logits, above 0 for what looks real. First
            weights are N(0, 0.02).
        """
        f, coarse = self.filters, self.edge // HALVINGS
        network = nn.Sequential(
            nn.Conv2d(1, f, 4, 2, 1),
            nn.LeakyReLU(SLOPE, inplace=True),
            nn.Conv2d(f, 2 * f, 4, 2, 1),
            nn.LeakyReLU(SLOPE, inplace=True),
            nn.Flatten(),
            nn.Linear(2 * f * coarse**2, 1),
        )
        small_normal(network)
        return network


def load_generator(tensors: Mapping[str, Tensor], settings: Mapping[str, Any]) -> tuple[nn.Module, int]:
    """Build a generator from what a training has kept.

    Parameters
    ----------
    tensors : mapping of str to Tensor
        Names begin with "generator."; others are left alone.
    settings : mapping of str to JSON value
        With the fields of a `MaskGenerator` under "network".

    Returns
    -------
    generator : Module
        In evaluation mode, on the CPU.
    latent : int
        Random numbers that it takes.

    Raises
    ------
    ValueError
        If the settings or the tensors are of another network.
    """
    known = settings.get("network")
    if not isinstance(known, Mapping) or known.get("kind") != "mask-generator":
        raise ValueError(f"network must be of kind mask-generator, got {known!r}")
    sizes = MaskGenerator(**known)
    generator = sizes()
    load_part(generator, tensors, "generator")
    return generator.eval().requires_grad_(False), sizes.latent


def read_masks(images: Tensor) -> NDArray[np.bool_]:
    """Read masks from images whose pixels tell the share of them that an object covers, from -1 for none to 1 for all.

    Images are linearly interpolated and cut at the level at which the mask has the area of the covered shares: at one
    half small objects would lose as much as a tenth. Shares count next to pixels above 0 only, as the background that
    a network makes is not exactly -1.

    Parameters
    ----------
    images : (B, 1, Y, X) Tensor
        float32 in [-1, 1]; what lies outside is cut.

    Returns
    -------
    (B, 4 Y, 4 X) bool array
        Four pixels along the edge of each of the image; empty where no pixel is above 0.
    """
    images = images.clamp(-1, 1)
    near = functional.max_pool2d((images > 0).float(), 3, 1, 1)
    area = ((images + 1) / 2 * near).sum((1, 2, 3)).cpu().numpy() * ENLARGED**2
    shades = as_levels(images, ENLARGED)[:, 0]
    masks = np.zeros(shades.shape, np.bool_)
    for mask, shade, wanted in zip(masks, shades, area, strict=True):
        if wanted:
            above = np.bincount(shade.ravel(), minlength=256)[::-1].cumsum()[::-1]  # pixels of each level or more
            level = LEVELS[0] + np.abs(above[LEVELS[0] : LEVELS[1]] - wanted).argmin()
            mask[:] = shade >= level
    return masks
