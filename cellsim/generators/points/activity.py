"""How dense Strauss's process of a given activity is, and the other way round.

Neither follows in closed form from the other. With x the mean number of points in a ball of radius `distance` and a the
activity, ln(a / density) = x c(x, gamma): c is 1 - gamma for few points, of gamma = 0 it follows from the equations of
state of hard disks and balls, and in between it was measured once with long chains (`benchmarks/activity_table.py`).
"""

from __future__ import annotations

import bisect
import math

import numpy as np

MOST_PACKED = {2: 0.65, 3: 0.42}  # by balls of diameter `distance`, gamma = 0; beyond, too few births are accepted
HARDEST, CROWDED = 0.01, 5.0  # least gamma and greatest x of the table

CROWDING = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.2, 2.4, 2.6, 3.0, 3.5, 4.0, 5.0)
GAMMAS = (0.01, 0.03, 0.1, 0.2, 0.35, 0.5, 0.7, 0.85, 1.0)
# c at each entry of CROWDING but the first, a row for each of GAMMAS
TABLE = {
    2: (
        (1.069, 1.158, 1.260, 1.381, 1.534, 1.711, 1.893, 2.063, 2.184, 2.248, 2.284, 2.284, 2.244, 2.202, 2.119),
        (1.041, 1.125, 1.215, 1.320, 1.442, 1.565, 1.686, 1.790, 1.846, 1.887, 1.915, 1.933, 1.922, 1.904, 1.834),
        (0.960, 1.010, 1.084, 1.145, 1.224, 1.273, 1.334, 1.378, 1.405, 1.435, 1.454, 1.473, 1.487, 1.486, 1.446),
        (0.843, 0.880, 0.918, 0.955, 0.989, 1.024, 1.050, 1.078, 1.093, 1.110, 1.126, 1.139, 1.155, 1.162, 1.157),
        (0.673, 0.687, 0.705, 0.723, 0.743, 0.756, 0.774, 0.779, 0.787, 0.796, 0.802, 0.812, 0.825, 0.835, 0.840),
        (0.509, 0.514, 0.526, 0.534, 0.537, 0.545, 0.550, 0.557, 0.560, 0.563, 0.566, 0.571, 0.577, 0.583, 0.590),
        (0.304, 0.304, 0.306, 0.307, 0.305, 0.309, 0.312, 0.313, 0.313, 0.314, 0.314, 0.317, 0.318, 0.319, 0.324),
        (0.152, 0.151, 0.150, 0.151, 0.151, 0.152, 0.151, 0.152, 0.150, 0.150, 0.151, 0.152, 0.153, 0.152, 0.154),
        (0.0,) * 15,
    ),
    3: (
        (1.053, 1.112, 1.191, 1.266, 1.361, 1.461, 1.564, 1.678, 1.765, 1.848, 1.936, 2.039, 2.096, 2.074, 1.998),
        (1.020, 1.079, 1.150, 1.225, 1.304, 1.378, 1.458, 1.546, 1.609, 1.653, 1.701, 1.768, 1.798, 1.795, 1.766),
        (0.947, 0.985, 1.039, 1.087, 1.133, 1.177, 1.224, 1.266, 1.300, 1.323, 1.340, 1.379, 1.401, 1.416, 1.421),
        (0.828, 0.856, 0.889, 0.920, 0.947, 0.972, 0.996, 1.020, 1.035, 1.046, 1.056, 1.081, 1.103, 1.114, 1.126),
        (0.661, 0.682, 0.698, 0.705, 0.721, 0.732, 0.745, 0.753, 0.759, 0.768, 0.772, 0.780, 0.795, 0.803, 0.819),
        (0.511, 0.511, 0.522, 0.523, 0.530, 0.535, 0.540, 0.544, 0.548, 0.551, 0.552, 0.558, 0.565, 0.570, 0.577),
        (0.305, 0.304, 0.306, 0.304, 0.308, 0.307, 0.308, 0.309, 0.309, 0.311, 0.311, 0.313, 0.315, 0.316, 0.318),
        (0.154, 0.152, 0.152, 0.152, 0.149, 0.151, 0.150, 0.151, 0.151, 0.152, 0.151, 0.151, 0.152, 0.152, 0.152),
        (0.0,) * 15,
    ),
}


