"""Labels as flow fields and back: the heat-flow encoding of Cellpose."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cellsim.masks.boxes import bounding_boxes
from cellsim.masks.heat import flow_of_objects
from cellsim.masks.relabel import consecutive
from cellsim.masks.sinks import fill_holes, follow, gather, keep_largest_pieces, peaks
from cellsim.sample import MAX_OBJECTS, Image, Labels

STEPS = 200
LEAST_AT_PEAK = 11
LEAST_AT_SINK = 3


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


class Decoded(NamedTuple):
    """Labels that were read from an encoding, and how well they could be read.

    Parameters
    ----------
    labels : (..., Y, X) uint16 array
        Ids 1..N in every image.
    converged : (...) float64 array
        Share of the cell pixels whose paths end at a sink, 1 if there are none; small for a malformed image.
    """

    labels: Labels
    converged: NDArray[np.float64]


def decode_flows(
    flow: NDArray[np.floating[Any]],
    probability: NDArray[np.floating[Any]],
    threshold: float = 0.5,
    smallest: int = 1,
    error: float | None = None,
    steps: int = STEPS,
) -> Labels:
    """Decode objects from flows: the labels of `track_flows`, with its parameters.

    Parameters
    ----------
    flow, probability : (..., 2, Y, X), (..., Y, X) float arrays
        As from `encode_flows`, with or without noise.
    threshold, smallest, error, steps : float, int, float or None, int
        See `track_flows`.

    Returns
    -------
    (..., Y, X) uint16 array
        Ids 1..N in every image.
    """
    return track_flows(flow, probability, threshold, smallest, error, steps).labels


def track_flows(
    flow: NDArray[np.floating[Any]],
    probability: NDArray[np.floating[Any]],
    threshold: float = 0.5,
    smallest: int = 1,
    error: float | None = None,
    steps: int = STEPS,
) -> Decoded:
    """Follow the flow from every cell pixel; pixels whose paths end at the same sink are one object.

    Sinks are where more than 10 paths end, and more than at any other pixel of the 5 x 5 around; they grow over up to
    5 pixels where more than 2 end, the strongest first [1]_. Of each object the largest piece is kept, and its holes
    are filled.

    Unlike Cellpose, the flow is interpolated where the path is, not up to half a pixel beside it; a path ends when it
    stands still or leaps to and fro, in the middle of its last two positions; and no object is too large.

    Parameters
    ----------
    flow : (..., 2, Y, X) float array
        (y, x) components in pixels a step; leading axes are a batch.
    probability : (..., Y, X) float array
        Of a cell.
    threshold : float
        Pixels of a greater probability are cell pixels.
    smallest : int
        Objects of fewer pixels are dropped.
    error : float, optional
        Objects are dropped whose mean squared difference between their flow and the one that `encode_flows` gives them
        is greater. Cellpose takes 0.4.
    steps : int
        Most steps of a path.

    Returns
    -------
    Decoded
        The labels, and the share of cell pixels whose paths end at a sink.

    Raises
    ------
    ValueError
        If the shapes do not belong together, or the flow is not finite.

    References
    ----------
    .. [1] Stringer, C., Wang, T., Michaelos, M., Pachitariu, M. (2021). Cellpose: a generalist algorithm for
       cellular segmentation. Nature Methods 18, 100-106.
    """
    *batch, height, width = probability.shape
    if flow.shape != (*batch, 2, height, width):
        raise ValueError(f"flow must be of shape {(*batch, 2, height, width)}, got {flow.shape}")
    fields = np.ascontiguousarray(flow, np.float32).reshape(-1, 2, height, width)
    if not np.isfinite(fields).all():
        raise ValueError("flow must be finite, got NaN or infinity")
    inside = (np.asarray(probability) > threshold).reshape(-1, height, width)
    found = [
        gather_sinks(follow(field, cells, steps), field, smallest, error)
        for field, cells in zip(fields, inside, strict=True)
    ]
    labels = np.array([one for one, _ in found], np.uint16).reshape(probability.shape)
    return Decoded(labels, np.array([share for _, share in found], np.float64).reshape(batch))


def gather_sinks(
    paths: tuple[NDArray[np.int32], NDArray[np.int32]],
    flow: NDArray[np.float32],
    smallest: int = 1,
    error: float | None = None,
) -> tuple[Labels, float]:
    """Make objects of paths that have been followed, of one image; the last part of `track_flows`.

    Parameters
    ----------
    paths : two (Y, X) int32 arrays
        Flat index of the pixel where the path from each pixel ends, -1 outside; how many paths end at each pixel.
    flow : (2, Y, X) float32 array
        For `error`.
    smallest, error : int, float or None
        See `track_flows`.

    Returns
    -------
    labels : (Y, X) uint16 array
        Ids 1..N.
    converged : float
        Share of the paths that end at a sink.
    """
    ends, votes = paths
    seeds = peaks(votes, LEAST_AT_PEAK)
    seeds = seeds[np.argsort(-votes.ravel()[seeds], kind="stable")]
    labels = gather(ends, votes, seeds, LEAST_AT_SINK)
    cells = int(votes.sum())
    converged = np.count_nonzero(labels) / cells if cells else 1.0
    keep_largest_pieces(labels)
    fill_holes(labels)
    if error is not None:
        labels[errors(labels, flow)[labels] > error] = 0
    return consecutive(labels, smallest)[0], converged


def errors(labels: Labels, flow: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Return how far a flow is from the one that objects should have.

    Parameters
    ----------
    labels : (Y, X) uint16 array
        Objects.
    flow : (2, Y, X) float array
        From which they were decoded, say.

    Returns
    -------
    (N + 1,) float64 array
        Of each id from 0, the mean squared length of the difference; 0 for background and ids without a pixel.
    """
    difference = ((encode_flows(labels)[0] - flow) ** 2).sum(axis=0)
    sizes = np.bincount(labels.ravel())
    found: NDArray[np.float64] = np.bincount(labels.ravel(), difference.ravel()) / np.maximum(sizes, 1)
    found[0] = 0
    return found
