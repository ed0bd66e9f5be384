"""Brightness of objects, and several label planes in one image."""

from __future__ import annotations

import numpy as np
import pytest

from cellsim.seeds import stream
from cellsim.translators.optics.painting import lognormal_levels, mean_over_planes
from tests.statistics import assert_mean, assert_variance


def test_levels_are_lognormal_about_their_median() -> None:
    labels = np.array([[[0, 4000]]], np.uint16)
    levels = lognormal_levels(labels, 0.4, 0.3, stream(0, 0, "levels"))
    assert levels.dtype == np.float32
    assert levels[0] == 0
    assert_mean(np.log(levels[1:]), np.log(0.4))
    assert_variance(np.log(levels[1:]), 0.3**2)
    with pytest.raises(AssertionError):
        assert_variance(np.log(levels[1:]), 0.34**2)


def test_without_objects_there_is_one_level() -> None:
    assert lognormal_levels(np.zeros((2, 3, 3), np.uint16), 0.5, 0.2, stream(0, 0, "levels")).tolist() == [0]


def test_where_planes_overlap_the_mean_is_seen() -> None:
    labels = np.array([[[1, 1, 0, 0]], [[0, 2, 2, 0]], [[0, 3, 0, 0]]], np.uint16)
    values = np.array([[[0.2, 0.2, 0, 0]], [[0, 0.5, 0.5, 0]], [[0, 0.8, 0, 0]]], np.float32)
    image = mean_over_planes(values, labels)
    assert image.dtype == np.float32
    np.testing.assert_allclose(image, [[0.2, 0.5, 0.5, 0]], rtol=1e-6)
    np.testing.assert_array_equal(mean_over_planes(values[:1], labels[:1]), values[0])
