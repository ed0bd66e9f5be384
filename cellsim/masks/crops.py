"""Single objects in tight windows: cut out of label images, turned and scaled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from cellsim.kernel import kernel
from cellsim.masks.lift import lift_image
from cellsim.masks.pieces import keep_pieces
from cellsim.sample import Labels

Crop = NDArray[np.bool_]
Whole = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Crops:
    """Single objects, each in a window of its own, one after the other in one run of memory.

    Parameters
    ----------
    pixels : (M,) bool array
        The windows, each in the order of C.
    start : (N + 1,) int64 array
        Where each window begins in `pixels`, and the end of the last.
    shape : (N, 3) int64 array
        Their extents (z, y, x) in pixels; in 2D windows have one plane.
    corner : (N, 3) int64 array
        Index of the first pixel of each on the canvas; it may lie outside.
    ndim : int
        2 or 3.
    rejected : int
        Draws that were not taken before there were these, of shapes that choose.
    """

    pixels: NDArray[np.bool_]
    start: Whole
    shape: Whole
    corner: Whole
    ndim: int
    rejected: int = 0

    def __len__(self) -> int:
        return len(self.shape)

    def crop(self, i: int) -> Crop:
        """View one object.

        Parameters
        ----------
        i : int
            Which.

        Returns
        -------
        ([Z,] Y, X) bool array
            Its window.
        """
        return self.pixels[self.start[i] : self.start[i + 1]].reshape(self.shape[i, 3 - self.ndim :])

    @property
    def arrays(self) -> tuple[NDArray[np.bool_], Whole, Whole, Whole]:
        """`pixels`, `start`, `shape` and `corner`: what kernels take."""
        return self.pixels, self.start, self.shape, self.corner

    @classmethod
    def from_list(cls, crops: Iterable[Crop], ndim: int) -> Crops:
        """Put single windows together.

        Parameters
        ----------
        crops : iterable of ([Z,] Y, X) bool arrays
            One object each.
        ndim : int
            2 or 3.

        Returns
        -------
        Crops
            In that order, all with their corner at 0.
        """
        lifted = [lift_image(crop) for crop in crops]
        start = np.concatenate([[0], np.cumsum([crop.size for crop in lifted])]).astype(np.int64)
        pixels = np.concatenate([np.zeros(0, np.bool_), *[crop.ravel() for crop in lifted]])
        shape = np.array([crop.shape for crop in lifted], np.int64).reshape(-1, 3)
        return cls(pixels, start, shape, np.zeros_like(shape), ndim)

    @classmethod
    def joined(cls, parts: Sequence[Crops]) -> Crops:
        """Put several batches together.

        Parameters
        ----------
        parts : sequence of Crops
            At least one, of equal `ndim`.

        Returns
        -------
        Crops
            Their objects, in order.
        """
        if len(parts) == 1:
            return parts[0]
        before = np.cumsum([0, *(part.start[-1] for part in parts)])
        start = [part.start[:-1] + shift for part, shift in zip(parts, before[:-1], strict=True)]
        joined = [np.concatenate([getattr(part, name) for part in parts]) for name in ("pixels", "shape", "corner")]
        rejected = sum(part.rejected for part in parts)
        return cls(joined[0], np.concatenate([*start, before[-1:]]), joined[1], joined[2], parts[0].ndim, rejected)

    def moved(self, by: Whole) -> Crops:
        """Shift every object.

        Parameters
        ----------
        by : (N, 3) int64 array
            In pixels.

        Returns
        -------
        Crops
            The same objects elsewhere.
        """
        return replace(self, corner=self.corner + by)


def whole_objects(labels: Labels) -> list[Crop]:
    """Cut out the objects that do not touch the border of the canvas.

    Parameters
    ----------
    labels : ([Z,] Y, X) uint16 array
        0 is background.

    Returns
    -------
    list of ([Z,] Y, X) bool arrays
        A tight crop of each object, in the order of ids.
    """
    boxes = enumerate(ndimage.find_objects(labels), 1)
    return [
        labels[box] == i
        for i, box in boxes
        if box and all(s.start > 0 and s.stop < n for s, n in zip(box, labels.shape, strict=True))
    ]


def long_axes(objects: Crops, spacing: Sequence[float]) -> NDArray[np.float64]:
    """Measure the directions in which objects are longest.

    Parameters
    ----------
    objects : Crops
        2D.
    spacing : (2,) floats
        Size of their pixels in µm.

    Returns
    -------
    (N,) float64 array
        Angle of the first principal axis of each, from y towards x, in radians.
    """
    found = np.empty(len(objects))
    for i in range(len(objects)):
        y, x = (np.argwhere(objects.crop(i)) * spacing).T
        y, x = y - y.mean(), x - x.mean()
        found[i] = np.arctan2(2 * (y @ x), y @ y - x @ x) / 2
    return found


def mapped(source: Crops, which: Whole, forward: NDArray[np.float64], centre: NDArray[np.float64]) -> Crops:
    """Turn, scale and mirror objects: each outline is that of the linearly interpolated mask at one half.

    Parameters
    ----------
    source : Crops
        2D objects.
    which : (N,) int64 array
        The one of each; one may be used more than once.
    forward : (N, 2, 2) float64 array
        Takes offsets (y, x) in pixels of the source to those of the canvas.
    centre : (N, 2) float64 array
        Where on the canvas the centroid of each comes to lie, in pixels, the corner of the canvas at 0.

    Returns
    -------
    Crops
        Tight windows, the largest piece of each; an object without a pixel left is the pixel of its centre.
    """
    pixels, start, shape, corner = _resample(source.arrays, which, forward, np.linalg.inv(forward), centre)
    keep_pieces(pixels, start, shape, corner, np.insert(np.floor(centre).astype(np.int64), 0, 0, axis=1))
    return Crops(pixels[: start[-1]], start, shape, corner, 2)


@kernel
def _resample(source, which, forward, inverse, centre):  # type: ignore[no-untyped-def]
    """Draw every object in a window large enough for it."""
    pixels, start, shape, _ = source
    n = len(which)
    begin, extent, corner = np.zeros(n + 1, np.int64), np.ones((n, 3), np.int64), np.zeros((n, 3), np.int64)
    middle = np.empty((n, 2))
    for i in range(n):
        k = which[i]
        middle[i, 0], middle[i, 1] = _centroid(pixels[start[k] : start[k + 1]].reshape((shape[k, 1], shape[k, 2])))
        far = max(middle[i, 0] + 1, shape[k, 1] - middle[i, 0]), max(middle[i, 1] + 1, shape[k, 2] - middle[i, 1])
        for axis in range(2):
            reach = abs(forward[i, axis, 0]) * far[0] + abs(forward[i, axis, 1]) * far[1]
            corner[i, axis + 1] = int(np.floor(centre[i, axis] - reach))
            extent[i, axis + 1] = int(np.ceil(centre[i, axis] + reach)) - corner[i, axis + 1]
        begin[i + 1] = begin[i] + extent[i, 1] * extent[i, 2]
    out = np.empty(begin[n], np.bool_)
    for i in range(n):
        k, p = which[i], begin[i]
        mask = pixels[start[k] : start[k + 1]].reshape((shape[k, 1], shape[k, 2]))
        for row in range(extent[i, 1]):
            dy = corner[i, 1] + row + 0.5 - centre[i, 0]
            for column in range(extent[i, 2]):
                dx = corner[i, 2] + column + 0.5 - centre[i, 1]
                y = inverse[i, 0, 0] * dy + inverse[i, 0, 1] * dx + middle[i, 0]
                x = inverse[i, 1, 0] * dy + inverse[i, 1, 1] * dx + middle[i, 1]
                out[p] = _interpolated(mask, y, x) >= 0.5 - 1e-9  # whole turns must not lose pixels to rounding
                p += 1
    return out, begin, extent, corner


@kernel
def _centroid(mask):  # type: ignore[no-untyped-def]
    """Mean index of the pixels of an object."""
    sy, sx, n = 0.0, 0.0, 0
    for y in range(mask.shape[0]):
        for x in range(mask.shape[1]):
            if mask[y, x]:
                sy, sx, n = sy + y, sx + x, n + 1
    return sy / n, sx / n


@kernel
def _interpolated(mask, y, x):  # type: ignore[no-untyped-def]
    """Value of a mask between its pixels, 0 outside."""
    height, width = mask.shape
    y0, x0 = int(np.floor(y)), int(np.floor(x))
    value = 0.0
    for a in range(2):
        for b in range(2):
            if 0 <= y0 + a < height and 0 <= x0 + b < width and mask[y0 + a, x0 + b]:
                value += (1 - abs(y - y0 - a)) * (1 - abs(x - x0 - b))
    return value
