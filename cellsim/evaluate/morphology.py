"""The forms of the objects of a label image: size, elongation, roughness; which are whole, which touch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LabelImage = NDArray[np.integer[Any]]

FEWEST = 20  # pixels; the form of a smaller object is that of its pixels


@dataclass(frozen=True, eq=False)
class Morphology:
    """Forms of the objects of one label image; row i belongs to the id i + 1.

    Parameters
    ----------
    centre : (N, 2) float64 array
        Centres of mass in µm, y before x.
    area : (N,) float64 array
        In µm².
    elongation : (N,) float64 array
        Long over short axis of the ellipse with the same second moments; nan of objects under 20 px.
    roughness : (N,) float64 array
        Standard deviation of the outline's distance from the centre, relative to that ellipse; nan likewise.
    extent : (N, 2) float64 array
        Edges of the bounding box in µm.
    whole : (N,) bool array
        The object does not reach the border of the image.
    touching : (N,) bool array
        Another object is next to it, diagonals included.
    """

    centre: Floats
    area: Floats
    elongation: Floats
    roughness: Floats
    extent: Floats
    whole: NDArray[np.bool_]
    touching: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.area)

    @property
    def radius(self) -> Floats:
        """Radius of the disk of equal area in µm, (N,)."""
        radius: Floats = np.sqrt(self.area / np.pi)
        return radius


def morphology(labels: LabelImage, spacing: Sequence[float]) -> Morphology:
    """Measure the objects of a label image.

    Parameters
    ----------
    labels : (Y, X) integer array
        0 is background, objects are 1..N without holes.
    spacing : (2,) floats
        Size of a pixel in µm, y before x.

    Returns
    -------
    Morphology
        Of all objects; those that are not whole are measured as far as they are seen.
    """
    n, step = int(labels.max(initial=0)), np.asarray(spacing, np.float64)
    pixels = np.argwhere(labels > 0)
    ids = labels[tuple(pixels.T)].astype(np.int64) - 1
    count = np.bincount(ids, minlength=n)
    places = (pixels + 0.5) * step
    centre = _mean(places, ids, count)
    moments = _moments(places - centre[ids], ids, count) + np.array([[1, 0], [0, 1]]) * step**2 / 12
    elongation, roughness = _form(labels, centre, moments, step)
    extent, whole = _boxes(pixels, ids, n, labels.shape)
    elongation[count < FEWEST] = roughness[count < FEWEST] = np.nan
    return Morphology(centre, count * step.prod(), elongation, roughness, extent * step, whole, touching(labels, n))


def _mean(values: Floats, ids: NDArray[np.int64], count: NDArray[np.int64]) -> Floats:
    """Mean of each column of values over the pixels of each object."""
    sums = [np.bincount(ids, column, minlength=len(count)) for column in values.T]
    mean: Floats = np.stack(sums, axis=1) / np.maximum(count, 1)[:, np.newaxis]
    return mean


def _moments(offsets: Floats, ids: NDArray[np.int64], count: NDArray[np.int64]) -> Floats:
    """Second central moments of each object, (N, 2, 2)."""
    y, x = offsets.T
    yy, xx, yx = _mean(np.stack([y * y, x * x, y * x], axis=1), ids, count).T
    return np.stack([np.stack([yy, yx], axis=1), np.stack([yx, xx], axis=1)], axis=1)


def _form(labels: LabelImage, centre: Floats, moments: Floats, step: Floats) -> tuple[Floats, Floats]:
    """Elongation, and the roughness of the outline about the ellipse of the same moments, where it is 1."""
    spread = np.linalg.eigvalsh(moments)
    elongation = np.sqrt(spread[:, 1] / spread[:, 0])
    outline = np.argwhere(rim(labels))
    ids = labels[tuple(outline.T)].astype(np.int64) - 1
    offsets = (outline + 0.5) * step - centre[ids]
    inverse = np.linalg.inv(moments)[ids]
    relative = np.sqrt(np.einsum("ni,nij,nj->n", offsets, inverse, offsets)) / 2
    count = np.bincount(ids, minlength=len(centre))
    first, second = _mean(np.stack([relative, relative**2], axis=1), ids, count).T
    roughness = np.sqrt(np.maximum(second - first**2, 0)) / np.maximum(first, 1e-9)
    return elongation, roughness


def rim(labels: LabelImage) -> NDArray[np.bool_]:
    """Find the outermost pixels of objects.

    Parameters
    ----------
    labels : (Y, X) integer array
        0 is background.

    Returns
    -------
    (Y, X) bool array
        True in objects with another label above, below, left or right; beyond the image is background.
    """
    padded = np.pad(labels, 1)
    middle = padded[1:-1, 1:-1]
    shifted = (padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:])
    other = np.logical_or.reduce([middle != beside for beside in shifted])
    return np.asarray((middle > 0) & other)


def _boxes(
    pixels: NDArray[np.int64], ids: NDArray[np.int64], n: int, shape: tuple[int, ...]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Edges of bounding boxes in pixels, and whether they stay off the border."""
    first, last = np.full((n, 2), max(shape)), np.full((n, 2), -1)
    np.minimum.at(first, ids, pixels)
    np.maximum.at(last, ids, pixels)
    whole = (first > 0).all(axis=1) & (last < np.array(shape) - 1).all(axis=1)
    return last + 1 - first, whole


def touching(labels: LabelImage, n: int) -> NDArray[np.bool_]:
    """Find the objects that have another one next to them.

    Parameters
    ----------
    labels : (Y, X) integer array
        0 is background, objects are 1..n.
    n : int
        Number of objects.

    Returns
    -------
    (n,) bool array
        True if a pixel of another object is among the eight neighbours of one of its own.
    """
    pairs = (
        (labels[1:], labels[:-1]),
        (labels[:, 1:], labels[:, :-1]),
        (labels[1:, 1:], labels[:-1, :-1]),
        (labels[1:, :-1], labels[:-1, 1:]),
    )
    found = np.zeros(n + 1, np.bool_)
    for one, other in pairs:
        meet = (one != other) & (one > 0) & (other > 0)
        found[one[meet]] = found[other[meet]] = True
    return found[1:]


def whole_weights(forms: Morphology, size: Sequence[float]) -> Floats:
    """Weights that undo the loss of large objects, which the border cuts more often.

    An object whose bounding box has the edges a, b lies whole in a frame of edges A, B with a chance proportional to
    (A - a) (B - b), so it stands for the inverse of that number of objects [1]_.

    Parameters
    ----------
    forms : Morphology
        Of one image.
    size : (2,) floats
        Edges of the image in µm.

    Returns
    -------
    (N,) float64 array
        A B / ((A - a) (B - b)) of whole objects, 0 of others.

    References
    ----------
    .. [1] Miles, R. E. (1974). On the elimination of edge effects in planar sampling. In: Stochastic geometry, Wiley.
    """
    room = np.clip(1 - forms.extent / np.asarray(size), 0.02, 1).prod(axis=1)
    return np.where(forms.whole, 1 / room, 0.0)
