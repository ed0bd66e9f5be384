"""Hits, false alarms and misses, and the ratios of them: of objects, of points, of pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, TypeVar

import numpy as np

C = TypeVar("C", bound="Counts")


@dataclass(frozen=True)
class Counts:
    """How many were found, and the ratios that follow.

    A ratio of which both terms are 0 is 0 (nothing found: the precision is 0), but 1 if nothing is there and nothing is
    found: the answer is right.

    Parameters
    ----------
    tp : int
        True positives: hits.
    fp : int
        False positives: found, but not there.
    fn : int
        False negatives: there, but not found.
    """

    tp: int
    fp: int
    fn: int

    SUMMED: ClassVar[tuple[str, ...]] = ("tp", "fp", "fn")

    @property
    def empty(self) -> bool:
        """Nothing is there and nothing is found."""
        return not (self.tp or self.fp or self.fn)

    @property
    def precision(self) -> float:
        """TP / (TP + FP), equation 2 of cGAN-Seg and 4.10 of the thesis on nuclei and Golgi."""
        return self._ratio(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float:
        """TP / (TP + FN), equations 3 and 4.11."""
        return self._ratio(self.tp, self.tp + self.fn)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, 2 TP / (2 TP + FP + FN), equations 4 and 4.12; of pixels, Dice."""
        return self._ratio(2 * self.tp, 2 * self.tp + self.fp + self.fn)

    @property
    def average_precision(self) -> float:
        """TP / (TP + FP + FN), as Cellpose and the Data Science Bowl 2018 call it; StarDist calls it accuracy."""
        return self._ratio(self.tp, self.tp + self.fp + self.fn)

    def _ratio(self, part: float, whole: float) -> float:
        return part / whole if whole else float(self.empty)


def pooled(scores: Sequence[C]) -> C:
    """Add the counts of several images, so that every object weighs the same.

    Parameters
    ----------
    scores : sequence of Counts
        Of one kind and one threshold; at least one.

    Returns
    -------
    Counts
        Of the same kind.
    """
    sums = {name: sum(getattr(score, name) for score in scores) for name in scores[0].SUMMED}
    return replace(scores[0], **sums)


def macro(scores: Sequence[Counts], ratio: str, empty: float = 1.0) -> float:
    """Average a ratio over images, so that every image weighs the same.

    Parameters
    ----------
    scores : sequence of Counts
        One an image.
    ratio : str
        Name of a property, such as "f1".
    empty : float
        Value of an image where nothing is there and nothing is found: 1 here, 0 in StarDist, nan to leave it out.

    Returns
    -------
    float
        nan if no image is left.
    """
    values = np.array([empty if score.empty else getattr(score, ratio) for score in scores], np.float64)
    values = values[~np.isnan(values)]
    return float(values.mean()) if values.size else np.nan
