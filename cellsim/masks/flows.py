"""Labels as flow fields and back: the heat-flow encoding of Cellpose."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellsim.masks.boxes import bounding_boxes
from cellsim.masks.heat import flow_of_objects
from cellsim.masks.relabel import consecutive
from cellsim.sample import MAX_OBJECTS, Image


def encode_flows(labels: NDArray[np.integer[Any]]) -> tuple[Image, Image]:
    """Encode objects as directions towards their centres, and the probability of a cell.

    Heat enters at the pixel of an object that is nearest to its mean, and spreads inside the object: each of
    2 (h + w + 4) times, h x w being its bounding box, the source gains one and every pixel becomes the mean of its
    3 x 3 neighbours, with 0 outside. The flow is the direction of the central differences of the heat [1]_.

    It is that of Cellpose 3, but for two cases in which Cellpose leaves zeros: further pieces (8 neighbours) of an
    object have sources of their own, and where no heat arrives the flow leads along the shortest way.

    Parameters
    ----------
    labels : (..., Y, X) integer array
        0 is background; ids may have holes. Leading axes are a batch.

    Returns
    -------
    flow : (..., 2, Y, X) float32 array
        Unit vectors (y, x) towards the centre, 0 outside and at pixels whose neighbours are equally warm.
    probability : (..., Y, X) float32 array
        1 inside, 0 outside.

    Raises
    ------
    ValueError
        If ids are negative, an image has more objects than uint16 can name, or there are fewer than two axes.

    References
    ----------
    .. [1] Stringer, C., Wang, T., Michaelos, M., Pachitariu, M. (2021). Cellpose: a generalist algorithm for
       cellular segmentation. Nature Methods 18, 100-106.
    """
    if labels.ndim < 2:
        raise ValueError(f"labels must have axes (..., Y, X), got {labels.ndim}")
    images = labels.reshape(-1, *labels.shape[-2:])
    flow = np.zeros((len(images), 2, *labels.shape[-2:]), np.float32)
    for one, vectors in zip(images, flow, strict=True):
        named = one.min(initial=0) >= 0 and one.max(initial=0) <= MAX_OBJECTS
        known = np.ascontiguousarray(one, np.uint16) if named else consecutive(one)[0]
        flow_of_objects(known, bounding_boxes(known[np.newaxis], int(known.max(initial=0))), vectors)
    return flow.reshape(*labels.shape[:-2], *flow.shape[1:]), (labels > 0).astype(np.float32)
