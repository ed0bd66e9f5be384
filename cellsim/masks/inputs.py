"""Masks as the input of a network that makes images from them: layers, ids, borders or flows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cellsim.masks.boundaries import boundaries
from cellsim.masks.colouring import Rng
from cellsim.masks.flows import encode_flows
from cellsim.masks.layers import split_layers
from cellsim.masks.overlaps import APART
from cellsim.sample import Image

Integers = NDArray[np.integer[Any]]

LEVELS = 255  # grey levels for ids, as an image of 8 bits has them


@dataclass(frozen=True)
class MaskInput:
    """How a network sees the objects of an image.

    `layers` shows them on a few planes, far enough apart on each [1]_, arranged anew at every call; `layers+merged`
    has a first plane with all of them. `labels` shows ids as grey levels [2]_, dealt at random from 1 to 255, so that
    a crop has the same levels as a large canvas; of more than 255 objects some share a level. `boundary+interior`
    has a plane for the pixels of an object that touch another object or the background, and one for the others.
    `flows` has the probability of a cell, and the flow towards its centre.

    Parameters
    ----------
    encoding : str
        A key of `INPUTS`.
    layers : int
        Planes of `layers`, without the merged one.
    gap : int
        Least background between two objects of a layer in px.
    overflow : {"error", "share"}
        What happens when the layers do not suffice: it is an error, or what is left over is put on layers where it is
        nearer to others than `gap`. No object is left out.
    fit : {"first", "random"}
        On which layer an object is put: the first where it has room, as in the paper, so that the last ones are seldom
        used; or any of those where it has room, so that a network knows all of them equally well.

    Raises
    ------
    ValueError
        If there is no such encoding, overflow or fit, no layer, or a negative gap.

    References
    ----------
    .. [1] Cosacak, M. I., Kizil, C. Using conditional generative adversarial networks (GAN) to generate de novo
       synthetic cell nuclei for training machine learning-based image segmentation.
    .. [2] Tasnadi, E. et al. (2023). Structure preserving adversarial generation of labeled training samples for
       single-cell segmentation. Cell Reports Methods 3.
    """

    encoding: str
    layers: int = 4
    gap: int = APART
    overflow: Literal["error", "share"] = "error"
    fit: Literal["first", "random"] = "first"

    def __post_init__(self) -> None:
        if self.encoding not in INPUTS:
            raise ValueError(f"no input encoding {self.encoding!r} (encodings: {', '.join(INPUTS)})")
        if self.layers < 1 or self.gap < 0:
            raise ValueError(f"layers must be >= 1 and gap >= 0, got {self.layers} and {self.gap}")
        if self.overflow not in ("error", "share"):
            raise ValueError(f"overflow must be error or share, got {self.overflow!r}")
        if self.fit not in ("first", "random"):
            raise ValueError(f"fit must be first or random, got {self.fit!r}")

    @property
    def channels(self) -> int:
        """How many channels the network has to take."""
        return INPUTS[self.encoding].channels(self.layers)

    def __call__(self, labels: Integers, rng: Rng) -> Image:
        """Encode the objects of an image.

        Parameters
        ----------
        labels : (Y, X) integer array
            0 is background.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        (C, Y, X) float32 array
            In [-1, 1]; background is -1, where there is no flow 0.

        Raises
        ------
        InputError
            If the objects do not fit on the layers, and `overflow` is "error".
        """
        return INPUTS[self.encoding].write(self, labels, rng)

    def extended(self, images: Image, shape: tuple[int, int]) -> Image:
        """Extend encoded masks by their mirror image, in which vectors point the other way.

        Parameters
        ----------
        images : (B, C, Y, X) float32 array
            As `__call__` returns them.
        shape : (2,) ints
            Of the result in px, as large or larger.

        Returns
        -------
        (B, C, Y', X') float32 array
            What was given lies in the first corner.
        """
        edges = images.shape[2:]
        if shape == edges:
            return images
        extra = [(0, m - n) for n, m in zip(edges, shape, strict=True)]
        larger: Image = np.pad(images, [(0, 0), (0, 0), *extra], mode="symmetric")
        y, x = (np.where(np.arange(m) // n % 2, -1, 1) for n, m in zip(edges, shape, strict=True))
        for channel, turned in zip(INPUTS[self.encoding].vectors, (y[:, np.newaxis], x), strict=False):
            larger[:, channel] *= turned
        return larger


class Written(NamedTuple):
    """An encoding.

    Parameters
    ----------
    channels : callable
        From the number of layers to that of channels.
    write : callable
        From `MaskInput`, labels and a random generator to the channels.
    vectors : tuple of int
        Channels of the y and of the x component of vectors; () if there are none.
    """

    channels: Callable[[int], int]
    write: Callable[[MaskInput, Integers, Rng], Image]
    vectors: tuple[int, ...] = ()


def _masks(masks: NDArray[np.bool_]) -> Image:
    """Show objects as 1 and background as -1."""
    image: Image = masks.astype(np.float32)
    image *= 2
    image -= 1
    return image


def _layers(given: MaskInput, labels: Integers, rng: Rng) -> Image:
    overflow: Literal["error", "add"] = "error" if given.overflow == "error" else "add"
    planes = split_layers(labels, given.layers, given.gap, rng=rng, fit=given.fit, overflow=overflow) > 0
    for k in range(given.layers, len(planes)):
        planes[k % given.layers] |= planes[k]
    return _masks(planes[: given.layers])


def _layers_merged(given: MaskInput, labels: Integers, rng: Rng) -> Image:
    return np.concatenate([_masks(labels > 0)[np.newaxis], _layers(given, labels, rng)])


def _labels(given: MaskInput, labels: Integers, rng: Rng) -> Image:
    ids, position = np.unique(labels, return_inverse=True)
    objects = int(np.count_nonzero(ids))
    turns = -(-objects // LEVELS)
    dealt = np.concatenate([np.zeros(0, np.int64), *(rng.permutation(LEVELS) + 1 for _ in range(turns))])
    levels = np.zeros(len(ids), np.float32)
    levels[ids != 0] = dealt[:objects]
    image: Image = (2 / LEVELS * levels - 1).astype(np.float32)[position].reshape(1, *labels.shape)
    return image


def _boundary_interior(given: MaskInput, labels: Integers, rng: Rng) -> Image:
    inside, border = labels > 0, boundaries(labels)  # type: ignore[arg-type]
    return _masks(np.stack([inside & border, inside & ~border]))


def _flows(given: MaskInput, labels: Integers, rng: Rng) -> Image:
    flow, probability = encode_flows(labels)
    image: Image = np.concatenate([2 * probability[np.newaxis] - 1, flow]).astype(np.float32)
    return image


INPUTS: dict[str, Written] = {
    "layers": Written(lambda layers: layers, _layers),
    "layers+merged": Written(lambda layers: layers + 1, _layers_merged),
    "labels": Written(lambda _: 1, _labels),
    "boundary+interior": Written(lambda _: 2, _boundary_interior),
    "flows": Written(lambda _: 3, _flows, (1, 2)),
}
