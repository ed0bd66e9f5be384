"""Cutting a field of view into tiles of one size that overlap and cover it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellsim.datasets.ingest.annotations import Objects
from cellsim.datasets.ingest.fields import Field
from cellsim.datasets.ingest.options import IngestOptions
from cellsim.datasets.reader import as_intensity
from cellsim.masks.relabel import consecutive
from cellsim.sample import Labels, Sample

Corner = tuple[int, ...]


def positions(size: int, tile: int, overlap: int) -> list[int]:
    """Lay tiles along an axis: the first at its start, the last at its end, the others evenly between.

    Parameters
    ----------
    size, tile : int
        Extent of the image and of a tile in pixels.
    overlap : int
        Pixels that neighbours share at least, less than `tile`.

    Returns
    -------
    list of int
        Where tiles begin, ascending; [0] if one is enough.
    """
    if size <= tile:
        return [0]
    steps = -(-(size - tile) // (tile - overlap))
    return [i * (size - tile) // steps for i in range(steps + 1)]


def corners(shape: tuple[int, ...], options: IngestOptions) -> list[Corner]:
    """List the tiles of an image.

    Parameters
    ----------
    shape : (D,) ints
        Of the image in pixels.
    options : IngestOptions
        Canvas and overlap.

    Returns
    -------
    list of ([z,] y, x)
        First pixel of each tile, row by row.
    """
    return list(
        product(
            *(positions(size, tile, options.overlap_px(tile)) for size, tile in zip(shape, options.shape, strict=True))
        )
    )


def framed(field: Field, shape: tuple[int, ...]) -> Field:
    """Pad a field that is smaller than the canvas, at its far ends.

    Parameters
    ----------
    field : Field
        Of any size.
    shape : (D,) ints
        Canvas in pixels.

    Returns
    -------
    Field
        At least as large as the canvas: the labels are padded with background, each channel of the image with the
        median of its border pixels (the lower one of two).
    """
    missing = [max(0, tile - size) for tile, size in zip(shape, field.labels.shape, strict=True)]
    if not any(missing):
        return field
    ends = [(0, n) for n in missing]
    planes = []
    for plane in field.image:
        border = np.sort(_border(plane))
        planes.append(np.pad(plane, ends, constant_values=border[(len(border) - 1) // 2]))
    return replace(field, image=np.stack(planes), labels=np.pad(field.labels, ends))


def _border(plane: NDArray[Any]) -> NDArray[Any]:
    """Gather the outermost pixels: both ends along each axis, without those that an axis before has given."""
    inner = slice(1, -1)
    sides = [plane[(*(inner,) * axis, end)].ravel() for axis in range(plane.ndim) for end in (0, -1)]
    return np.concatenate(sides)


def objects_in(labels: Objects, corner: Corner, shape: tuple[int, ...]) -> Labels:
    """Cut the objects of a tile.

    Parameters
    ----------
    labels : ([Z,] Y, X) integer array
        At least as large as the tile.
    corner : ([z,] y, x)
        First pixel of the tile.
    shape : (D,) ints
        Of the tile in pixels.

    Returns
    -------
    ([z,] y, x) uint16 array
        Ids 1..N without holes; objects that the border of the tile cuts stay.

    Raises
    ------
    ValueError
        If there are more objects than uint16 can name.
    """
    return consecutive(labels[_window(corner, shape)].astype(np.int64))[0]


def _window(corner: Corner, shape: tuple[int, ...]) -> tuple[slice, ...]:
    return tuple(slice(begin, begin + n) for begin, n in zip(corner, shape, strict=True))


def cut(field: Field, corner: Corner, turns: int, options: IngestOptions) -> Sample:
    """Cut a tile and turn it.

    Parameters
    ----------
    field : Field
        At least as large as the canvas.
    corner : ([z,] y, x)
        First pixel of the tile.
    turns : int
        By how many right angles it is turned in the plane of y and x, against the clock.
    options : IngestOptions
        Canvas and spacing.

    Returns
    -------
    Sample
        ``labels`` (1, [z,] y, x), ``image`` (C, [z,] y, x) in [0, 1].

    Raises
    ------
    ValueError
        If there are more objects than uint16 can name.
    """
    window = (slice(None), *_window(corner, options.shape))
    image = np.rot90(field.image[window], turns, axes=(-2, -1))
    labels = np.rot90(objects_in(field.labels, corner, options.shape), turns, axes=(-2, -1))
    return Sample(np.ascontiguousarray(labels)[np.newaxis], options.pixel, as_intensity(np.ascontiguousarray(image)))


@dataclass(frozen=True)
class Tile:
    """Where a tile lies.

    Parameters
    ----------
    pair : int
        Index of the image among the pairs.
    corner : ([z,] y, x)
        Its first pixel.
    """

    pair: int
    corner: Corner
