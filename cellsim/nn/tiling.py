"""Images of any size from a network that takes certain sizes, in tiles where they are large."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import torch
from torch import Tensor, nn

from cellsim.nn.blocks import BatchNorm
from cellsim.nn.networks import ImageNetwork, Keeps

TILE = 1024  # px, without what is seen around it
Span = tuple[int, int]


def padded_shape(network: ImageNetwork, height: int, width: int) -> tuple[int, int]:
    """Return the least size of images that a network takes and that holds an image.

    Parameters
    ----------
    network : ImageNetwork
        Says which sizes it takes.
    height, width : int
        Of the image in px.

    Returns
    -------
    (int, int)
        In px.
    """
    padded = [max(network.least, -(-n // network.multiple) * network.multiple) for n in (height, width)]
    return padded[0], padded[1]


def reach(network: ImageNetwork) -> int | None:
    """Tell how far from a pixel of the output the input matters.

    Parameters
    ----------
    network : ImageNetwork
        As it makes images now.

    Returns
    -------
    int or None
        In px; None if the whole image matters, since features are normalised by its statistics.
    """
    for module in network.modules():
        if isinstance(module, nn.InstanceNorm2d) or (isinstance(module, BatchNorm) and module.by_image):
            return None
    return network.reach


def run_tiled(network: ImageNetwork, images: Tensor, keeps: Keeps = (), tile: int = TILE) -> Tensor:
    """Make images in tiles that overlap by all that matters: but for rounding, as if they were made whole.

    A network that normalises by the statistics of the image makes it whole, whatever its size.

    Parameters
    ----------
    network : ImageNetwork
        In evaluation mode.
    images : (B, inputs, Y, X) Tensor
        Of a size that the network takes: `padded_shape`.
    keeps : sequence of (B, C, y, x) bool Tensors
        What dropout lets through, of the whole images.
    tile : int
        Edge of a tile in px, without what is seen around it; rounded up to what the network takes.

    Returns
    -------
    (B, outputs, Y, X) Tensor
        float32.
    """
    seen, height, width = reach(network), *images.shape[2:]
    if seen is None or max(height, width) <= tile:
        return network(images, keeps)  # type: ignore[no-any-return]
    unit = network.multiple
    tile, halo = (-(-n // unit) * unit for n in (max(tile, network.least), seen))
    made: Tensor | None = None
    for rows, columns in product(_spans(height, tile, halo), _spans(width, tile, halo)):
        (y, top), (x, left) = rows, columns
        some = [k[:, :, _part(top, height, k.shape[2]), _part(left, width, k.shape[3])] for k in keeps]
        found = network(images[:, :, slice(*top), slice(*left)], some)
        if made is None:
            made = found.new_empty((len(images), found.shape[1], height, width))
        inner = found[:, :, y[0] - top[0] : y[1] - top[0], x[0] - left[0] : x[1] - left[0]]
        made[:, :, slice(*y), slice(*x)] = inner
    return torch.zeros(0) if made is None else made


def _spans(length: int, tile: int, halo: int) -> Iterator[tuple[Span, Span]]:
    """Go along an edge: a tile, and what is seen of it and around it."""
    for start in range(0, length, tile):
        stop = min(start + tile, length)
        yield (start, stop), (max(0, start - halo), min(length, stop + halo))


def _part(span: Span, length: int, coarse: int) -> slice:
    """Find the part of a coarser edge."""
    return slice(span[0] * coarse // length, span[1] * coarse // length)
