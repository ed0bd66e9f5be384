"""Cutting a field of view into tiles of one size that overlap and cover it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from cellsim.datasets.ingest.annotations import Objects
from cellsim.datasets.ingest.fields import Field
from cellsim.datasets.ingest.options import IngestOptions
from cellsim.datasets.reader import as_intensity
from cellsim.masks.relabel import consecutive
from cellsim.sample import Labels, Sample

Corner = tuple[int, int]


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


def corners(shape: tuple[int, int], options: IngestOptions) -> list[Corner]:
    """List the tiles of an image.

    Parameters
    ----------
    shape : (2,) ints
        Of the image in pixels.
    options : IngestOptions
        Canvas and overlap.

    Returns
    -------
    list of (y, x)
        First pixel of each tile, row by row.
    """
    along_y, along_x = (
        positions(size, tile, options.overlap_px(tile)) for size, tile in zip(shape, options.shape, strict=True)
    )
    return [(y, x) for y in along_y for x in along_x]


def framed(field: Field, shape: tuple[int, int]) -> Field:
    """Pad a field that is smaller than the canvas, at the bottom and the right.

    Parameters
    ----------
    field : Field
        Of any size.
    shape : (2,) ints
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
    bottom_right = [(0, n) for n in missing]
    planes = []
    for plane in field.image:
        border = np.sort(np.concatenate([plane[0], plane[-1], plane[1:-1, 0], plane[1:-1, -1]]))
        planes.append(np.pad(plane, bottom_right, constant_values=border[(len(border) - 1) // 2]))
    return replace(field, image=np.stack(planes), labels=np.pad(field.labels, bottom_right))


def objects_in(labels: Objects, corner: Corner, shape: tuple[int, int]) -> Labels:
    """Cut the objects of a tile.

    Parameters
    ----------
    labels : (Y, X) integer array
        At least as large as the tile.
    corner : (y, x)
        First pixel of the tile.
    shape : (2,) ints
        Of the tile in pixels.

    Returns
    -------
    (y, x) uint16 array
        Ids 1..N without holes; objects that the border of the tile cuts stay.

    Raises
    ------
    ValueError
        If there are more objects than uint16 can name.
    """
    window = tuple(slice(begin, begin + n) for begin, n in zip(corner, shape, strict=True))
    return consecutive(labels[window].astype(np.int64))[0]


def cut(field: Field, corner: Corner, turns: int, options: IngestOptions) -> Sample:
    """Cut a tile and turn it.

    Parameters
    ----------
    field : Field
        At least as large as the canvas.
    corner : (y, x)
        First pixel of the tile.
    turns : int
        By how many right angles it is turned, against the clock.
    options : IngestOptions
        Canvas and spacing.

    Returns
    -------
    Sample
        ``labels`` (1, y, x), ``image`` (C, y, x) in [0, 1].

    Raises
    ------
    ValueError
        If there are more objects than uint16 can name.
    """
    (y, x), (height, width) = corner, options.shape
    image = np.rot90(field.image[:, y : y + height, x : x + width], turns, axes=(1, 2))
    labels = np.rot90(objects_in(field.labels, corner, options.shape), turns)
    return Sample(np.ascontiguousarray(labels)[np.newaxis], options.pixel, as_intensity(np.ascontiguousarray(image)))


@dataclass(frozen=True)
class Tile:
    """Where a tile lies.

    Parameters
    ----------
    pair : int
        Index of the image among the pairs.
    corner : (y, x)
        Its first pixel.
    """

    pair: int
    corner: Corner
