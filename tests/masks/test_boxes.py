"""Bounding boxes, against SciPy's."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from cellsim.masks.boxes import bounding_boxes


def test_boxes_are_those_of_scipy() -> None:
    rng = np.random.default_rng(0)
    for shape in ((1, 20, 31), (6, 9, 11)):
        labels = rng.integers(1, 9, shape) * (rng.random(shape) < 0.02)
        found = bounding_boxes(labels, 9)
        for i, box in enumerate(ndimage.find_objects(labels, 9)):
            expected = [[s.start, s.stop] for s in box] if box else [[0, 0]] * 3
            np.testing.assert_array_equal(found[i], expected)
