"""Gradient vector flow inside single objects: the vectors at their rims, spread as evenly as can be."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellsim.kernel import kernel
from cellsim.masks.boxes import bounding_boxes
from cellsim.masks.relabel import consecutive
from cellsim.sample import Image

STIFFNESS = 0.2  # the mu of the reference: weight of smoothness against the vectors at the rim


def encode_vector_flow(labels: NDArray[np.integer[Any]]) -> tuple[Image, Image]:
    """Encode objects as the directions of their gradient vector flow, and the probability of a cell.

    The field v of an object f (1 inside, 0 outside) makes ``mu |grad v|^2 + |grad f|^2 |v - grad f|^2`` least, summed
    over its pixels [1]_: grad f points inwards at the rim, and v leads on from there to the middle. It has no source at
    a centre, so a long or a bent object may have several sinks.

    Parameters
    ----------
    labels : (Y, X) integer array
        0 is background.

    Returns
    -------
    flow : (2, Y, X) float32 array
        Unit vectors (y, x), 0 outside and where the field vanishes.
    probability : (Y, X) float32 array
        1 inside, 0 outside.

    References
    ----------
    .. [1] Xu, C., Prince, J. L. (1997). Gradient vector flow: a new external force for snakes. Proc. IEEE Conference
       on Computer Vision and Pattern Recognition, 66-71.
    """
    known, _ = consecutive(labels)
    flow = np.zeros((2, *labels.shape), np.float32)
    _vectors_of_objects(known, bounding_boxes(known[np.newaxis], int(known.max(initial=0))), STIFFNESS, flow)
    return flow, (labels > 0).astype(np.float32)


@kernel
def _vectors_of_objects(labels, boxes, stiffness, flow):  # type: ignore[no-untyped-def]
    for i in range(len(boxes)):
        y0, y1, x0, x1 = boxes[i, 1, 0], boxes[i, 1, 1], boxes[i, 2, 0], boxes[i, 2, 1]
        if y1 == 0:
            continue
        inside = np.zeros((y1 - y0 + 2, x1 - x0 + 2))
        for y in range(y0, y1):
            for x in range(x0, x1):
                inside[y - y0 + 1, x - x0 + 1] = 1.0 if labels[y, x] == i + 1 else 0.0
        _point(inside, _relax(inside, 0, stiffness), _relax(inside, 1, stiffness), flow[:, y0:y1, x0:x1])


@kernel
def _point(inside, down, along, flow):  # type: ignore[no-untyped-def]
    """Write the directions of a field with a frame of one pixel."""
    for y in range(flow.shape[1]):
        for x in range(flow.shape[2]):
            dy, dx = down[y + 1, x + 1], along[y + 1, x + 1]
            length = math.sqrt(dy * dy + dx * dx)
            if inside[y + 1, x + 1] > 0 and length > 0:
                flow[0, y, x], flow[1, y, x] = dy / length, dx / length


@kernel
def _relax(inside, axis, stiffness):  # type: ignore[no-untyped-def]
    """Solve for one component by successive over-relaxation."""
    height, width = inside.shape
    field = np.zeros((height, width))
    over = 2 / (1 + math.sin(math.pi / max(height, width)))
    for _ in range(2 * max(height, width)):
        for y in range(1, height - 1):
            for x in range(1, width - 1):
                if inside[y, x] == 0:
                    continue
                dy = 0.5 * (inside[y + 1, x] - inside[y - 1, x])
                dx = 0.5 * (inside[y, x + 1] - inside[y, x - 1])
                pull = dy * dy + dx * dx
                sums, weight = pull * (dx if axis else dy), pull
                for i, j in ((y - 1, x), (y, x - 1), (y, x + 1), (y + 1, x)):
                    if inside[i, j] > 0:
                        sums += stiffness * field[i, j]
                        weight += stiffness
                if weight > 0:
                    field[y, x] += over * (sums / weight - field[y, x])
    return field
