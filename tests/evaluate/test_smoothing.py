"""Filters against those of SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, gaussian_gradient_magnitude

from cellsim.evaluate.smoothing import CHUNK, gaussian, gradient_magnitude


@pytest.mark.parametrize("shape", [(40, 50), (7, 20, 30), (3, 2 * CHUNK + 17), (9, 8), (3, 5)])
@pytest.mark.parametrize("sd", [0.7, 1.5, 2.2])
def test_filters_are_those_of_scipy(shape: tuple[int, ...], sd: float) -> None:
    image = np.random.default_rng(0).random(shape)
    np.testing.assert_allclose(gaussian(image, sd), gaussian_filter(image, sd), rtol=1e-12)
    np.testing.assert_allclose(gradient_magnitude(image, sd), gaussian_gradient_magnitude(image, sd), rtol=1e-9)


def test_the_image_is_not_written_to() -> None:
    image = np.random.default_rng(0).random((20, 20)).astype(np.float32)
    before = image.copy()
    assert gaussian(image, 1.0).dtype == np.float64
    np.testing.assert_array_equal(image, before)
