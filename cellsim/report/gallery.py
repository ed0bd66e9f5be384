"""A contact sheet: images of samples, with the outlines of their objects."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Picture

from cellsim.masks.boundaries import boundaries
from cellsim.sample import Image, Labels, Sample

Rgb = NDArray[np.uint8]

WIDE = 4  # samples a row
TILE = 320  # px; the longer edge of a sample on the sheet
EDGE = 6  # px between samples
BAND = 18  # px between two sheets


def palette(n: int) -> NDArray[np.float32]:
    """Return colours that neighbours in number differ in.

    Parameters
    ----------
    n : int
        How many.

    Returns
    -------
    (n, 3) float32 array
        Red, green, blue in [0, 1]; the first is black.
    """
    golden = 0.61803398875
    colours = np.zeros((n, 3), np.float32)
    for i in range(1, n):
        colours[i] = colorsys.hsv_to_rgb(i * golden % 1, 0.65, 1.0)
    return colours


def grey_to_rgb(image: Image) -> NDArray[np.float32]:
    """Show an image of any number of channels in colour.

    Parameters
    ----------
    image : (C, Y, X) float32 array
        Three channels are shown as red, green and blue, as they are; one in grey and others each in a hue, stretched
        to their own range.

    Returns
    -------
    (Y, X, 3) float32 array
        In [0, 1].
    """
    if len(image) == 3:
        return np.asarray(np.clip(np.moveaxis(image, 0, -1), 0, 1), np.float32)
    low, high = np.percentile(image, [0.5, 99.7])
    stretched = np.clip((image - low) / max(high - low, 1e-6), 0, 1)
    hues = np.ones((1, 3), np.float32) if len(image) == 1 else palette(len(image) + 1)[1:]
    return np.asarray(np.clip(np.einsum("cyx,ck->yxk", stretched, hues), 0, 1), np.float32)


def drawing(sample: Sample) -> tuple[Rgb, Rgb]:
    """Draw a sample twice: as it is, and with the outlines of its objects (or their areas, if it has no image).

    Parameters
    ----------
    sample : Sample
        2D, or 3D of which the middle plane is shown.

    Returns
    -------
    plain, outlined : (Y, X, 3) uint8 arrays
        The image and the same with outlines; without an image, filled objects in both.
    """
    middle = sample.labels.shape[1] // 2 if sample.labels.ndim == 4 else slice(None)
    planes: Labels = sample.labels[:, middle].reshape(len(sample.labels), *sample.labels.shape[-2:])
    colours = palette(int(planes.max(initial=0)) + 1)
    if sample.image is None:
        plain = colours[planes.max(axis=0)]
    else:
        plain = grey_to_rgb(sample.image[:, middle].reshape(len(sample.image), *planes.shape[-2:]))
    outlined = plain.copy()
    for plane in planes:
        border = boundaries(plane) & (plane > 0)
        outlined[border] = colours[plane[border]]
    return (plain * 255).astype(np.uint8), (outlined * 255).astype(np.uint8)


def contact_sheet(samples: Sequence[Sample]) -> Rgb:
    """Lay samples out on a sheet, each as it is and beside it with outlines.

    Parameters
    ----------
    samples : sequence of Sample
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


def save_gallery(samples: Sequence[Sample], path: Path) -> Path:
    """Write a contact sheet as PNG.

    Parameters
    ----------
    samples : sequence of Sample
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


def save_comparison(above: Sequence[Sample], below: Sequence[Sample], path: Path) -> Path:
    """Write two contact sheets as one PNG, one over the other, a black band between them.

    Parameters
    ----------
    above, below : sequence of Sample
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
