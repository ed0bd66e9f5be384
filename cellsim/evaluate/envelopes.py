"""How far curves of independent points stray by chance: simulation envelopes and a test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cellsim.evaluate.region import Region, as_region
from cellsim.seeds import Rng

Floats = NDArray[np.float64]

CENTRAL = 0.95
SIMULATIONS = 99


class Envelope(NamedTuple):
    """Curves of simulations of independent points.

    Parameters
    ----------
    mean : (R,) float64 array
        Over simulations.
    bounds : (2, R) float64 array
        Central 95 % at each distance, low and high. Of twenty distances a curve of independent points leaves it at
        one on average.
    curves : (S, R) float64 array
        Of the simulations.
    """

    mean: Floats
    bounds: Floats
    curves: Floats


def envelope(
    curve: Callable[[Floats], Floats],
    n: int,
    window: Sequence[float] | Region,
    rng: Rng,
    simulations: int = SIMULATIONS,
) -> Envelope:
    """Simulate the curve of independent points.

    Parameters
    ----------
    curve : callable
        From (N, D) points in µm to (R,) values, such as ``lambda points: ripley_k(points, region, radii)``.
    n : int
        Number of points.
    window : Region or (D,) floats
        Where points are seen; the edges in µm of a box that begins at 0.
    rng : numpy.random.Generator
        The only source of chance.
    simulations : int
        How many; 39 is the least that has a central 95 %.

    Returns
    -------
    Envelope
        Of binomial points: n independent uniform ones.
    """
    region = as_region(window)
    curves = np.array([curve(region.uniform(n, rng)) for _ in range(simulations)])
    return Envelope(mean_known(curves), central(curves), curves)


def central(curves: Floats) -> Floats:
    """Return the central 95 % of curves at each distance.

    Parameters
    ----------
    curves : (S, R) float64 array
        Values that are nan do not count.

    Returns
    -------
    (2, R) float64 array
        Low and high; nan where there is no value.
    """
    known = ~np.isnan(curves).all(axis=0)
    bounds = np.full((2, curves.shape[1]), np.nan)
    if known.any():
        tail = (1 - CENTRAL) / 2
        bounds[:, known] = np.nanquantile(curves[:, known], [tail, 1 - tail], axis=0)
    return bounds


def mean_known(curves: Floats) -> Floats:
    """Average curves where they are known.

    Parameters
    ----------
    curves : (S, R) float64 array
        Values that are nan do not count.

    Returns
    -------
    (R,) float64 array
        nan where there is no value.
    """
    count = np.count_nonzero(~np.isnan(curves), axis=0)
    mean: Floats = np.divide(np.nansum(curves, axis=0), count, out=np.full(len(count), np.nan), where=count > 0)
    return mean


def deviation_test(found: Floats, simulated: Floats) -> float:
    """Test a whole curve against simulations by its greatest deviation from their mean [1]_.

    Unlike a glance at an envelope, which is left by chance at some distance or other, this has one p-value. The mean
    is that of the curve and the simulations together, so that all are alike if the curve is one of them.

    Parameters
    ----------
    found : (R,) float64 array
        The curve, of a variance that does not change much with distance, such as L.
    simulated : (S, R) float64 array
        As `envelope` returns them.

    Returns
    -------
    float
        Chance of a deviation at least as great if the curve were one of the simulations; at least 1 / (S + 1).

    References
    ----------
    .. [1] Baddeley, A., Diggle, P. J., Hardegen, A., Lawrence, T., Milne, R. K., Nair, G. (2014). On tests of spatial
       pattern based on simulation envelopes. Ecological Monographs 84(3).
    """
    curves = np.concatenate([found[np.newaxis], simulated])
    known = ~np.isnan(curves).any(axis=0)
    if not known.any():
        return np.nan
    deviation = np.abs(curves[:, known] - curves[:, known].mean(axis=0)).max(axis=1)
    return float((deviation >= deviation[0]).mean())
