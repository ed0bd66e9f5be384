"""Networks from one image to another, as frozen parameters from which they are built; and what is in them."""

from __future__ import annotations

import copy
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, NamedTuple, TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from cellsim.nn.blocks import BatchNorm, Block, Dropout
from cellsim.steps import Step, parse

N = TypeVar("N", bound=nn.Module)
Keeps = Sequence[Tensor]  # of every dropout, in the order of the network: what it lets through, (B, C, Y, X) bool


class ImageNetwork(nn.Module):
    """A network that makes images from images of the same size, sharp at any size that `multiple` divides.

    A network that has dropout is a network of chance. In training it draws from torch's generator. Afterwards dropout
    is off, unless `keeps` says what it lets through: see `draw_keeps`.

    Parameters
    ----------
    multiple : int
        Both edges of an image are multiples of it.
    least : int
        What they are at least, in px.
    reach : int
        How far from a pixel of the output its input matters at most, in px, but for statistics of the whole image.
    """

    def __init__(self, multiple: int, least: int = 1, reach: int = 0) -> None:
        super().__init__()
        self.multiple, self.least, self.reach = multiple, max(multiple, least), reach

    def forward(self, images: Tensor, keeps: Keeps = ()) -> Tensor:
        """Make images.

        Parameters
        ----------
        images : (B, inputs, Y, X) Tensor
            float32.
        keeps : sequence of (B, C, y, x) bool Tensors
            What each dropout lets through, if it is to be on after training; of the shapes `keep_shapes`.

        Returns
        -------
        (B, outputs, Y, X) Tensor
            float32.

        Raises
        ------
        ValueError
            If the images have the wrong size, or `keeps` the wrong number.
        """
        self._check(*images.shape[2:])
        if keeps and len(keeps) != (asked := len(self.keep_shapes(*images.shape[2:]))):
            raise ValueError(f"keeps must be {asked} tensors, one a dropout, got {len(keeps)}")
        return self.run(images, iter(keeps))

    @abstractmethod
    def run(self, images: Tensor, keeps: Iterator[Tensor]) -> Tensor:
        """Make images of a size that was checked.

        Parameters
        ----------
        images : (B, inputs, Y, X) Tensor
            float32.
        keeps : iterator of (B, C, y, x) bool Tensors
            For each dropout in turn; nothing if they decide for themselves.

        Returns
        -------
        (B, outputs, Y, X) Tensor
            float32.
        """

    def keep_shapes(self, height: int, width: int) -> list[tuple[int, int, int]]:
        """Return the shape at each dropout, in the order of the network.

        Parameters
        ----------
        height, width : int
            Of the images in px.

        Returns
        -------
        list of (C, y, x) tuples of int
            Empty if there is no dropout.

        Raises
        ------
        ValueError
            If images cannot have that size.
        """
        self._check(height, width)
        drops = [module for module in self.modules() if isinstance(module, Dropout)]
        return [(drop.channels, height // drop.coarse, width // drop.coarse) for drop in drops]

    def _check(self, height: int, width: int) -> None:
        if min(height, width) < self.least or height % self.multiple or width % self.multiple:
            allowed = f"multiples of {self.multiple} px, {self.least} px or more"
            raise ValueError(f"both edges of an image must be {allowed}, got {height} x {width}")


class Network(Step):
    """Parameters of a network; called, it builds the network, initialised from torch's generator."""

    room: ClassVar[str] = "cellsim.nn"

    @abstractmethod
    def __call__(self) -> nn.Module:
        """Build the network.

        Returns
        -------
        Module
            On the CPU, in training mode.
        """


def build(settings: Mapping[str, object]) -> nn.Module:
    """Build a network from settings, as they are kept with its weights.

    Parameters
    ----------
    settings : mapping of str to JSON value
        ``kind`` and fields of a `Network`: what its `model_dump` gives.

    Returns
    -------
    Module
        Newly initialised.

    Raises
    ------
    RecipeError
        If there is no such kind, or it has no such fields.
    """
    return parse(Network, dict(settings), "network")()  # type: ignore[type-abstract]


class Counts(NamedTuple):
    """How many numbers a network holds.

    Parameters
    ----------
    trainable : int
        Weights that training changes.
    running : int
        Running means and variances.
    """

    trainable: int
    running: int

    @property
    def total(self) -> int:
        """Both: what Keras calls the parameters of a model."""
        return self.trainable + self.running


def count_parameters(network: nn.Module) -> Counts:
    """Count the numbers that a network holds.

    Parameters
    ----------
    network : Module
        Any.

    Returns
    -------
    Counts
        Weights, and running statistics.
    """
    running = sum(buffer.numel() for buffer in network.buffers() if buffer.is_floating_point())
    return Counts(sum(weights.numel() for weights in network.parameters()), running)


def draw_keeps(
    shapes: Sequence[tuple[int, int, int]], rngs: Sequence[np.random.Generator], share: float = 0.5
) -> list[Tensor]:
    """Draw what dropout lets through, of every image from its own stream: it does not matter which are in the batch.

    Parameters
    ----------
    shapes : sequence of (C, y, x) tuples of int
        `ImageNetwork.keep_shapes`.
    rngs : sequence of numpy.random.Generator
        One an image.
    share : float
        That is let through.

    Returns
    -------
    list of (B, C, y, x) bool Tensors
        On the CPU.
    """
    each = [[rng.random(shape, np.float32) < share for shape in shapes] for rng in rngs]
    return [torch.from_numpy(np.stack(of_all)) for of_all in zip(*each, strict=True)]


def normalise_by_image(network: nn.Module, on: bool = True) -> None:
    """Normalise by the statistics of each image after training too, not by the running ones.

    It is what pix2pix does, whose published programs leave batch normalisation in training mode and take one image at
    a time. An image does not depend on the others of its batch here.

    Parameters
    ----------
    network : Module
        Changed in place.
    on : bool
        False to go back to running statistics.
    """
    for module in network.modules():
        if isinstance(module, BatchNorm):
            module.by_image = on


def for_inference(network: N) -> N:
    """Copy a network as it makes images fastest: without gradients, normalisation folded into convolutions.

    Parameters
    ----------
    network : Module
        Left as it is.

    Returns
    -------
    Module
        The same function but for rounding, in evaluation mode and in the memory format `channels_last`. Normalisation
        stays as it is where it is by the statistics of each image.
    """
    fast = copy.deepcopy(network).eval().requires_grad_(False)
    for module in fast.modules():
        if isinstance(module, Block):
            _fold(module)
    fast.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return fast


def _fold(block: Block) -> None:
    conv, norm = block.conv, block.norm
    if isinstance(conv, nn.Conv2d | nn.ConvTranspose2d) and isinstance(norm, BatchNorm) and not norm.by_image:
        block.conv = fuse_conv_bn_eval(conv, norm, transpose=isinstance(conv, nn.ConvTranspose2d))
        block.norm = nn.Identity()
