"""A contact sheet: images of samples, with the outlines of their objects."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Picture

from cellsim.masks.boundaries import boundaries
from cellsim.report import volumes
from cellsim.report.colours import grey_to_rgb, palette
from cellsim.sample import Sample

Rgb = NDArray[np.uint8]

WIDE = 4  # samples a row
TILE = 320  # px; the longer edge of a sample on the sheet
EDGE = 6  # px between samples
BAND = 18  # px between two sheets


def drawing(sample: Sample) -> tuple[Rgb, Rgb]:
    """Draw a sample twice: as it is, and with the outlines of its objects (or their areas, if it has no image).

    Parameters
    ----------
    sample : Sample
        2D, or 3D: then maximum projections along each axis, and the three middle slices with outlines.

    Returns
    -------
    plain, outlined : (Y, X, 3) uint8 arrays
        The image and the same with outlines; without an image, filled objects in both.
    """
    if len(sample.shape) == 3:
        projected, sliced = volumes.projections(sample, TILE), volumes.slices(sample, TILE)
        return _levels(projected), _levels(sliced)
    planes = sample.labels
    colours = palette(int(planes.max(initial=0)) + 1)
    plain = colours[planes.max(axis=0)] if sample.image is None else grey_to_rgb(sample.image)
    outlined = plain.copy()
    for plane in planes:
        border = boundaries(plane) & (plane > 0)
        outlined[border] = colours[plane[border]]
    return _levels(plain), _levels(outlined)


def _levels(picture: NDArray[np.float32]) -> Rgb:
    return (picture * 255).astype(np.uint8)


def contact_sheet(samples: Iterable[Sample]) -> Rgb:
    """Lay samples out on a sheet, each as it is and beside it with outlines.

    Parameters
    ----------
    samples : iterable of Sample
        At least one; of one shape.

    Returns
    -------
    (Y, X, 3) uint8 array
        The sheet.
    """
    pairs = [_tile(sample) for sample in samples]
    height, width = pairs[0].shape[:2]
    rows = -(-len(pairs) // (WIDE // 2))
    sheet = np.full((rows * (height + EDGE) + EDGE, WIDE // 2 * (width + EDGE) + EDGE, 3), 255, np.uint8)
    for i, pair in enumerate(pairs):
        y, x = EDGE + i // (WIDE // 2) * (height + EDGE), EDGE + i % (WIDE // 2) * (width + EDGE)
        sheet[y : y + height, x : x + width] = pair
    return sheet


def _tile(sample: Sample) -> Rgb:
    plain, outlined = drawing(sample)
    scale = max(1, round(TILE / max(plain.shape[:2])))
    pair = np.concatenate([plain, outlined], axis=1).repeat(scale, axis=0).repeat(scale, axis=1)
    if max(plain.shape[:2]) > TILE * 2:
        smaller = Picture.fromarray(pair)
        smaller.thumbnail((2 * TILE, TILE))
        pair = np.asarray(smaller)
    return pair


def save_gallery(samples: Iterable[Sample], path: Path) -> Path:
    """Write a contact sheet as PNG.

    Parameters
    ----------
    samples : iterable of Sample
        At least one; of one shape.
    path : Path
        Of the picture.

    Returns
    -------
    Path
        The same.
    """
    Picture.fromarray(contact_sheet(samples)).save(path)
    return path


def save_comparison(above: Iterable[Sample], below: Iterable[Sample], path: Path) -> Path:
    """Write two contact sheets as one PNG, one over the other, a black band between them.

    Parameters
    ----------
    above, below : iterable of Sample
        At least one each; all of one shape.
    path : Path
        Of the picture.

    Returns
    -------
    Path
        The same.
    """
    upper, lower = contact_sheet(above), contact_sheet(below)
    band = np.zeros((BAND, upper.shape[1], 3), np.uint8)
    Picture.fromarray(np.concatenate([upper, band, lower])).save(path)
    return path
