"""Kolmogorov-Smirnov distances when the values of one image are alike: whole images are exchanged, not values."""

from __future__ import annotations

import itertools
import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cellsim.kernel import kernel
from cellsim.seeds import Rng

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

PERMUTATIONS = 999


class Grouped(NamedTuple):
    """Values, and the image that each is of.

    Parameters
    ----------
    values : (N,) float64 array
        Without nan.
    image : (N,) int64 array
        Index of the image, from 0.
    """

    values: Floats
    image: Whole


def permutation_test(one: Grouped, other: Grouped, rng: Rng, permutations: int = PERMUTATIONS) -> tuple[float, float]:
    """Compare two distributions by the Kolmogorov-Smirnov distance, and tell how rare it is by chance [1]_.

    Objects of one image are more alike than those of two, so the usual p-value, which takes them as independent, is
    far too small. Here the images are dealt out anew to the two sets, each with all of its values. If there are no
    more than `permutations` ways to do so, all are tried, and p is exact.

    Parameters
    ----------
    one, other : Grouped
        The values of two sets, of different images.
    rng : numpy.random.Generator
        The only source of chance.
    permutations : int
        How many are drawn.

    Returns
    -------
    ks : float
        Greatest difference between the two distribution functions, 0 to 1.
    p : float
        Chance of a distance at least as great if the images of both sets were drawn alike; of n and m images it is
        never less than 1 over the number of ways to choose n of n + m. nan if a set has no value.

    References
    ----------
    .. [1] Good, P. (2005). Permutation, parametric and bootstrap tests of hypotheses, 3rd ed. Springer.
    """
    if not len(one.values) or not len(other.values):
        return np.nan, np.nan
    first, second = (np.unique(part.image, return_inverse=True) for part in (one, other))
    n, m = len(first[0]), len(second[0])
    values = np.concatenate([one.values, other.values])
    image = np.concatenate([first[1], second[1] + n])
    order = np.argsort(values, kind="stable")
    ends = np.append(np.diff(values[order]) > 0, True)
    dealt = _deals(n, m, permutations, rng)
    distances = _distances(image[order], ends, dealt)
    return float(distances[0]), float((distances >= distances[0] - 1e-12).mean())


def _deals(n: int, m: int, permutations: int, rng: Rng) -> NDArray[np.bool_]:
    """Ways to deal out images, (P, n + m); True in the first set. The first way is as it is."""
    if math.comb(n + m, n) <= permutations + 1:
        chosen = np.array(list(itertools.combinations(range(n + m), n)))
    else:
        ranks = rng.random((permutations, n + m)).argsort(axis=1)[:, :n]
        chosen = np.concatenate([np.arange(n)[np.newaxis], ranks])
    dealt = np.zeros((len(chosen), n + m), np.bool_)
    np.put_along_axis(dealt, chosen, True, axis=1)
    return dealt


@kernel
def _distances(image, ends, dealt):  # type: ignore[no-untyped-def]
    """Kolmogorov-Smirnov distance for every way to deal out images; values are sorted, ends are the last of equals."""
    found = np.zeros(len(dealt))
    count = np.zeros(dealt.shape[1])
    for i in range(image.size):
        count[image[i]] += 1
    for k in range(len(dealt)):
        ours = dealt[k]
        n = 0.0
        for j in range(count.size):
            n += count[j] if ours[j] else 0.0
        up, down = 1 / n, 1 / (image.size - n)
        gap, most = 0.0, 0.0
        for i in range(image.size):
            gap += up if ours[image[i]] else -down
            if ends[i]:
                most = max(most, abs(gap))
        found[k] = most
    return found
