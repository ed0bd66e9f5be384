"""Precision and recall: is each synthetic sample like some real one, and each real one like some synthetic one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cellsim.errors import InputError
from cellsim.evaluate.frechet import check_pair

Floats = NDArray[np.float64]

NEIGHBOURS = 3  # as in the paper


def precision_recall(real: Floats, synthetic: Floats, neighbours: int = NEIGHBOURS) -> tuple[float, float]:
    """Measure how much of each set lies on the manifold of the other [1]_.

    The manifold of a set is the union of the balls around its members that reach to their k-th nearest other member.

    Parameters
    ----------
    real, synthetic : (N, F), (M, F) float64 arrays
        Features.
    neighbours : int
        k, less than N and M.

    Returns
    -------
    precision : float
        Share of synthetic samples on the manifold of the real ones: low if samples look like nothing real.
    recall : float
        Share of real samples on the manifold of the synthetic ones: low if a part of the real ones is never drawn.

    Raises
    ------
    InputError
        If numbers of features differ, or a set has no more than k samples.

    References
    ----------
    .. [1] Kynkäänniemi, T., Karras, T., Laine, S., Lehtinen, J., Aila, T. (2019). Improved precision and recall metric
       for assessing generative models. NeurIPS 32.
    """
    real, synthetic = check_pair(real, synthetic)
    if not 0 < neighbours < min(len(real), len(synthetic)):
        raise InputError(f"neighbours must be from 1 to {min(len(real), len(synthetic)) - 1}, got {neighbours}")
    between = distances_between(real, synthetic)
    return (
        covered(distances_between(real, real), between, neighbours),
        covered(distances_between(synthetic, synthetic), between.T, neighbours),
    )


def distances_between(one: Floats, other: Floats) -> Floats:
    """Measure Euclidean distances between all pairs.

    Parameters
    ----------
    one, other : (N, F), (M, F) float64 arrays
        Features.

    Returns
    -------
    (N, M) float64 array
        Distances.
    """
    from scipy.spatial.distance import cdist

    found: Floats = np.asarray(cdist(one, other))
    return found


def covered(within: Floats, between: Floats, neighbours: int = NEIGHBOURS) -> float:
    """Measure the share of samples in a ball around some member of a set, from distances.

    Parameters
    ----------
    within : (N, N) float64 array
        Distances between the members of the set.
    between : (N, M) float64 array
        Distances from its members to M samples.
    neighbours : int
        A ball reaches to the neighbour of this order.

    Returns
    -------
    float
        From 0 to 1.
    """
    radius = np.partition(within, neighbours, axis=1)[:, neighbours]  # the nearest, of order 0, is the member itself
    return float((between <= radius[:, np.newaxis]).any(axis=0).mean())
