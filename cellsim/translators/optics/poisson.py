"""Photon counts: Poisson numbers, exact to the resolution of float32, and fast."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from cellsim.kernel import kernel
from cellsim.sample import Image
from cellsim.seeds import Rng

TABLED = 128  # means below this are drawn by table
COLUMNS = 256  # of the tables; a Poisson number of mean 127 is beyond with a chance below 1e-20


def photon_counts(expected: Image, rng: Rng) -> NDArray[np.float32]:
    """Draw a Poisson number at every pixel.

    A mean m below 128 is the sum of its whole part, drawn from an alias table, and the rest, drawn by inversion
    (the sum of two Poisson numbers is Poisson); neither has a branch that depends on chance, and chances are kept
    in 24 bits, to 1e-7. Larger means are drawn by transformed rejection (Hörmann's PTRS).

    Parameters
    ----------
    expected : (...) float32 array
        Means; negative ones count as 0.
    rng : numpy.random.Generator
        The only source of chance.

    Returns
    -------
    (...) float32 array
        Whole numbers.

    References
    ----------
    .. [1] Hörmann, W. (1993). The transformed rejection method for generating Poisson random variables.
       Insurance: Mathematics and Economics 12(1).
    .. [2] Walker, A. J. (1977). An efficient method for generating discrete random variables with general
       distributions. ACM Transactions on Mathematical Software 3(3).
    """
    bits = rng.bit_generator.random_raw(expected.size)
    counts: NDArray[np.float32] = _draw(np.ascontiguousarray(expected).ravel(), bits, _alias_table(), rng)
    return counts.reshape(expected.shape)


@cache
def _alias_table() -> NDArray[np.uint32]:
    """Walker's alias tables of the Poisson laws of mean 0, 1, ... TABLED - 1.

    An entry holds the chance to keep its column, in 24 bits, and below that the other column, in 8.
    """
    mean = np.arange(TABLED)[:, np.newaxis]
    k = np.arange(COLUMNS)
    log_factorial = np.array([math.lgamma(i + 1) for i in k])
    chance = np.exp(k * np.log(np.maximum(mean, 1e-300)) - mean - log_factorial)
    keep, other = _alias(chance / chance.sum(axis=1, keepdims=True))
    table = (np.minimum(keep * 2.0**24, 2.0**24 - 1).astype(np.uint32) << 8) | other.astype(np.uint32)
    return np.asarray(table, np.uint32)


@kernel
def _alias(chance):  # type: ignore[no-untyped-def]
    rows, columns = chance.shape
    keep, other = np.ones((rows, columns)), np.empty((rows, columns), np.int64)
    for row in range(rows):
        other[row] = np.arange(columns)
        share = chance[row] * columns
        poor, rich = [k for k in range(columns) if share[k] < 1], [k for k in range(columns) if share[k] >= 1]
        while poor and rich:
            low, high = poor.pop(), rich.pop()
            keep[row, low], other[row, low] = share[low], high
            share[high] -= 1 - share[low]
            if share[high] < 1:
                poor.append(high)
            else:
                rich.append(high)
    return keep, other


@kernel
def _draw(expected, bits, table, rng):  # type: ignore[no-untyped-def]
    """Use the upper 8 bits for the column, the next 24 for the alias, the lowest 24 for the rest of the mean."""
    counts = np.empty(expected.size, np.float32)
    for i in range(expected.size):
        mean = max(expected[i], np.float32(0))
        if mean >= TABLED:
            counts[i] = _by_rejection(np.float64(mean), rng)  # float() keeps float32, whose log is too coarse
            continue
        upper = np.uint32(bits[i] >> np.uint64(32))
        entry = table[int(mean), upper >> np.uint32(24)]
        kept = (upper & np.uint32(0xFFFFFF)) < (entry >> np.uint32(8))
        counts[i] = upper >> np.uint32(24) if kept else entry & np.uint32(0xFF)
    for i in range(expected.size):  # a loop of its own runs without a stop
        mean = max(expected[i], np.float32(0))
        if mean < TABLED:
            u = np.float32(bits[i] & np.uint64(0xFFFFFF)) * np.float32(2.0**-24)
            counts[i] += _below_one(mean - np.float32(int(mean)), u)
    return counts


@kernel
def _below_one(mean, u):  # type: ignore[no-untyped-def]
    """Invert the distribution function at u, without a branch; beyond nine there is a chance of 1e-7."""
    chance = np.float32(1)
    for k in range(10, 0, -1):  # exp(-mean), its series from the inside: 1 - m (1 - m/2 (1 - m/3 ...))
        chance = np.float32(1) - mean * np.float32(1 / k) * chance
    below, count = chance, np.float32(u >= chance)
    for k in range(1, 9):
        chance *= mean * np.float32(1 / k)
        below += chance
        count += np.float32(u >= below)
    return count


@kernel
def _by_rejection(mean, rng):  # type: ignore[no-untyped-def]
    b = 0.931 + 2.53 * math.sqrt(mean)
    a = -0.059 + 0.02483 * b
    quick = 0.9277 - 3.6224 / (b - 2)
    while True:
        u, v = rng.random() - 0.5, rng.random()
        us = 0.5 - abs(u)
        count = math.floor((2 * a / us + b) * u + mean + 0.43)
        if us >= 0.07 and v <= quick:
            return count
        if count < 0 or (us < 0.013 and v > us):
            continue
        scale = 1.1239 + 1.1328 / (b - 3.4)
        if math.log(v * scale / (a / (us * us) + b)) <= count * math.log(mean) - mean - math.lgamma(count + 1):
            return count
