"""Photon counts: Poisson numbers, exact to the resolution of float32, and fast."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from cellsim.kernel import kernel
from cellsim.sample import Image
from cellsim.seeds import Rng
from cellsim.translators.optics.bits import random_words

TABLED = 128  # means below this are drawn by table
COLUMNS = 256  # of the tables; a Poisson number of mean 127 is beyond with a chance below 1e-20
ABOUT_HALF = np.polynomial.Polynomial([math.exp(-0.5) * (-1) ** k / math.factorial(k) for k in range(8)])
# exp(-m) for m in [0, 1] in powers of m, highest first; right to 1e-7, and 1 at 0: where it is dark nothing is counted
EXPONENTIAL = (*ABOUT_HALF(np.polynomial.Polynomial([-0.5, 1.0])).coef[:0:-1].tolist(), 1.0)


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
    words = random_words(2 * expected.size, rng).reshape(2, -1)
    counts: NDArray[np.float32] = _draw(np.ascontiguousarray(expected).ravel(), words, _alias_table().ravel(), rng)
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
def _draw(expected, words, table, rng):  # type: ignore[no-untyped-def]
    """Draw the whole part of a mean with one word, the rest with the other; simple loops run side by side."""
    whole, counts = np.empty(expected.size, np.int32), np.empty(expected.size, np.float32)
    for i in range(expected.size):  # the place in the table: its upper 8 bits are the column
        mean = min(max(expected[i], np.float32(0)), np.float32(TABLED - 1))
        whole[i] = (np.int32(mean) << np.int32(8)) + np.int32(words[0, i] >> np.uint32(24))
    for i in range(expected.size):
        whole[i] = table[np.uint32(whole[i])]
    for i in range(expected.size):
        kept = (words[0, i] & np.uint32(0xFFFFFF)) < (np.uint32(whole[i]) >> np.uint32(8))
        whole[i] = np.int32(words[0, i] >> np.uint32(24) if kept else np.uint32(whole[i]) & np.uint32(0xFF))
    for i in range(expected.size):
        mean = min(max(expected[i], np.float32(0)), np.float32(TABLED))
        u = np.float32(np.int32(words[1, i] >> np.uint32(8))) * np.float32(2.0**-24)
        counts[i] = np.float32(whole[i]) + _below_one(mean - np.float32(np.int32(mean)), u, 5)
    _mend(expected, words, whole, counts, rng)
    return counts


@kernel
def _mend(expected, words, whole, counts, rng):  # type: ignore[no-untyped-def]
    """Draw again what loops without a branch could not: large means, and large counts of the rest of a mean."""
    rare, n = np.empty(expected.size, np.int64), 0
    for i in range(expected.size):
        rare[n] = i
        n += expected[i] >= TABLED or words[1, i] > np.uint32(0.996 * 2**32)
    for i in rare[:n]:
        mean = max(expected[i], np.float32(0))
        u = np.float32(np.int32(words[1, i] >> np.uint32(8))) * np.float32(2.0**-24)
        if mean >= TABLED:
            counts[i] = _by_rejection(np.float64(mean), rng)  # float() keeps float32, whose log is too coarse
        else:
            counts[i] = np.float32(whole[i]) + _below_one(mean - np.float32(np.int32(mean)), u, 9)


@kernel
def _below_one(mean, u, most):  # type: ignore[no-untyped-def]
    """Invert the distribution function of a mean below one at u, without a branch; counts stop at `most`.

    More than four come with a chance below 0.0037, more than eight with one of 1e-6.
    """
    chance = np.float32(0)
    for c in EXPONENTIAL:
        chance = chance * mean + np.float32(c)
    below, count = chance, np.float32(u >= chance)
    for k in range(1, most):
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
