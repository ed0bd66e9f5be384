"""Cubic B-splines on a regular grid, axis by axis: from the grid to pixels, and back."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from cellsim.kernel import kernel
from cellsim.masks.bspline import cubic
from cellsim.sample import Image
from cellsim.translators.optics.lines import from_lines, to_lines

Nodes = NDArray[np.int64]
Weights = NDArray[np.float32]


@kernel
def spline_weights(at: NDArray[np.float64]) -> tuple[Nodes, Weights]:
    """Find the four grid nodes that a cubic B-spline depends on at some positions, and their weights.

    Parameters
    ----------
    at : (N,) float64 array
        Positions in steps of the grid; node k stands at k.

    Returns
    -------
    nodes : (N, 4) int64 array
        In order.
    weights : (N, 4) float32 array
        Positive; each row sums to one.
    """
    nodes, weights = np.empty((at.size, 4), np.int64), np.empty((at.size, 4), np.float32)
    for i in range(at.size):
        below = math.floor(at[i])
        weights[i, 0], weights[i, 1], weights[i, 2], weights[i, 3] = cubic(at[i] - below)
        for k in range(4):
            nodes[i, k] = below - 1 + k
    return nodes, weights


def mirrored(index: Nodes, n: int) -> Nodes:
    """Fold indices beyond an axis back into it, as in a mirror at its ends (c b a | a b c | c b a).

    Parameters
    ----------
    index : (...) int64 array
        Any whole numbers.
    n : int
        Length of the axis.

    Returns
    -------
    (...) int64 array
        In [0, n).
    """
    folded = index % (2 * n)
    return np.minimum(folded, 2 * n - 1 - folded)


def gather(image: Image, axis: int, nodes: Nodes, weights: Weights) -> Image:
    """Evaluate along one axis: each pixel is the weighted sum of four nodes.

    Parameters
    ----------
    image : (..., M, ...) float32 array
        Values at the nodes.
    axis : int
        That of the nodes, >= 0.
    nodes, weights : (N, 4) arrays
        As of `spline_weights`, nodes in [0, M).

    Returns
    -------
    (..., N, ...) float32 array
        Values at the pixels.
    """
    gathered: Image = _gather(to_lines(image, axis), nodes, weights)
    return from_lines(gathered, image.shape, axis)


def spread(image: Image, axis: int, nodes: Nodes, weights: Weights) -> Image:
    """Do the transposed of `gather`: each pixel is shared out among four nodes.

    Parameters
    ----------
    image : (..., N, ...) float32 array
        Values at the pixels.
    axis : int
        That of the pixels, >= 0.
    nodes, weights : (N, 4) arrays
        As of `spline_weights`; there are as many nodes as these name.

    Returns
    -------
    (..., M, ...) float32 array
        Sums at the nodes.
    """
    shared: Image = _spread(to_lines(image, axis), nodes, weights, int(nodes.max()) + 1)
    return from_lines(shared, image.shape, axis)


@kernel
def _gather(lines, nodes, weights):  # type: ignore[no-untyped-def]
    before, _, after = lines.shape
    gathered = np.empty((before, len(nodes), after), lines.dtype)
    for b in range(before):
        for i in range(len(nodes)):
            s0, s1, s2, s3 = lines[b, nodes[i, 0]], lines[b, nodes[i, 1]], lines[b, nodes[i, 2]], lines[b, nodes[i, 3]]
            w0, w1, w2, w3 = weights[i, 0], weights[i, 1], weights[i, 2], weights[i, 3]
            target = gathered[b, i]
            for j in range(after):
                target[j] = w0 * s0[j] + w1 * s1[j] + w2 * s2[j] + w3 * s3[j]
    return gathered


@kernel
def _spread(lines, nodes, weights, n):  # type: ignore[no-untyped-def]
    before, along, after = lines.shape
    shared = np.zeros((before, n, after), lines.dtype)
    for b in range(before):
        for i in range(along):
            source = lines[b, i]
            for k in range(4):
                target, weight = shared[b, nodes[i, k]], weights[i, k]
                for j in range(after):
                    target[j] += weight * source[j]
    return shared
