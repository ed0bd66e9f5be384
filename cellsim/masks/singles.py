"""Whether a mask is one clean object."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from cellsim.masks.pieces import survey

AROUND = np.ones((3, 3), np.bool_)  # a background that meets at corners is connected where objects are not


def is_single(mask: NDArray[np.bool_], whole: bool = True) -> bool:
    """Tell whether a mask is one object: a single piece without holes.

    Parameters
    ----------
    mask : (Y, X) bool array
        C-contiguous.
    whole : bool
        Whether an object that touches the border of the window is refused, for it may be cut.

    Returns
    -------
    bool
        False for an empty mask too.
    """
    in_a_glance, _, high = survey(mask[np.newaxis])
    if high[2] == 0 or (whole and (mask[[0, -1]].any() or mask[:, [0, -1]].any())):
        return False
    if in_a_glance:  # one run in each row: no room for a hole
        return True
    background = np.pad(~mask, 1, constant_values=True)
    pieces, outside = ndimage.label(mask)[1], ndimage.label(background, AROUND)[1]
    return bool(pieces == 1 and outside == 1)
