"""The forms of single masks, as points in a space where sets of them can be compared."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cellsim.evaluate.convexity import solidity
from cellsim.evaluate.morphology import morphology

Floats = NDArray[np.float64]

FORMS = ("log area", "log elongation", "roughness", "solidity")


def single_forms(masks: NDArray[np.bool_]) -> Floats:
    """Measure masks of one object each.

    Parameters
    ----------
    masks : (N, Y, X) bool array
        Each with a pixel or more.

    Returns
    -------
    (M, 4) float64 array
        `FORMS` of each, areas in px; M <= N, as the form of fewer than 20 pixels is not measured.
    """
    n, height, width = masks.shape
    if n == 0:
        return np.zeros((0, len(FORMS)))
    labels = (masks * np.arange(1, n + 1)[:, np.newaxis, np.newaxis]).reshape(n * height, width)
    forms = morphology(labels, (1.0, 1.0))
    found = np.stack([np.log(forms.area), np.log(forms.elongation), forms.roughness, solidity(labels)], axis=1)
    return np.asarray(found[np.isfinite(found).all(axis=1)])
