"""Are the objects found: precision, recall, F1, average precision, panoptic quality at thresholds of IoU; DSB 2018."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cellsim.evaluate.counts import Counts
from cellsim.evaluate.match import Overlaps, assign

DSB = tuple(percent / 100 for percent in range(50, 91, 5))  # 0.5 to 0.9, as Tasnadi and others count it
CELLPOSE = (0.5, 0.75, 0.9)


@dataclass(frozen=True)
class InstanceScores(Counts):
    """Objects of one image, or of several, at one threshold.

    Parameters
    ----------
    tp, fp, fn : int
        Pairs whose IoU reaches the threshold; found objects in no pair; true objects in no pair.
    threshold : float
        Least IoU of a hit.
    iou_sum : float
        Sum of the IoU of all hits.
    """

    threshold: float
    iou_sum: float

    SUMMED: ClassVar[tuple[str, ...]] = ("tp", "fp", "fn", "iou_sum")

    @property
    def mean_iou(self) -> float:
        """Mean IoU of the hits, the segmentation quality of Kirillov; 0 without hits."""
        return self._ratio(self.iou_sum, self.tp)

    @property
    def panoptic_quality(self) -> float:
        """F1 times the mean IoU of the hits [1]_; the usual threshold is 0.5.

        References
        ----------
        .. [1] Kirillov, A. et al. (2019). Panoptic segmentation. CVPR.
        """
        return self._ratio(self.iou_sum, self.tp + (self.fp + self.fn) / 2)


def instance_scores(shared: Overlaps, thresholds: Sequence[float] = DSB) -> tuple[InstanceScores, ...]:
    """Count hits, false alarms and misses at thresholds of IoU.

    At each threshold there are as many hits as can be, no object in two of them; of several such choices, the one with
    the greatest sum of IoU (`match.assign`).

    Parameters
    ----------
    shared : Overlaps
        Of two annotations of an image, from `match.overlaps`.
    thresholds : sequence of float
        > 0 and at most 1.

    Returns
    -------
    tuple of InstanceScores
        One a threshold.

    Raises
    ------
    InputError
        If a threshold is none.
    """
    iou, there, found = shared.iou, len(shared.truth_ids), len(shared.found_ids)
    scores = []
    for threshold in thresholds:
        rows = assign(shared, threshold)
        hits, total = len(rows), float(iou[rows].sum())
        scores.append(InstanceScores(hits, found - hits, there - hits, float(threshold), total))
    return tuple(scores)


def dsb2018(shared: Overlaps, thresholds: Sequence[float] = DSB) -> float:
    """Average TP / (TP + FP + FN) over thresholds of IoU, the score of the Data Science Bowl 2018.

    Parameters
    ----------
    shared : Overlaps
        Of two annotations of an image.
    thresholds : sequence of float
        0.5 to 0.9 in steps of 0.05 as Tasnadi and others [2]_ do; the competition [1]_ went up to 0.95.

    Returns
    -------
    float
        0 to 1; 1 of an image without objects in which none are found.

    References
    ----------
    .. [1] Caicedo, J. C. et al. (2019). Nucleus segmentation across imaging experiments: the 2018 Data Science Bowl.
       Nature Methods 16.
    .. [2] Tasnadi, E., Sliz-Nagy, A., Horvath, P. (2023). Structure preserving adversarial generation of labeled
       training samples for single-cell segmentation. Cell Reports Methods 3.
    """
    return float(np.mean([score.average_precision for score in instance_scores(shared, thresholds)]))
