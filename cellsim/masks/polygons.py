"""Outlines as polygons: closed Bezier curves, and the pixels inside a polygon."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cellsim.kernel import kernel
from cellsim.masks.crops import Crops
from cellsim.masks.pieces import keep_pieces

Polygon = NDArray[np.float64]


def closed_bezier(corners: Polygon, tension: float, steps: int = 16) -> Polygon:
    """Draw a closed curve of cubic Bezier segments through corners.

    At a corner the handles are parallel to the chord between its neighbours, so that the curve is smooth, and as
    long as `tension` times the side they belong to, so that it does not form loops.

    Parameters
    ----------
    corners : (K, 2) float64 array
        Points of the curve, in order, K >= 3.
    tension : float
        0 gives the polygon of the corners; 0.35 takes the corners of a regular octagon to a circle.
    steps : int
        Points a segment.

    Returns
    -------
    (K * steps, 2) float64 array
        The curve as a polygon; the last point joins the first.
    """
    after = np.roll(corners, -1, axis=0)
    chord = after - np.roll(corners, 1, axis=0)
    along = chord / np.maximum(np.hypot(*chord.T), 1e-12)[:, np.newaxis]
    handle = tension * np.hypot(*(after - corners).T)[:, np.newaxis]
    controls = np.stack([corners, corners + handle * along, after - handle * np.roll(along, -1, axis=0), after], axis=1)
    t = np.arange(steps) / steps
    weights = np.stack([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3])
    curve: Polygon = np.einsum("kcd,ct->ktd", controls, weights).reshape(-1, 2)
    return curve


def polygon_area(polygon: Polygon) -> float:
    """Return the area of a polygon by the shoelace formula.

    Parameters
    ----------
    polygon : (M, 2) float64 array
        Corners in order.

    Returns
    -------
    float
        >= 0, in the square of the unit of the corners.
    """
    y, x = polygon.T
    return float(abs(np.dot(y, np.roll(x, -1)) - np.dot(x, np.roll(y, -1))) / 2)


def fill_polygon(polygon: Polygon, shape: Sequence[int], spacing: Sequence[float] = (1.0, 1.0)) -> NDArray[np.bool_]:
    """Return the pixels whose centre lies inside a polygon (even-odd rule).

    Parameters
    ----------
    polygon : (M, 2) float64 array
        Corners (y, x) in the unit of `spacing`, the corner of the canvas at 0; parts outside the canvas are cut.
    shape : (2,) ints
        Canvas in pixels.
    spacing : (2,) floats
        Size of a pixel.

    Returns
    -------
    (Y, X) bool array
        True inside.
    """
    mask = np.zeros(tuple(shape), np.bool_)
    _scan(np.ascontiguousarray(polygon / np.asarray(spacing)), (0, 0), mask)
    return mask


def polygon_crops(polygons: NDArray[np.float64], centres: NDArray[np.float64]) -> Crops:
    """Draw many polygons, each in a window of its own (even-odd rule).

    Parameters
    ----------
    polygons : (N, M, 2) float64 array
        Corners (y, x) in pixels, the corner of the canvas at 0.
    centres : (N, 2) float64 array
        Where an object without a pixel has its only one, in pixels.

    Returns
    -------
    Crops
        The pixels whose centre lies inside, the largest piece of each.
    """
    home = np.insert(np.floor(centres).astype(np.int64), 0, 0, axis=1)
    pixels, start, shape, corner = _draw(np.ascontiguousarray(polygons))
    keep_pieces(pixels, start, shape, corner, home)
    return Crops(pixels[: start[-1]], start, shape, corner, 2)


@kernel
def _draw(polygons):  # type: ignore[no-untyped-def]
    """Fill each polygon in a window that holds it."""
    n, corners, _ = polygons.shape
    start, shape, corner = np.zeros(n + 1, np.int64), np.ones((n, 3), np.int64), np.zeros((n, 3), np.int64)
    for i in range(n):
        for axis in range(2):
            low, high = np.inf, -np.inf
            for k in range(corners):
                low, high = min(low, polygons[i, k, axis]), max(high, polygons[i, k, axis])
            corner[i, axis + 1] = int(np.floor(low - 0.5))
            shape[i, axis + 1] = int(np.ceil(high + 0.5)) - corner[i, axis + 1]
        start[i + 1] = start[i] + shape[i, 1] * shape[i, 2]
    pixels = np.zeros(start[n], np.bool_)
    for i in range(n):
        mask = pixels[start[i] : start[i + 1]].reshape((shape[i, 1], shape[i, 2]))
        _scan(polygons[i], (corner[i, 1], corner[i, 2]), mask)
    return pixels, start, shape, corner


@kernel
def _scan(polygon, corner, mask):  # type: ignore[no-untyped-def]
    """Toggle pixels to the right of every edge a row crosses: what is toggled an odd number of times is inside."""
    rows, columns = mask.shape
    n = polygon.shape[0]
    for i in range(n):
        k = i + 1 if i + 1 < n else 0
        y0, x0, y1, x1 = polygon[i, 0], polygon[i, 1], polygon[k, 0], polygon[k, 1]
        if y0 > y1:
            y0, x0, y1, x1 = y1, x1, y0, x0
        first = max(0, int(np.ceil(y0 - 0.5)) - corner[0])
        last = min(rows, int(np.ceil(y1 - 0.5)) - corner[0])
        for row in range(first, last):
            x = x0 + (corner[0] + row + 0.5 - y0) * (x1 - x0) / (y1 - y0)
            start = int(np.ceil(x - 0.5)) - corner[1]
            if start < columns:
                mask[row, max(start, 0)] ^= True
    for row in range(rows):
        inside = False
        for column in range(columns):
            inside ^= mask[row, column]
            mask[row, column] = inside
