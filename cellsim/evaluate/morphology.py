"""The forms of the objects of a label image: size, elongation, roughness; which are whole, which touch."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
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
    centre : (N, D) float64 array
        Centres of mass in µm, ([z,] y, x).
    area : (N,) float64 array
        In µm²; the volume of objects in 3D, in µm³.
    elongation : (N,) float64 array
        Longest over shortest axis of the ellipse (ellipsoid) with the same second moments; nan of objects under 20 px.
    roughness : (N,) float64 array
        Standard deviation of the outline's distance from the centre, relative to that ellipse; nan likewise.
    extent : (N, D) float64 array
        Edges of the bounding box in µm.
    whole : (N,) bool array
        The object does not reach the border of the image.
    touching : (N,) bool array
        Another object is next to it, diagonals included.
    axis : (N, D) float64 array
        Direction of the longest axis, of length 1 and either sign; nan of objects under 20 px.
    """

    centre: Floats
    area: Floats
    elongation: Floats
    roughness: Floats
    extent: Floats
    whole: NDArray[np.bool_]
    touching: NDArray[np.bool_]
    axis: Floats

    def __len__(self) -> int:
        return len(self.area)

    @property
    def radius(self) -> Floats:
        """Radius of the disk of equal area, or the ball of equal volume, in µm, (N,)."""
        if self.centre.shape[1] == 3:
            radius: Floats = np.cbrt(self.area * 3 / (4 * math.pi))
        else:
            radius = np.sqrt(self.area / np.pi)
        return radius

    @property
    def eccentricity(self) -> Floats:
        """Eccentricity of the ellipse (in 3D, of the section through its longest and shortest axis), (N,)."""
        eccentricity: Floats = np.sqrt(np.maximum(1 - self.elongation**-2.0, 0))
        return eccentricity


def morphology(labels: LabelImage, spacing: Sequence[float]) -> Morphology:
    """Measure the objects of a label image.

    Parameters
    ----------
    labels : ([Z,] Y, X) integer array
        0 is background, objects are 1..N without holes.
    spacing : (D,) floats
        Size of a pixel in µm, ([z,] y, x).

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
    moments = _moments(places - centre[ids], ids, count) + np.diag(step**2 / 12)
    elongation, axis = _ellipses(moments)
    roughness = _roughness(labels, centre, moments, step)
    extent, whole = _boxes(labels, n)
    elongation[count < FEWEST] = roughness[count < FEWEST] = axis[count < FEWEST] = np.nan
    area, near = count * step.prod(), touching(labels, n)
    return Morphology(centre, area, elongation, roughness, extent * step, whole, near, axis)


def _mean(values: Floats, ids: NDArray[np.int64], count: NDArray[np.int64]) -> Floats:
    """Mean of each column of values over the pixels of each object."""
    sums = [np.bincount(ids, column, minlength=len(count)) for column in values.T]
    mean: Floats = np.stack(sums, axis=1) / np.maximum(count, 1)[:, np.newaxis]
    return mean


def _moments(offsets: Floats, ids: NDArray[np.int64], count: NDArray[np.int64]) -> Floats:
    """Second central moments of each object, (N, D, D)."""
    ndim = offsets.shape[1]
    pairs = list(itertools.combinations_with_replacement(range(ndim), 2))
    found = _mean(np.stack([offsets[:, i] * offsets[:, j] for i, j in pairs], axis=1), ids, count)
    moments = np.empty((len(count), ndim, ndim))
    for column, (i, j) in zip(found.T, pairs, strict=True):
        moments[:, i, j] = moments[:, j, i] = column
    return moments


def _ellipses(moments: Floats) -> tuple[Floats, Floats]:
    """Elongation and direction of the longest axis of the ellipses with these moments."""
    spread, axes = np.linalg.eigh(moments)
    return np.sqrt(spread[:, -1] / spread[:, 0]), axes[:, :, -1].copy()


def _roughness(labels: LabelImage, centre: Floats, moments: Floats, step: Floats) -> Floats:
    """Roughness of the outline about the ellipse of the same moments, where it is 1."""
    outline = np.argwhere(rim(labels))
    ids = labels[tuple(outline.T)].astype(np.int64) - 1
    offsets = (outline + 0.5) * step - centre[ids]
    inverse = np.linalg.inv(moments)[ids]
    relative = np.sqrt(np.einsum("ni,nij,nj->n", offsets, inverse, offsets)) / 2
    count = np.bincount(ids, minlength=len(centre))
    first, second = _mean(np.stack([relative, relative**2], axis=1), ids, count).T
    roughness: Floats = np.sqrt(np.maximum(second - first**2, 0)) / np.maximum(first, 1e-9)
    return roughness


def rim(labels: LabelImage) -> NDArray[np.bool_]:
    """Find the outermost pixels of objects.

    Parameters
    ----------
    labels : ([Z,] Y, X) integer array
        0 is background.

    Returns
    -------
    ([Z,] Y, X) bool array
        True in objects with another label across a face; beyond the image is background.
    """
    padded = np.pad(labels, 1)
    middle = padded[(slice(1, -1),) * labels.ndim]
    other = np.zeros(labels.shape, np.bool_)
    for axis in range(labels.ndim):
        for ends in (slice(None, -2), slice(2, None)):
            other |= middle != padded[tuple(ends if i == axis else slice(1, -1) for i in range(labels.ndim))]
    return np.asarray((middle > 0) & other)


def _boxes(labels: LabelImage, n: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Edges of bounding boxes in pixels, and whether they stay off the border."""
    from scipy.ndimage import find_objects

    boxes = find_objects(np.asarray(labels, np.int32), max_label=n)
    nowhere = (slice(0, 0),) * labels.ndim
    ends = [[(axis.start, axis.stop) for axis in box or nowhere] for box in boxes]
    first, last = np.moveaxis(np.array(ends, np.int64).reshape(n, labels.ndim, 2), 2, 0)
    whole = (first > 0).all(axis=1) & (last < np.array(labels.shape)).all(axis=1)
    return last - first, whole


def touching(labels: LabelImage, n: int) -> NDArray[np.bool_]:
    """Find the objects that have another one next to them.

    Parameters
    ----------
    labels : ([Z,] Y, X) integer array
        0 is background, objects are 1..n.
    n : int
        Number of objects.

    Returns
    -------
    (n,) bool array
        True if a pixel of another object is among the neighbours of one of its own, diagonals included.
    """
    found = np.zeros(n + 1, np.bool_)
    for before, after in _adjacent(labels.ndim):
        one, other = labels[before], labels[after]
        meet = (one != other) & (one > 0) & (other > 0)
        found[one[meet]] = found[other[meet]] = True
    return found[1:]


def _adjacent(ndim: int) -> Iterator[tuple[tuple[slice, ...], tuple[slice, ...]]]:
    """Pair all pixels with their neighbours, in one direction after the other, diagonals included."""
    parts = {-1: (slice(1, None), slice(None, -1)), 0: (slice(None),) * 2, 1: (slice(None, -1), slice(1, None))}
    for way in itertools.product((-1, 0, 1), repeat=ndim):
        if way > (0,) * ndim:
            yield tuple(parts[k][0] for k in way), tuple(parts[k][1] for k in way)


def whole_weights(forms: Morphology, size: Sequence[float]) -> Floats:
    """Weights that undo the loss of large objects, which the border cuts more often.

    An object whose bounding box has the edges a, b lies whole in a frame of edges A, B with a chance proportional to
    (A - a) (B - b), so it stands for the inverse of that number of objects [1]_; likewise in 3D.

    Parameters
    ----------
    forms : Morphology
        Of one image.
    size : (D,) floats
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