def most_crowded(gamma: float, ndim: int) -> float:
    """Return the densest that the process is drawn.

    Parameters
    ----------
    gamma : float
        Factor of a pair, 0 to 1.
    ndim : int
        2 or 3.

    Returns
    -------
    float
        Mean number of points in a ball of radius `distance`.
    """
    if gamma == 1:
        return math.inf
    return CROWDED if gamma >= HARDEST else MOST_PACKED[ndim] * 2**ndim


def excess(crowding: float, gamma: float, ndim: int) -> float:
    """Return the logarithm of activity over density.

    Parameters
    ----------
    crowding : float
        Mean number of points in a ball of radius `distance`, at most `most_crowded`.
    gamma : float
        Factor of a pair, 0 to 1.
    ndim : int
        2 or 3.

    Returns
    -------
    float
        >= 0; 0 for gamma = 1.

    References
    ----------
    .. [1] Baddeley, A., Nair, G. (2012). Fast approximation of the intensity of Gibbs point processes. Electronic
       Journal of Statistics 6: its Poisson-saddlepoint approximation is c = 1 - gamma.
    """
    if gamma == 1:
        return 0.0
    upper = min(max(bisect.bisect(GAMMAS, gamma), 1), len(GAMMAS) - 1)
    low, high = (_row(crowding, GAMMAS[i], TABLE[ndim][i]) for i in (upper - 1, upper))
    if gamma < HARDEST:  # between the equation of state and the first row
        hard = hard_core_excess(crowding / 2**ndim, ndim)
        return hard + (low - hard) * math.sqrt(gamma / HARDEST)
    below, here, above = math.sqrt(GAMMAS[upper - 1]), math.sqrt(gamma), math.sqrt(GAMMAS[upper])
    return low + (high - low) * (here - below) / (above - below)  # c is nearly straight over the root of gamma


def _row(crowding: float, gamma: float, row: tuple[float, ...]) -> float:
    return crowding * float(np.interp(crowding, CROWDING, (1 - gamma, *row)))


def hard_core_excess(packing: float, ndim: int) -> float:
    """Return the excess chemical potential of hard disks or balls.

    Parameters
    ----------
    packing : float
        Share of the plane or of space under them, below freezing (0.70 and 0.49).
    ndim : int
        2 or 3.

    Returns
    -------
    float
        In units of kT: the logarithm of activity over density.

    References
    ----------
    .. [1] Henderson, D. (1975). A simple equation of state for hard discs. Molecular Physics 30(3).
    .. [2] Carnahan, N. F., Starling, K. E. (1969). Equation of state for nonattracting rigid spheres. Journal of
       Chemical Physics 51(2).
    """
    y = packing
    if ndim == 3:
        return (8 * y - 9 * y**2 + 3 * y**3) / (1 - y) ** 3
    free = -7 / 8 * math.log1p(-y) + 9 / 8 * y / (1 - y)
    return free + (1 + y**2 / 8) / (1 - y) ** 2 - 1


def response(crowding: float, gamma: float, ndim: int) -> float:
    """Return how much denser the process gets with the activity, in logarithms: the variance over the mean of counts.

    Parameters
    ----------
    crowding : float
        Mean number of points in a ball of radius `distance`.
    gamma : float
        Factor of a pair, 0 to 1.
    ndim : int
        2 or 3.

    Returns
    -------
    float
        0 to 1; 1 for the Poisson process.
    """
    step = 0.05 * crowding
    slope = (excess(crowding, gamma, ndim) - excess(crowding - step, gamma, ndim)) / step
    return 1 / (1 + crowding * slope)


def crowding_of(activity: float, gamma: float, ndim: int) -> float:
    """Solve for the density of a given activity.

    Parameters
    ----------
    activity : float
        Times the volume of a ball of radius `distance`; at most that of `most_crowded`.
    gamma : float
        Factor of a pair, 0 to 1.
    ndim : int
        2 or 3.

    Returns
    -------
    float
        Mean number of points in a ball of radius `distance`.
    """
    from scipy.optimize import brentq

    if gamma == 1:
        return activity

    def surplus(x: float) -> float:
        return math.log(x / activity) + excess(x, gamma, ndim)

    return float(brentq(surplus, 1e-9 * activity, min(activity, 1.001 * most_crowded(gamma, ndim))))
