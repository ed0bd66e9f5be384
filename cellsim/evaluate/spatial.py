"""Where objects stand: Ripley's K, the pair correlation, nearest neighbours; all corrected for the border."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def ripley_k(points: Floats, size: Sequence[float], radii: Sequence[float] | Floats) -> Floats:
    """Estimate Ripley's K function with the translation correction [1]_.

    A pair at the lag d is weighted by the part of the window that stays in it when shifted by d. Of points that are
    independent and uniform the mean is π r², whatever their number.

    Parameters
    ----------
    points : (N, 2) float64 array
        Positions in µm, from 0 to size.
    size : (2,) floats
        Edges of the window in µm.
    radii : (R,) floats
        In µm, ascending, less than the shorter edge.

    Returns
    -------
    (R,) float64 array
        In µm²; nan for less than two points.

    References
    ----------
    .. [1] Ohser, J. (1983). On estimators for the reduced second moment measure of point processes. Mathematische
       Operationsforschung und Statistik, Series Statistics 14(1).
    """
    from scipy.spatial import cKDTree

    radii, n = np.asarray(radii, np.float64), len(points)
    if n < 2:
        return np.full(len(radii), np.nan)
    pairs = cKDTree(points).query_pairs(radii[-1], output_type="ndarray")
    lag = np.abs(points[pairs[:, 0]] - points[pairs[:, 1]])
    shared = (1 - lag / np.asarray(size)).prod(axis=1)
    order = np.searchsorted(radii, np.hypot(lag[:, 0], lag[:, 1]))
    counted = np.cumsum(np.bincount(order, 2 / shared, minlength=len(radii))[: len(radii)])
    k: Floats = float(np.prod(size)) / (n * (n - 1)) * counted
    return k


def pair_correlation(k: Floats, radii: Sequence[float] | Floats) -> Floats:
    """Turn a K function into the pair correlation between its radii: 1 is independence, more is attraction.

    Parameters
    ----------
    k : (R,) float64 array
        Ripley's K in µm².
    radii : (R,) floats
        In µm, ascending.

    Returns
    -------
    (R - 1,) float64 array
        Mean of the pair correlation between neighbouring radii.
    """
    g: Floats = np.diff(k) / (np.pi * np.diff(np.asarray(radii, np.float64) ** 2))
    return g


def nearest_neighbours(points: Floats, size: Sequence[float]) -> tuple[Floats, Floats]:
    """Find the distance from each point to the nearest other, and its weight against the effect of the border [1]_.

    A point nearer to the border than to its neighbour may have a nearer one outside; it gets the weight 0, and the
    others the inverse of the area where a point with such a neighbour is not lost.

    Parameters
    ----------
    points : (N, 2) float64 array
        Positions in µm, from 0 to size.
    size : (2,) floats
        Edges of the window in µm.

    Returns
    -------
    distance : (N,) float64 array
        In µm; inf of a single point.
    weight : (N,) float64 array
        Relative to that of a point with a neighbour at distance 0.

    References
    ----------
    .. [1] Hanisch, K.-H. (1984). Some remarks on estimators of the distribution function of nearest neighbour
       distance in stationary spatial point processes. Statistics 15(3).
    """
    from scipy.spatial import cKDTree

    if len(points) < 2:
        return np.full(len(points), np.inf), np.zeros(len(points))
    edges = np.asarray(size, np.float64)
    distance: Floats = np.asarray(cKDTree(points).query(points, k=2)[0])[:, 1]
    border = np.minimum(points, edges - points).min(axis=1)
    inner = np.clip(1 - 2 * distance[:, np.newaxis] / edges, 1e-3, 1).prod(axis=1)
    return distance, np.where(distance <= border, 1 / inner, 0.0)
