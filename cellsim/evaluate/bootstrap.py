"""Intervals of distances between sets: halves of both, drawn again and again, parents kept together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cellsim.evaluate.records import Interval

Indices = NDArray[np.int64]

FEWEST = 4  # samples of a half


class Halves(NamedTuple):
    """Halves of two sets; row b of each array is the b-th draw.

    Parameters
    ----------
    real : (B, n) int64 array
        Half of the real samples.
    rest : (B, n) int64 array or None
        As many of the others, none of a parent that `real` has; None if the parents do not allow two halves.
    synthetic : (B, n) int64 array
        As many synthetic samples.
    """

    real: Indices
    rest: Indices | None
    synthetic: Indices

    @property
    def samples(self) -> int:
        """Number of samples of a half."""
        return self.real.shape[1]


def draw_halves(real: Indices, synthetic: Indices, draws: int, seed: int = 0) -> Halves:
    """Draw halves of a real and of a synthetic set, all of the same size.

    Half of n samples drawn without replacement has a mean that spreads as that of n samples drawn with replacement
    [1]_, so the spread over the draws is that of the bootstrap. No sample is in a half twice, though: twins at distance
    0 would spoil nearest neighbours and the estimates of covariances.

    Parameters
    ----------
    real, synthetic : (N,), (M,) int64 arrays
        Parent of each sample; samples of one parent are drawn together.
    draws : int
        B.
    seed : int
        Of the draws.

    Returns
    -------
    Halves
        Without `rest` if the real samples have one parent, or one that has nearly all of them; halves are then drawn
        sample by sample.

    References
    ----------
    .. [1] Buja, A., Stuetzle, W. (2006). Observations on bagging. Statistica Sinica 16(2).
    """
    rng = np.random.default_rng(seed)
    pairs = [_split(real, rng) for _ in range(draws)]
    apart = min(min(len(one), len(other)) for one, other in pairs) >= FEWEST
    if not apart:
        pairs = [_split(np.arange(len(real)), rng) for _ in range(draws)]
    drawn = [max(_split(synthetic, rng), key=len) for _ in range(draws)]
    sizes = [len(half) for pair in pairs for half in pair] + [len(half) for half in drawn]
    n = min(*sizes, len(synthetic) // 2)
    first, rest, made = (_cut(halves, n, rng) for halves in ([a for a, _ in pairs], [b for _, b in pairs], drawn))
    return Halves(first, rest if apart else None, made)


def _split(parents: Indices, rng: np.random.Generator) -> tuple[Indices, Indices]:
    """Two halves of about the same number of samples, in random order."""
    groups, sizes = np.unique(parents, return_counts=True)
    if len(groups) == len(parents):
        order = rng.permutation(len(parents))
        return order[: len(order) // 2], order[len(order) // 2 :]
    side, count = np.zeros(len(groups), np.int64), [0, 0]
    for group in rng.permutation(len(groups)):
        side[group] = int(count[1] < count[0])
        count[side[group]] += int(sizes[group])
    of_sample = side[np.searchsorted(groups, parents)]
    swap = int(rng.integers(2))  # the first parent that is laid down is not always in the same half
    return tuple(np.flatnonzero(of_sample == (half ^ swap)) for half in (0, 1))  # type: ignore[return-value]


def _cut(halves: list[Indices], n: int, rng: np.random.Generator) -> Indices:
    return np.stack([rng.permutation(half)[:n] for half in halves])


def interval(values: Sequence[float]) -> Interval:
    """Sum up the values of all draws.

    Parameters
    ----------
    values : sequence of float
        One a draw.

    Returns
    -------
    Interval
        Their mean, and the central 95 % of them.
    """
    low, high = np.percentile(values, [2.5, 97.5])
    return Interval(float(np.mean(values)), float(low), float(high))
