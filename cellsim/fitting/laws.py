"""A parameter under estimation: a positive number, or a law that it is drawn from for every sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any

import numpy as np

from cellsim.distributions import CUT

WIDEST = 2.5  # greatest standard deviation of a logarithm
NARROWEST = 0.02  # below this a law is written as a number
TOGETHER = "image"  # name of what is drawn together
CHOICES = 9  # numbers that stand for a law whose support would leave the bounds
BOLDEST = np.log(2)  # greatest change of a logarithm in one step

Plain = float | dict[str, Any]


@dataclass(frozen=True)
class Law:
    """A log-normal law, or a number where `sigma` is 0, within bounds.

    With a pattern it is the law of a list of numbers instead, one a real image, so that what varies from image to
    image varies together as it does there.

    Parameters
    ----------
    median : float
        > 0.
    sigma : float
        Standard deviation of the logarithm.
    low, high : float
        Bounds of the parameter.
    pattern : tuple of float
        Standard scores of the real images; () for none.
    """

    median: float
    sigma: float = 0.0
    low: float = 1e-9
    high: float = np.inf
    pattern: tuple[float, ...] = ()

    def moved(self, by: float, variance: float = 0.0) -> Law:
        """Change the law.

        Parameters
        ----------
        by : float
            Added to the logarithm of the median; at most a factor of two is taken.
        variance : float
            Added to that of the logarithm.

        Returns
        -------
        Law
            Within its bounds; the same where a change is nan.
        """
        by, variance = (0.0 if np.isnan(change) else change for change in (by, variance))
        median = self.median * np.exp(np.clip(by, -BOLDEST, BOLDEST))
        sigma = np.sqrt(np.clip(self.sigma**2 + variance, 0, WIDEST**2))
        return replace(self, median=float(np.clip(median, self.low, self.high)), sigma=float(sigma))

    def plain(self) -> Plain:
        """Write the law as a recipe has it.

        Returns
        -------
        float or dict
            A number; a choice by the pattern; a log-normal law; or, where that would leave the bounds, a choice of
            some of its quantiles.
        """
        if self.sigma < NARROWEST:
            return short(self.median)
        if self.pattern:
            return {"choice": self._chosen(self.pattern), "together": TOGETHER}
        reach = self.median * np.exp(np.array([-CUT, CUT]) * self.sigma)
        if self.low <= reach[0] and reach[1] <= self.high:
            return {"lognormal": [short(self.median), short(self.sigma)]}
        ranks = (np.arange(CHOICES) + 0.5) / CHOICES
        return {"choice": self._chosen([NormalDist().inv_cdf(rank) for rank in ranks])}

    def _chosen(self, scores: Sequence[float]) -> list[float]:
        """Numbers at some standard scores, within the bounds."""
        values = self.median * np.exp(self.sigma * np.asarray(scores))
        return [short(value) for value in np.clip(values, self.low, self.high)]


def short(value: float) -> float:
    """Round to three digits that count.

    Parameters
    ----------
    value : float
        Any.

    Returns
    -------
    float
        What `value` reads as to a person.
    """
    return float(f"{value:.3g}")
