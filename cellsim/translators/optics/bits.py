"""Random bits in bulk: one number of a stream, spread over as many words as a kernel needs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cellsim.kernel import kernel
from cellsim.seeds import Rng


def random_words(n: int, rng: Rng) -> NDArray[np.uint32]:
    """Draw independent random words by SplitMix64, from a place that the stream chooses.

    The words of a counter can be mixed side by side, which is several times as fast as stepping the stream.

    Parameters
    ----------
    n : int
        How many.
    rng : numpy.random.Generator
        The only source of chance; one number of 64 bits is taken from it.

    Returns
    -------
    (n,) uint32 array
        Each bit is fair.

    References
    ----------
    .. [1] Steele, G. L., Lea, D., Flood, C. H. (2014). Fast splittable pseudorandom number generators. OOPSLA 2014.
    """
    return np.asarray(_mix(rng.bit_generator.random_raw(1), -(-n // 2)).view(np.uint32)[:n])


@kernel
def _mix(start, n):  # type: ignore[no-untyped-def]
    words = np.empty(n, np.uint64)
    for i in range(n):
        words[i] = random_word(start[0], i)
    return words


@kernel
def random_word(start, i):  # type: ignore[no-untyped-def]
    """Return the i-th word of SplitMix64 after a start (a kernel, for kernels).

    Parameters
    ----------
    start : uint64
        A random number of a stream.
    i : int
        Which word, >= 0.

    Returns
    -------
    uint64
        Each bit is fair.
    """
    z = start + np.uint64(i) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
