"""Light of objects that are out of focus by different amounts: each spreads its own with its own width."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellsim.kernel import kernel
from cellsim.masks.boxes import bounding_boxes
from cellsim.masks.lift import lift
from cellsim.sample import Image
from cellsim.translators.optics.blur import REACH
from cellsim.translators.optics.spline import mirrored


def scatter(
    image: Image, groups: NDArray[Any], widths: NDArray[np.float64], reach: Sequence[int] | None = None
) -> Image:
    """Spread the light of each group of pixels by a Gaussian of its own; at the border it is mirrored.

    Pixels of group 0 spread by the first width; where they are dark, as between stained objects, that costs nothing.
    The time is that of the boxes of the groups, not of the canvas for each.

    Parameters
    ----------
    image : (C, [Z,] Y, X) float32 array
        Not written to.
    groups : ([Z,] Y, X) array of whole numbers
        Group of each pixel, from 0.
    widths : (N + 1, D) float64 array
        Standard deviation in pixels by group, along each axis.
    reach : (D,) ints, optional
        Pixels at which Gaussians end, which still sum to one; 3.5 standard deviations if None.

    Returns
    -------
    (C, [Z,] Y, X) float32 array
        New, of the same energy in each channel.
    """
    flat = (1,) * (3 - groups.ndim)
    shape = flat + groups.shape
    planes, owners = image.reshape(len(image), *shape), np.ascontiguousarray(groups).reshape(shape)
    reaches = np.ceil(REACH * widths) if reach is None else np.broadcast_to(np.asarray(reach, float), widths.shape)
    far, sigma = lift(reaches, 0.0).astype(np.int64), lift(widths, 0.0)
    beyond = far.max(axis=0)
    order = [mirrored(np.arange(-beyond[a], shape[a] + beyond[a]), shape[a]) for a in range(3)]
    boxes = bounding_boxes(owners, len(widths) - 1)
    whole = np.array([[[0, n] for n in shape]], np.int64)
    spread = _scatter(planes, owners, np.concatenate([whole, boxes]), (sigma, far), (beyond, *order))
    return np.asarray(spread).reshape(image.shape)


@kernel
def _scatter(image, groups, boxes, gaussians, mirror):  # type: ignore[no-untyped-def]
    """Add the spread light of every group, channel by channel."""
    (sigma, far), (beyond, order_z, order_y, order_x) = gaussians, mirror
    spread = np.zeros_like(image)
    for group in range(len(boxes)):
        if boxes[group, 0, 1] == 0:
            continue
        z, y, x = (
            beyond[0] + boxes[group, 0, 0] - far[group, 0],
            beyond[1] + boxes[group, 1, 0] - far[group, 1],
            beyond[2] + boxes[group, 2, 0] - far[group, 2],
        )
        for channel in range(len(image)):
            light, dark = _light(image[channel], groups, group, boxes[group])
            if dark:
                continue
            for axis in (2, 1, 0):
                light = _spread(light, axis, sigma[group, axis], far[group, axis])
            _add(light, spread[channel], order_z[z:], order_y[y:], order_x[x:])
    return spread


@kernel
def _light(image, groups, group, box):  # type: ignore[no-untyped-def]
    """Pixels of a group in its box, 0 elsewhere; whether all are dark."""
    light = np.zeros((box[0, 1] - box[0, 0], box[1, 1] - box[1, 0], box[2, 1] - box[2, 0]), np.float32)
    dark = True
    for z in range(light.shape[0]):
        for y in range(light.shape[1]):
            source, own = (
                image[box[0, 0] + z, box[1, 0] + y, box[2, 0] :],
                groups[box[0, 0] + z, box[1, 0] + y, box[2, 0] :],
            )
            row = light[z, y]
            for x in range(row.size):
                row[x] = source[x] if own[x] == group else np.float32(0)
                dark &= row[x] == 0
    return light, dark


@kernel
def _spread(light, axis, sigma, far):  # type: ignore[no-untyped-def]
    """Convolve along an axis with a Gaussian that ends after `far` pixels; the axis grows by that at both ends."""
    if far == 0:
        return light
    weights, total = np.empty(2 * far + 1, np.float32), 0.0
    for k in range(-far, far + 1):
        total += np.exp(-0.5 * (k / sigma) ** 2)
    for k in range(-far, far + 1):
        weights[k + far] = np.exp(-0.5 * (k / sigma) ** 2) / total
    depth, height, width = light.shape
    if axis == 2:
        return _spread_rows(light.reshape(depth * height, width), weights).reshape(depth, height, width + 2 * far)
    if axis == 1:
        return _spread_lines(light, weights)
    return _spread_lines(light.reshape(1, depth, height * width), weights).reshape(depth + 2 * far, height, width)


@kernel
def _spread_rows(rows, weights):  # type: ignore[no-untyped-def]
    count, n = rows.shape
    spread = np.zeros((count, n + weights.size - 1), np.float32)
    for r in range(count):
        source = rows[r]
        for k in range(weights.size):
            target, weight = spread[r, k:], weights[k]
            for i in range(n):
                target[i] += weight * source[i]
    return spread


@kernel
def _spread_lines(lines, weights):  # type: ignore[no-untyped-def]
    before, n, after = lines.shape
    spread = np.zeros((before, n + weights.size - 1, after), np.float32)
    for b in range(before):
        for i in range(n):
            source = lines[b, i]
            for k in range(weights.size):
                target, weight = spread[b, i + k], weights[k]
                for j in range(after):
                    target[j] += weight * source[j]
    return spread


@kernel
def _add(light, image, order_z, order_y, order_x):  # type: ignore[no-untyped-def]
    """Add light to an image, folded back at its border."""
    for z in range(light.shape[0]):
        for y in range(light.shape[1]):
            source, target = light[z, y], image[order_z[z], order_y[y]]
            for x in range(source.size):
                target[order_x[x]] += source[x]
