"""Pictures of a volume: seen along its three axes, as slices through the middle or as maximum projections.

The view along z stands top left, that along x at its right, that along y below it; pixels are square in µm.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Picture

from cellsim.masks.boundaries import boundaries
from cellsim.report.colours import grey_to_rgb, palette
from cellsim.sample import Sample

GAP = 2  # px between views

View = NDArray[Any]  # (P, rows, columns)
Panel = NDArray[np.float32]  # (rows, columns, 3) in [0, 1]


def projections(sample: Sample, size: int) -> Panel:
    """Draw maximum projections of the image; of the labels, if there is no image.

    Parameters
    ----------
    sample : Sample
        3D.
    size : int
        Longer edge of the picture in pixels.

    Returns
    -------
    (Y, X, 3) float32 array
        Three views in [0, 1].
    """
    planes = sample.labels if sample.image is None else sample.image
    return _paint(sample, _upright([planes.max(axis=axis) for axis in (1, 3, 2)]), size)


def slices(sample: Sample, size: int) -> Panel:
    """Draw the three slices through the middle of the image, with the outlines of the objects.

    Parameters
    ----------
    sample : Sample
        3D.
    size : int
        Longer edge of the picture in pixels.

    Returns
    -------
    (Y, X, 3) float32 array
        Three views in [0, 1]; without an image, filled objects.
    """
    panel = _paint(sample, _middle(sample.labels if sample.image is None else sample.image), size)
    views = [_nearest(view, shape) for view, shape in zip(_middle(sample.labels), _shapes(sample, size), strict=True)]
    colours = palette(int(sample.labels.max(initial=0)) + 1)
    for k in range(len(sample.labels)):
        border = [np.where(boundaries(view[k]), view[k], 0)[np.newaxis] for view in views]
        ids = _arrange(border, 0)[0]
        panel[ids > 0] = colours[ids[ids > 0]]
    return panel


def _middle(planes: View) -> list[View]:
    return _upright([planes.take(planes.shape[axis] // 2, axis) for axis in (1, 3, 2)])


def _upright(views: Sequence[View]) -> list[View]:
    """Turn the view along x, (z, y), so that its y runs down as in the view along z."""
    return [views[0], views[1].swapaxes(1, 2), views[2]]


def _shapes(sample: Sample, size: int) -> list[tuple[int, int]]:
    """Shapes of the three views in pixels that are square in µm."""
    edges = sample.canvas.size
    pixel = (max(edges[1:]) + edges[0]) / (size - GAP)
    depth, height, width = (max(1, round(edge / pixel)) for edge in edges)
    return [(height, width), (height, depth), (depth, width)]


def _paint(sample: Sample, views: Sequence[View], size: int) -> Panel:
    """Put the views along z, x and y together in colour."""
    shapes = _shapes(sample, size)
    if sample.image is None:
        ids = _arrange([_nearest(view, shape) for view, shape in zip(views, shapes, strict=True)], 0).max(axis=0)
        panel: Panel = palette(int(sample.labels.max(initial=0)) + 1)[ids]
    else:
        resized = [_linear(view, shape) for view, shape in zip(views, shapes, strict=True)]
        panel = grey_to_rgb(_arrange(resized, float(np.median(resized[0]))))
    panel[_arrange([np.zeros((1, *shape), np.bool_) for shape in shapes], True)[0]] = 1
    return panel


def _arrange(views: Sequence[View], fill: float) -> View:
    """Lay out the views along z, x and y; `fill` is between them and in the corner."""
    (planes, height, width), depth = views[0].shape, views[1].shape[2]
    panel = np.full((planes, height + GAP + depth, width + GAP + depth), fill, views[0].dtype)
    panel[:, :height, :width] = views[0]
    panel[:, :height, width + GAP :] = views[1]
    panel[:, height + GAP :, :width] = views[2]
    return panel


def _nearest(view: View, shape: tuple[int, int]) -> View:
    rows, columns = (((np.arange(n) + 0.5) * m / n).astype(int) for n, m in zip(shape, view.shape[1:], strict=True))
    return view[:, rows[:, np.newaxis], columns]


def _linear(view: View, shape: tuple[int, int]) -> View:
    """Resample each plane linearly, averaging where it becomes smaller."""
    rows, columns = shape
    return np.stack(
        [np.asarray(Picture.fromarray(plane).resize((columns, rows), Picture.Resampling.BILINEAR)) for plane in view]
    )
