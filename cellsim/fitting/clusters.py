"""How points gather in normal clusters: from a K function to the spread of clusters and the share of pairs in one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SPREADS = 24  # values tried


def cluster_k(radii: Floats, spread: float, box: float) -> tuple[Floats, Floats]:
    """Ripley's K of points that are independent, and of those in one normal cluster.

    Of points in a box of area B, of which a pair has the chance q to be in the same cluster,
    K(r) = (1 - q) π r² + q B (1 - exp(-r² / 4 s²)).

    Parameters
    ----------
    radii : (R,) float64 array
        In µm.
    spread : float
        Standard deviation s of a cluster along an axis, in µm.
    box : float
        B in µm².

    Returns
    -------
    apart, together : (R,) float64 arrays
        π r², and B (1 - exp(-r² / 4 s²)).
    """
    return np.pi * radii**2, box * -np.expm1(-(radii**2) / (4 * spread**2))


def minimum_contrast(radii: Floats, k: Floats, box: float) -> tuple[float, float]:
    """Find the clusters whose K function is nearest to an estimated one, beyond its first radius [1]_.

    Below the first radius objects keep each other away, which clusters of points do not know of.

    Parameters
    ----------
    radii : (R,) float64 array
        In µm, ascending.
    k : (R,) float64 array
        Estimate of K in µm².
    box : float
        Area that the clusters are spread over, in µm².

    Returns
    -------
    together : float
        Chance from 0 to 1 that a pair of points is in one cluster.
    spread : float
        Standard deviation of a cluster in µm.

    References
    ----------
    .. [1] Diggle, P. J. (2013). Statistical analysis of spatial and spatio-temporal point patterns, 3rd ed.,
       section 6.1. CRC Press.
    """
    best = (np.inf, 0.0, float(radii[-1]))
    for spread in np.geomspace(radii[0] / 2, radii[-1], SPREADS):
        apart, together = ((part - part[0])[1:] / radii[1:] for part in cluster_k(radii, spread, box))
        found = (k - k[0])[1:] / radii[1:]
        slope = together - apart
        q = float(np.clip(slope @ (found - apart) / (slope @ slope), 0, 1))
        best = min(best, (float(((found - apart - q * slope) ** 2).sum()), q, float(spread)))
    return best[1], best[2]
