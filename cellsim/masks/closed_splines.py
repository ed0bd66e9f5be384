"""Closed cubic splines through the vertices of polygons."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def closed_splines(vertices: NDArray[np.float64], steps: int, centripetal: bool = False) -> NDArray[np.float64]:
    """Draw periodic cubic splines, twice continuously differentiable, through the vertices of closed polygons.

    Parameters
    ----------
    vertices : (N, V, D) float64 array
        Of N polygons, in order, V >= 3; the last joins the first.
    steps : int
        Points a side.
    centripetal : bool
        Whether the parameter runs along a side by the root of its length, as MATLAB's ``cscvn`` has it [1]_, rather
        than by one a side, where the spline is a linear function of the vertices.

    Returns
    -------
    (N, V * steps, D) float64 array
        Points of the curves; the vertices are among them.

    References
    ----------
    .. [1] Lee, E. T. Y. (1989). Choosing nodes in parametric curve interpolation. Computer-Aided Design 21(6).
    """
    n, count, ndim = vertices.shape
    after = np.roll(vertices, -1, axis=1)
    side = after - vertices
    length = np.ones((1, count))
    if centripetal:
        length = np.maximum(np.sqrt(np.linalg.norm(side, axis=2)), 1e-6)
    slope = side / length[..., np.newaxis]
    bend = np.linalg.solve(_continuity(length), 6 * (slope - np.roll(slope, 1, axis=1)))  # second derivatives
    t = (np.arange(steps) / steps)[:, np.newaxis]
    ends = np.stack([vertices, after], axis=2)
    bends = length[..., np.newaxis, np.newaxis] ** 2 / 6 * np.stack([bend, np.roll(bend, -1, axis=1)], axis=2)
    linear, cubic = np.hstack([1 - t, t]), np.hstack([(1 - t) ** 3 - (1 - t), t**3 - t])
    curve: NDArray[np.float64] = linear @ ends + cubic @ bends
    return curve.reshape(n, count * steps, ndim)


def _continuity(length: NDArray[np.float64]) -> NDArray[np.float64]:
    """Matrices of the conditions that first derivatives agree at the vertices, (N, V, V)."""
    n, count = length.shape
    before = np.roll(length, 1, axis=1)
    matrix, k = np.zeros((n, count, count)), np.arange(count)
    matrix[:, k, k] = 2 * (before + length)
    matrix[:, k, k - 1] += before
    matrix[:, k, (k + 1) % count] += length
    return matrix
