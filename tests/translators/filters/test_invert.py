"""Bright for dark."""

from __future__ import annotations

import numpy as np
import pytest

from cellsim.seeds import stream
from cellsim.translators.filters.invert import Invert
from tests.translators.filters.samples import blank, filtered


def test_bright_becomes_dark() -> None:
    np.testing.assert_allclose(filtered(Invert(), [[0, 0.25, 1]]), [[1, 0.75, 0]])


def test_twice_is_the_image_itself() -> None:
    image = np.random.default_rng(0).random((3, 5, 7), np.float32)
    np.testing.assert_allclose(filtered(Invert(), filtered(Invert(), image)), image, atol=1e-7)


def test_the_result_is_cut_to_full_scale() -> None:
    np.testing.assert_array_equal(filtered(Invert(), [[-0.5, 1.5]]), [[1, 0]])


def test_a_sample_without_an_image_is_refused() -> None:
    with pytest.raises(ValueError, match="invert needs an image"):
        Invert()(blank(), stream(0, 0, "x"))
