"""The identity of Georgii, Nguyen and Zessin, which holds of a Gibbs process whatever its parameters."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from cellsim.generators.base import Placement

Energy = Callable[[NDArray[np.float64], Placement, Placement], NDArray[np.float64]]


def surplus(
    found: Placement, places: Placement, size: tuple[float, ...], reach: float, activity: float, energy: Energy
) -> tuple[float, float]:
    """Two unbiased estimates of 0 from one pattern, for h = 1 and h = number of points within reach.

    The sum of h over the points of a pattern has the mean of activity x h x exp(-energy of a point added there) over
    all places. Points and `places` count where they are further than `reach` from the faces of the box.
    `energy(distances, places, points)` is the energy of each place, a row of the matrix of distances.
    """
    edges = np.array(size)
    content = float(np.prod(edges - 2 * reach))

    def inner(placement: Placement) -> Placement:
        return placement.take(((placement.centres > reach) & (placement.centres < edges - reach)).all(axis=1))

    points, places = inner(found), inner(places)
    between, around = cdist(points.centres, found.centres), cdist(places.centres, found.centres)
    factors = activity * np.exp(-energy(around, places, found))
    neighbours = (between < reach).sum() - len(points)  # each is near itself
    return (
        len(points) / content - float(factors.mean()),
        neighbours / content - float((factors * (around < reach).sum(axis=1)).mean()),
    )
