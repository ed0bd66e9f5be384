"""How far do pixels agree: precision, recall and Dice of a class, the aggregated Jaccard index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from cellsim.errors import InputError
from cellsim.evaluate.counts import Counts
from cellsim.evaluate.match import Overlaps, Whole, heaviest

LabelImage = NDArray[Any]


@dataclass(frozen=True)
class PixelScores(Counts):
    """Pixels of one class, in one image or in several.

    Parameters
    ----------
    tp, fp, fn : int
        Pixels of the class in both; found only; true only.
    """

    @property
    def dice(self) -> float:
        """Dice coefficient, which is the F1 of pixels."""
        return self.f1


def pixel_scores(truth: LabelImage, found: LabelImage) -> PixelScores:
    """Compare the pixels of a class, such as all nuclei, whichever object they belong to.

    Parameters
    ----------
    truth, found : (...) integer or bool arrays
        Of one shape; what is not 0 is of the class.

    Returns
    -------
    PixelScores
        With precision, recall and Dice: equations 4.10 to 4.12 of the thesis [1]_.

    Raises
    ------
    InputError
        If shapes differ.

    References
    ----------
    .. [1] Henriques da Rosa, A. Deep learning methods for the segmentation of fluorescent microscopy images. Master's
       thesis, section 4.5.
    """
    if truth.shape != found.shape:
        raise InputError(f"truth and found must have the same shape, got {truth.shape} and {found.shape}")
    there, seen = truth != 0, found != 0
    both = int(np.count_nonzero(there & seen))
    return PixelScores(both, int(np.count_nonzero(seen)) - both, int(np.count_nonzero(there)) - both)


def paired(one: LabelImage, other: LabelImage) -> NDArray[np.bool_]:
    """Find the pixels of the class of pairs: of objects that have a partner of the same id in another structure.

    Parameters
    ----------
    one, other : (...) integer arrays
        Labels of two structures, such as nuclei and Golgi, of one shape.

    Returns
    -------
    (...) bool array
        True in either of a pair.
    """
    common = np.intersect1d(one[one > 0], other[other > 0])
    return np.asarray(np.isin(one, common) | np.isin(other, common))


def aggregated_jaccard(shared: Overlaps, rule: Literal["kumar", "cellpose"] = "kumar") -> float:
    """Compute the aggregated Jaccard index: shared pixels of matched objects over pixels of all.

    Kumar and others [1]_ give every true object the found one of the greatest IoU, which may serve several, and divide
    by the unions of these pairs and the pixels of all objects in none. `cellpose.metrics.aggregated_jaccard_index`
    pairs objects one to one and divides by the pixels of any object, which are never more.

    Parameters
    ----------
    shared : Overlaps
        Of two annotations of an image, whose objects do not overlap each other.
    rule : {"kumar", "cellpose"}
        Which of the two.

    Returns
    -------
    float
        0 to 1; 1 of an image without objects in which none are found.

    References
    ----------
    .. [1] Kumar, N. et al. (2017). A dataset and a technique for generalized nuclear segmentation for computational
       pathology. IEEE Transactions on Medical Imaging 36(7).
    """
    pixels = int(shared.truth_sizes.sum() + shared.found_sizes.sum())
    if not pixels:
        return 1.0
    if rule == "kumar":
        rows = _best(shared)
        lone = np.delete(shared.truth_sizes, shared.truth[rows]).sum()
        lone += np.delete(shared.found_sizes, shared.found[rows]).sum()
        return float(shared.shared[rows].sum() / (shared.union[rows].sum() + lone))
    if rule != "cellpose":
        raise InputError(f"the rule of the aggregated Jaccard index must be 'kumar' or 'cellpose', got {rule!r}")
    few = max(1, min(len(shared.truth_ids), len(shared.found_ids)))
    rows = heaviest(shared.truth, shared.found, (shared.iou >= 0.5) + shared.iou / (2 * few))
    return float(shared.shared[rows].sum() / (pixels - shared.shared.sum()))


def _best(shared: Overlaps) -> Whole:
    """Row of the found object of the greatest IoU, for each true object that has any; the first of equals."""
    order = np.lexsort((shared.found, -shared.iou, shared.truth))
    _, first = np.unique(shared.truth[order], return_index=True)
    rows: Whole = order[first]
    return rows
