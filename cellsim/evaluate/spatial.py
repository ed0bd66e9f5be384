"""Where objects stand: Ripley's K and L, the pair correlation, nearest neighbours; all corrected for the border."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cellsim.evaluate.pairs import weighted_pairs
from cellsim.evaluate.region import Region, as_region, inside
from cellsim.kernel import kernel

Floats = NDArray[np.float64]

FEW = 60  # points for which a tree takes longer than comparing all
BALL = {2: math.pi, 3: 4 * math.pi / 3}  # volume of the ball of radius 1, by axes


def ripley_k(points: Floats, window: Sequence[float] | Region, radii: Sequence[float] | Floats) -> Floats:
    """Estimate Ripley's K function with the translation correction [1]_ [2]_.

    A pair at the lag d is weighted by the inverse of the volume of W ∩ (W + d), the part of the window that stays in it
    when shifted by d. Of points that are independent and uniform the mean is π r², in 3D 4/3 π r³, however many.

    Parameters
    ----------
    points : (N, D) float64 array
        Positions in µm, in the window; D is 2 or 3.
    window : Region or (D,) floats
        Where points are seen; the edges in µm of a box that begins at 0.
    radii : (R,) floats
        In µm, ascending, less than the shortest edge. A region must share a part with itself at all lags as long.

    Returns
    -------
    (R,) float64 array
        In µm²; in 3D µm³. nan for less than two points.

    Raises
    ------
    ValueError
        If radii do not ascend from 0 or more, or a point lies outside the window.

    References
    ----------
    .. [1] Ohser, J. (1983). On estimators for the reduced second moment measure of point processes. Mathematische
       Operationsforschung und Statistik, Series Statistics 14(1).
    .. [2] Baddeley, A. J., Moyeed, R. A., Howard, C. V., Boyde, A. (1993). Analysis of a three-dimensional point
       pattern with replication. Applied Statistics 42(4).
    """
    region, radii, n = as_region(window), ascending(radii), len(points)
    points = inside(points, region)
    if n < 2:
        return np.full(len(radii), np.nan)
    k: Floats = region.volume**2 / (n * (n - 1)) * np.cumsum(weighted_pairs(points, region, radii))
    return k


def ascending(radii: Sequence[float] | Floats) -> Floats:
    """Check that radii ascend.

    Parameters
    ----------
    radii : (R,) floats
        In µm.

    Returns
    -------
    (R,) float64 array
        The same.

    Raises
    ------
    ValueError
        If they do not ascend from 0 or more to more than 0.
    """
    checked = np.asarray(radii, np.float64)
    if checked.ndim != 1 or not len(checked) or checked[0] < 0 or checked[-1] <= 0 or (np.diff(checked) <= 0).any():
        raise ValueError(f"radii must ascend from 0 or more to more than 0 µm, got {checked}")
    return checked


def ripley_l(k: Floats, ndim: int = 2) -> Floats:
    """Turn a K function into Besag's L, which is r for independent points [1]_.

    Parameters
    ----------
    k : (R,) float64 array
        Ripley's K in µm^D.
    ndim : {2, 3}
        Number of axes, D.

    Returns
    -------
    (R,) float64 array
        sqrt(K / π), in 3D the third root of K / (4/3 π), in µm.

    References
    ----------
    .. [1] Besag, J. E. (1977). Comment on "Modelling spatial patterns" by B. D. Ripley. Journal of the Royal
       Statistical Society B 39(2).
    """
    root: Floats = (np.asarray(k) / BALL[ndim]) ** (1 / ndim)
    return root


def pair_correlation(k: Floats, radii: Sequence[float] | Floats, ndim: int = 2) -> Floats:
    """Turn a K function into the pair correlation between its radii: 1 is independence, more is attraction.

    Parameters
    ----------
    k : (R,) float64 array
        Ripley's K in µm^D.
    radii : (R,) floats
        In µm, ascending.
    ndim : {2, 3}
        Number of axes, D.

    Returns
    -------
    (R - 1,) float64 array
        Mean of the pair correlation between neighbouring radii.
    """
    g: Floats = np.diff(k) / (BALL[ndim] * np.diff(np.asarray(radii, np.float64) ** ndim))
    return g


def smooth_pair_correlation(
    k: Floats, radii: Sequence[float] | Floats, at: Floats, bandwidth: float, ndim: int = 2
) -> Floats:
    """Estimate the pair correlation with Epanechnikov's kernel [1]_ from a K function on many radii.

    The kernel weighs the rings between radii, for the pairs in them and for their volume alike; so the estimate is 1
    for independent points near r = 0 too, where the kernel reaches below it.

    Parameters
    ----------
    k : (R,) float64 array
        Ripley's K in µm^D.
    radii : (R,) floats
        In µm, ascending from 0, several in a bandwidth.
    at : (A,) float64 array
        Distances in µm.
    bandwidth : float
        Half the width of the kernel in µm; Stoyan recommends 0.1 to 0.2 over the root of the density in 2D.
    ndim : {2, 3}
        Number of axes, D.

    Returns
    -------
    (A,) float64 array
        The pair correlation; nan where no ring is within the bandwidth.

    References
    ----------
    .. [1] Stoyan, D., Stoyan, H. (1994). Fractals, random shapes and point fields. Wiley.
    """
    radii = np.asarray(radii, np.float64)
    middles = (radii[1:] + radii[:-1]) / 2
    weight = np.maximum(1 - ((np.asarray(at)[:, np.newaxis] - middles) / bandwidth) ** 2, 0)
    expected = weight @ np.diff(BALL[ndim] * radii**ndim)
    g: Floats = np.divide(weight @ np.diff(k), expected, out=np.full(len(expected), np.nan), where=expected > 0)
    return g


def neighbour_distances(points: Floats) -> Floats:
    """Find the distance from each point to the nearest other.

    Parameters
    ----------
    points : (N, D) float64 array
        Positions in µm.

    Returns
    -------
    (N,) float64 array
        In µm; inf of a single point.
    """
    if len(points) < 2:
        return np.full(len(points), np.inf)
    if len(points) <= FEW:
        distance: Floats = np.sqrt(_least_squares(points, points, True))
        return distance
    from scipy.spatial import cKDTree

    return np.asarray(cKDTree(points).query(points, k=2)[0])[:, 1]


def nearest(places: Floats, points: Floats) -> Floats:
    """Find the distance from each place to the nearest point.

    Parameters
    ----------
    places : (M, D) float64 array
        In µm.
    points : (N, D) float64 array
        In µm.

    Returns
    -------
    (M,) float64 array
        In µm; inf if there is no point.
    """
    if not len(points):
        return np.full(len(places), np.inf)
    if len(points) <= FEW:
        distance: Floats = np.sqrt(_least_squares(places, points, False))
        return distance
    from scipy.spatial import cKDTree

    return np.asarray(cKDTree(points).query(places)[0])


@kernel
def _least_squares(places, points, others):  # type: ignore[no-untyped-def]
    """Square of the distance to the nearest point, or to the nearest that is not the place itself."""
    found = np.empty(places.shape[0])
    for i in range(places.shape[0]):
        least = np.inf
        for j in range(points.shape[0]):
            if others and i == j:
                continue
            dy, dx = places[i, 0] - points[j, 0], places[i, 1] - points[j, 1]
            square = dy * dy + dx * dx
            if points.shape[1] == 3:
                square += (places[i, 2] - points[j, 2]) ** 2
            if square < least:
                least = square
        found[i] = least
    return found


def nearest_neighbours(points: Floats, size: Sequence[float]) -> tuple[Floats, Floats]:
    """Find the distance from each point to the nearest other, and its weight against the effect of the border [1]_.

    A point nearer to the border than to its neighbour may have a nearer one outside; it gets the weight 0, and the
    others the inverse of the area where a point with such a neighbour is not lost.

    Parameters
    ----------
    points : (N, D) float64 array
        Positions in µm, from 0 to size.
    size : (D,) floats
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
    distance = neighbour_distances(points)
    if len(points) < 2:
        return distance, np.zeros(len(points))
    edges = np.asarray(size, np.float64)
    border = np.minimum(points, edges - points).min(axis=1)
    inner = np.clip(1 - 2 * distance[:, np.newaxis] / edges, 1e-3, 1).prod(axis=1)
    return distance, np.where(distance <= border, 1 / inner, 0.0)
