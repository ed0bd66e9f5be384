"""Statistics of Haar wavelets on several scales; a plane that is flipped or turned by 90 degrees has the same."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Plane = NDArray[np.floating[Any]]

LEVELS = 5
LEAST = 1e-6  # energy, about that of the rounding to 10 bits; logarithms are taken of no less


class Details(NamedTuple):
    """One level of a Haar wavelet transform.

    Parameters
    ----------
    down, across, diagonal : (Y, X) arrays
        Change from row to row, from column to column, and of one along the other.
    mean : (Y, X) array
        Means of 2 x 2 pixels, from which the next level is made.
    """

    down: Plane
    across: Plane
    diagonal: Plane
    mean: Plane


def whole_blocks(plane: Plane) -> Plane:
    """Cut a plane, or mirror a small one, so that its sides are whole blocks of the coarsest level.

    Parameters
    ----------
    plane : (..., Y, X) array
        Of any size.

    Returns
    -------
    (..., Y', X') array
        The middle of the plane; sides are multiples of 32.
    """
    block = 2**LEVELS
    for axis in (-2, -1):
        length = plane.shape[axis]
        if length < block:
            pad = [(0, 0)] * plane.ndim
            pad[axis] = ((block - length) // 2, (block - length + 1) // 2)
            plane = np.pad(plane, pad, mode="symmetric")
        elif extra := length % block:
            plane = np.take(plane, np.arange(extra // 2, extra // 2 + length - extra), axis=axis)
    return plane


def haar(plane: Plane) -> Details:
    """Take one level of a Haar wavelet transform.

    Parameters
    ----------
    plane : (Y, X) array
        With even sides.

    Returns
    -------
    Details
        Of half the size.
    """
    a, b, c, d = plane[::2, ::2], plane[::2, 1::2], plane[1::2, ::2], plane[1::2, 1::2]
    upper, lower, left, right = a + b, c + d, a - b, c - d
    return Details((lower - upper) / 4, -(left + right) / 4, (left - right) / 4, (upper + lower) / 4)


def energy(values: Plane) -> float:
    """Take the mean square.

    Parameters
    ----------
    values : array
        Of any shape.

    Returns
    -------
    float
        >= 0.
    """
    flat = values.ravel()
    return float(flat @ flat) / flat.size


def log_energy(values: float) -> float:
    """Take the logarithm of an energy, finite also of none.

    Parameters
    ----------
    values : float
        >= 0.

    Returns
    -------
    float
        Natural logarithm.
    """
    return float(np.log(values + LEAST))


def log_kurtosis(values: Plane) -> float:
    """Take the logarithm of the fourth moment over the squared second: how sparse wavelets are.

    Parameters
    ----------
    values : array
        Of mean 0.

    Returns
    -------
    float
        log 3 of normal values; 0 of none.
    """
    second = energy(values)
    return float(np.log(energy(values * values) / second**2)) if second > LEAST**2 else 0.0


def correlation(one: Plane, other: Plane) -> float:
    """Correlate two planes.

    Parameters
    ----------
    one, other : arrays
        Of the same shape.

    Returns
    -------
    float
        Pearson's; 0 if one is constant.
    """
    a, b = one - one.mean(), other - other.mean()
    both = energy(a) * energy(b)
    return float((a * b).mean() / np.sqrt(both)) if both > LEAST**3 else 0.0


def scalar_statistics(plane: Plane) -> list[float]:
    """Describe the wavelets of a plane.

    Parameters
    ----------
    plane : (Y, X) array
        Sides are multiples of 32.

    Returns
    -------
    list of float
        For each level: logarithms of the energies of straight and of diagonal details, their directedness, their
        kurtosis, and the correlation of their magnitude with that of the level below. Then the log variance of what
        is left.
    """
    found: list[float] = []
    before: Plane | None = None
    for _ in range(LEVELS):
        level = haar(plane)
        down, across, diagonal = (energy(part) for part in level[:3])
        directed = abs(log_energy(down) - log_energy(across))
        kurtosis = (log_kurtosis(level.down) + log_kurtosis(level.across)) / 2
        found += [log_energy((down + across) / 2), log_energy(diagonal), directed, kurtosis]
        size = np.sqrt(level.down**2 + level.across**2 + level.diagonal**2)
        if before is not None:
            found.append(correlation(haar(before).mean, size))
        plane, before = level.mean, size
    return [*found, log_energy(float(plane.var()))]


def vector_statistics(down: Plane, across: Plane) -> list[float]:
    """Describe the wavelets of a field of vectors, which turn with the plane.

    Parameters
    ----------
    down, across : (Y, X) arrays
        Components of the vectors; sides are multiples of 32.

    Returns
    -------
    list of float
        For each level: logarithms of the energies of divergence, stretch, curl, shear and diagonal details, the
        kurtosis of the divergence, and the log energy of the mean vectors.
    """
    found: list[float] = []
    for _ in range(LEVELS):
        one, other = haar(down), haar(across)
        divergence = one.down + other.across
        kinds = (divergence, one.down - other.across, one.across - other.down, one.across + other.down)
        found += [log_energy(energy(kind)) for kind in kinds]
        found += [log_energy(energy(one.diagonal) + energy(other.diagonal)), log_kurtosis(divergence)]
        down, across = one.mean, other.mean
        found.append(log_energy(energy(down) + energy(across)))
    return found
