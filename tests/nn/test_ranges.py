"""Ranges of grey levels: there and back."""

from __future__ import annotations

import numpy as np
import pytest

from cellsim.errors import InputError
from cellsim.nn.ranges import Ranges

RANGES = Ranges((0.1, 0.0), (0.6, 1.0))


def test_the_ends_become_minus_one_and_one_and_come_back() -> None:
    image = np.array([[[0.1, 0.35, 0.6]], [[0.0, 0.5, 1.0]]], np.float32)
    there = RANGES.normalised(image)
    np.testing.assert_allclose(there, [[[-1, 0, 1]], [[-1, 0, 1]]], atol=1e-6)
    np.testing.assert_allclose(RANGES.restored(there), image, atol=1e-6)
    assert there.dtype == RANGES.restored(there).dtype == np.float32


def test_what_lies_outside_is_cut_on_both_ways() -> None:
    image = np.array([[[0.0, 0.9]], [[-3.0, 3.0]]], np.float32)
    np.testing.assert_array_equal(RANGES.normalised(image), [[[-1, 1]], [[-1, 1]]])
    np.testing.assert_allclose(RANGES.restored(image * 9 - 4), [[[0.1, 0.6]], [[0, 1]]], atol=1e-6)


def test_a_range_is_measured_between_percentiles() -> None:
    counts = np.zeros((2, 256), np.int64)
    counts[0, [10, 20, 30, 200]] = [5, 900, 90, 5]
    counts[1, [0, 255]] = 500
    whole = Ranges.measured(counts, (0, 100))
    assert whole == Ranges((10 / 255, 0.0), (200 / 255, 1.0))
    assert Ranges.measured(counts, (1, 99)) == Ranges((20 / 255, 0.0), (30 / 255, 1.0))


def test_levels_of_16_bits_are_shares_of_their_largest() -> None:
    counts = np.zeros((1, 65536), np.int64)
    counts[0, [100, 4095]] = 1
    assert Ranges.measured(counts, (0, 100)) == Ranges((100 / 65535,), (4095 / 65535,))


def test_a_single_level_is_no_range() -> None:
    counts = np.zeros((1, 256), np.int64)
    counts[0, 7] = 9
    with pytest.raises(InputError, match="channel 0 has a single grey level, 7, between the percentiles 0 and 100"):
        Ranges.measured(counts, (0, 100))
    with pytest.raises(ValueError, match="low must be < high"):
        Ranges((0.5,), (0.5,))
