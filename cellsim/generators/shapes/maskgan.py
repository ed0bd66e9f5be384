"""Single objects that a small generative network has learnt from a data set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from cellsim.distributions import PerObject, draw_each
from cellsim.generators.base import Placement, Shape
from cellsim.masks.crops import Crop, Crops, long_axes, mapped
from cellsim.masks.singles import is_single
from cellsim.nn.weights import Weights
from cellsim.seeds import Rng
from cellsim.steps import parameter

if TYPE_CHECKING:
    import torch
    from torch import nn

BATCH = 32  # masks that the network makes at a time, always as many: rounding may depend on it


class MaskGan(Shape):
    """Objects that a generative adversarial network has learnt to draw [1]_ [2]_, turned and scaled at random.

    A mask that is not one piece without holes, that the window of the network cuts, or that is too small is rejected,
    and another drawn; how many were is the number "rejected" of a sample. An object keeps the size in µm that it was
    learnt at. Its centre is its centroid. Where the points have radii, each object is scaled to the area of its disk
    first. Where they have directions, each is turned so that it is longest along its own.

    The network makes a batch of masks at a time, on one thread of the CPU, so that a sample does not depend on what
    else is drawn; a GPU may round a pixel otherwise than the CPU. Weights that were trained on objects at random places
    of their windows draw what the border cut, as the published ones did.

    References
    ----------
    .. [1] Cosacak, M. I., Kizil, C. Using conditional generative adversarial networks (GAN) to generate de novo
       synthetic cell nuclei for training machine learning-based image segmentation.
    .. [2] Radford, A., Metz, L., Chintala, S. (2016). Unsupervised representation learning with deep convolutional
       generative adversarial networks. ICLR.
    """

    aligns: ClassVar[bool] = True
    kind: Literal["maskgan"] = "maskgan"
    version: Literal[1] = 1
    weights: Weights = parameter(doc="A file of weights, as `cellsim train` writes it, or the name of built-in ones.")
    rotate: bool = parameter(True, doc="Turn objects by any angle.")
    scale: PerObject = parameter(1.0, doc="Factor on the size of each object.", bounds="> 0, <= 10")
    smallest: float = parameter(0.0, unit="µm²", doc="Masks of a smaller area are rejected.", bounds=">= 0")
    tries: int = parameter(20, doc="Draws an object at most, on average over those of a call.", bounds=">= 1")

    @property
    def numbers(self) -> tuple[str, ...]:
        """How many masks were rejected."""
        return ("rejected",)

    @property
    def remark(self) -> str:
        """What the weights were trained on, if they say so."""
        return str(self.weights.settings.get("remark", ""))

    def __call__(self, placement: Placement, spacing: Sequence[float], rng: Rng) -> Crops:
        """Draw an object at every centre.

        Parameters
        ----------
        placement : Placement
            Centres in µm; radii, where there are, are those of the disks of the objects' areas before `scale`.
        spacing : (2,) floats
            Size of a pixel in µm.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        Crops
            Tight windows, one connected piece each; `rejected` counts the masks that were not taken.

        Raises
        ------
        ValueError
            If the canvas is not 2D, the weights are of something else, or too few masks are single objects; if objects
            have directions and may not be turned.
        """
        if len(spacing) != 2:
            raise ValueError(f"a mask GAN draws 2D objects, got a canvas with spacing {tuple(spacing)}")
        n = len(placement)
        drawn, step = self._drawn(n, rng)
        angle = rng.uniform(0, 2 * np.pi, n) if self.rotate else np.zeros(n)
        if placement.directions is not None:
            if not self.rotate:
                raise ValueError("objects with directions are turned: rotate must be true, got false")
            ways = np.arctan2(*placement.directions.T[::-1])
            angle = ways - long_axes(drawn, step) + np.where(angle < np.pi, 0, np.pi)
        factor = draw_each(self.scale, rng, n)
        if placement.radii is not None:
            sizes = np.array([drawn.crop(i).sum() for i in range(n)]) * step[0] * step[1]
            factor = factor * placement.radii / np.sqrt(sizes / np.pi)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]).transpose(2, 0, 1)
        forward = turn * (factor[:, np.newaxis] * step)[:, np.newaxis, :] / np.reshape(spacing, (2, 1))
        placed = mapped(drawn, np.arange(n), np.ascontiguousarray(forward), placement.centres / spacing)
        return replace(placed, rejected=drawn.rejected)

    def _drawn(self, n: int, rng: Rng) -> tuple[Crops, tuple[float, float]]:
        """Draw n clean masks, and tell the size of their pixels in µm."""
        from cellsim.nn.device import device

        network = network_of(self.weights, device())
        least = self.smallest / (network.step[0] * network.step[1])
        found: list[Crop] = []
        seen = 0
        while len(found) < n:
            if seen >= self.tries * max(n, BATCH):
                raise ValueError(
                    f"only {len(found)} of {seen} masks are single objects, {n} are needed: take weights that were "
                    f"trained longer than {self.weights.path}, or raise tries ({self.tries})"
                )
            for mask in network.draw(rng):
                if len(found) == n:
                    break
                seen += 1
                if is_single(mask, network.whole) and mask.sum() >= least:
                    found.append(_tight(mask))
        return replace(Crops.from_list(found, 2), rejected=seen - len(found)), network.step


class Network:
    """A trained generator of masks, on a device.

    Parameters
    ----------
    generator : Sequential
        On the device, in evaluation mode.
    latent : int
        Random numbers that it takes.
    step : (2,) floats
        Size of a pixel of the masks that are read from its images, in µm.
    whole : bool
        Whether it has learnt objects that no border cuts.
    """

    def __init__(self, generator: nn.Module, latent: int, step: tuple[float, float], whole: bool) -> None:
        self.generator, self.latent, self.step, self.whole = generator, latent, step, whole

    def draw(self, rng: Rng) -> NDArray[np.bool_]:
        """Draw a batch of masks.

        Parameters
        ----------
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        (B, Y, X) bool array
            Of single objects, if the network has learnt it.
        """
        import torch

        from cellsim.nn.device import on_one_thread
        from cellsim.nn.mask_gan import read_masks

        z = torch.from_numpy(rng.standard_normal((BATCH, self.latent), np.float32))
        with torch.inference_mode(), on_one_thread():
            return read_masks(self.generator(z.to(next(self.generator.parameters()).device)))


@lru_cache(maxsize=4)
def network_of(weights: Weights, device: torch.device) -> Network:
    """Build the network of some weights, once a process.

    Parameters
    ----------
    weights : Weights
        Of a training with the objective `mask-gan`.
    device : torch.device
        Where it runs.

    Returns
    -------
    Network
        Ready to draw.

    Raises
    ------
    ValueError
        If the weights are of something else.
    """
    from cellsim.nn.mask_gan import ENLARGED, load_generator

    tensors, settings = weights.load()
    try:
        generator, latent = load_generator(tensors, settings)
    except ValueError as error:
        raise ValueError(f"weights: {weights.path} is no mask GAN: {error}") from None
    pixel, spacing = settings.get("pixel"), settings.get("spacing", (1.0, 1.0))
    y, x = (float(own if pixel is None else pixel) / ENLARGED for own in spacing)
    return Network(generator.to(device), latent, (y, x), settings.get("places") == "centred")


def _tight(mask: Crop) -> Crop:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
