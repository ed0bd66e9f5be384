"""Normal numbers in bulk: exact to the resolution of float32, and fast."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from cellsim.kernel import kernel
from cellsim.sample import Image
from cellsim.seeds import Rng
from cellsim.translators.optics.bits import random_words

# The normal number z of rank (1 + x) / 2 is x p(w), w = -log(1 - x^2): minimax fits to z / x, highest power first,
# MIDDLE in w - 3 for w < 6, FAR in sqrt(w) - 3.5 beyond.
MIDDLE = (4.737592e-07, -2.770373e-06, -1.686581e-05, 2.769934e-04, -1.185381e-03, -8.116493e-03, 0.34171894, 2.2960354)
FAR = (-2.577272e-04, 7.802611e-04, -1.052572e-03, 1.443744e-03, -2.878002e-03, 4.655647e-03, 1.4246303, 4.7170884)


def normal_numbers(shape: Sequence[int], rng: Rng) -> Image:
    """Draw standard normal numbers by inverting their distribution function, without a branch that depends on chance.

    The inverse is right to 2e-6; ranks are multiples of 2^-32, so that numbers reach 6.3.

    Parameters
    ----------
    shape : sequence of int
        Of the array.
    rng : numpy.random.Generator
        The only source of chance.

    Returns
    -------
    (...) float32 array
        Independent, of mean 0 and variance 1.

    References
    ----------
    .. [1] Giles, M. (2012). Approximating the erfinv function. GPU Computing Gems, Jade edition, chapter 10.
    """
    numbers: Image = _invert(random_words(math.prod(shape), rng).view(np.int32))
    return numbers.reshape(shape)


@kernel
def _invert(words):  # type: ignore[no-untyped-def]
    """Map a signed word to the normal number of rank (1 + x) / 2, x = (word + 1/2) / 2^31."""
    numbers, w = np.empty(words.size, np.float32), np.empty(words.size, np.float32)
    for i in range(words.size):
        beyond = np.int32(0x7FFFFFFF) - (words[i] ^ (words[i] >> np.int32(31)))  # 2^31 (1 - |x|) - 1/2
        tail = (np.float32(beyond) + np.float32(0.5)) * np.float32(2.0**-31)
        w[i] = -_log(tail * (np.float32(2) - tail))  # 1 - x^2, of full precision in the tails
    for i in range(words.size):
        ratio = np.float32(0)
        for c in MIDDLE:
            ratio = ratio * (w[i] - np.float32(3)) + np.float32(c)
        numbers[i] = (np.float32(words[i]) + np.float32(0.5)) * np.float32(2.0**-31) * ratio
    for i in range(words.size):
        if w[i] >= np.float32(6):  # one in 800: a stop in a loop of its own
            ratio = np.float32(0)
            for c in FAR:
                ratio = ratio * (np.sqrt(w[i]) - np.float32(3.5)) + np.float32(c)
            numbers[i] = (np.float32(words[i]) + np.float32(0.5)) * np.float32(2.0**-31) * ratio
    return numbers


@kernel
def _log(x):  # type: ignore[no-untyped-def]
    """Logarithm of a positive float32, by its bits: x = 2^e m, and log m = 2 artanh((m - 1) / (m + 1))."""
    bits = np.float32(x).view(np.int32)
    e = (bits - np.int32(0x3F3504F3)) >> np.int32(23)
    m = np.int32(bits - (e << np.int32(23))).view(np.float32)
    s = (m - np.float32(1)) / (m + np.float32(1))
    square, series = s * s, np.float32(0)
    for k in (7, 5, 3, 1):
        series = series * square + np.float32(2 / k)
    return np.float32(e) * np.float32(math.log(2)) + s * series
