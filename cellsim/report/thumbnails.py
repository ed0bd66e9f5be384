"""Pictures of samples that a page holds in itself: the image, and the outlines to lay over it."""

from __future__ import annotations

import base64
from io import BytesIO
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Picture

from cellsim.masks.boundaries import boundaries
from cellsim.report.colours import grey_to_rgb, palette
from cellsim.report.gallery import drawing
from cellsim.sample import Labels, Sample

EDGE = 256  # px; the longer edge of a picture at most
QUALITY = 82  # of lossy WebP


class Thumbnail(NamedTuple):
    """A sample as it is embedded in a page.

    Parameters
    ----------
    plain, outlined : str
        Data URIs; the second is laid over the first.
    width, height : int
        In pixels.
    alt : str
        What is seen, in words.
    """

    plain: str
    outlined: str
    width: int
    height: int
    alt: str


def thumbnail(sample: Sample, name: str, objects: str = "objects") -> Thumbnail:
    """Draw a sample small enough to embed.

    Parameters
    ----------
    sample : Sample
        With one label plane; 2D, or 3D: then projections, and middle slices over them.
    name : str
        Such as "real image 12".
    objects : str
        What they are called.

    Returns
    -------
    Thumbnail
        Of at most 256 pixels along its longer edge.
    """
    plain, outlined = _flat(sample) if len(sample.shape) == 2 else _volume(sample)
    seen = "" if sample.image is not None else ", labels only"
    alt = f"{name}: {sample.count:,} {objects}{seen}"
    height, width = plain.shape[:2]
    return Thumbnail(_uri(plain, lossless=sample.image is None), _uri(outlined, lossless=True), width, height, alt)


def _volume(sample: Sample) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    plain, sliced = (_smaller(panel) for panel in drawing(sample))
    return plain, np.dstack([sliced, np.full(sliced.shape[:2], 255, np.uint8)])


def _smaller(panel: NDArray[np.uint8]) -> NDArray[np.uint8]:
    picture = Picture.fromarray(panel)
    picture.thumbnail((EDGE, EDGE), Picture.Resampling.LANCZOS)
    return np.asarray(picture)


def _flat(sample: Sample) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Draw the image (of labels alone, filled objects) and outlines one pixel wide on a clear ground."""
    colours = (palette(sample.count + 1) * 255).astype(np.uint8)
    labels = _reduced(sample.labels[0])
    filled = sample.image is None
    plain = colours[labels] if sample.image is None else _smaller((grey_to_rgb(sample.image) * 255).astype(np.uint8))
    border = boundaries(labels) & (labels > 0)
    outlined = np.zeros((*labels.shape, 4), np.uint8)
    outlined[border, :3] = 255 if filled else colours[labels[border]]
    outlined[border, 3] = 255
    return plain, outlined


def _reduced(labels: Labels) -> Labels:
    """Take every so many pixels, as the image is made smaller."""
    scale = min(1.0, EDGE / max(labels.shape))
    shape = [max(1, round(n * scale)) for n in labels.shape]
    rows, columns = (((np.arange(n) + 0.5) * m / n).astype(int) for n, m in zip(shape, labels.shape, strict=True))
    reduced: Labels = labels[rows[:, np.newaxis], columns]
    return reduced


def _uri(picture: NDArray[np.uint8], lossless: bool) -> str:
    written = BytesIO()
    Picture.fromarray(picture).save(written, "WEBP", lossless=lossless, quality=QUALITY, method=2)
    return f"data:image/webp;base64,{base64.b64encode(written.getvalue()).decode('ascii')}"
