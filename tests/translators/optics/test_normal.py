"""Normal numbers by inversion."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from cellsim.seeds import stream
from cellsim.translators.optics.normal import _invert, _log, normal_numbers
from tests.statistics import assert_mean, assert_same_distribution, assert_variance


def test_the_inverse_is_that_of_the_normal_law() -> None:
    edge = 2**31
    words = np.unique(np.r_[np.linspace(-edge, edge - 1, 100_001), np.arange(-99, 99), edge - 1 - np.arange(999)])
    words = np.r_[words.astype(np.int64), -1 - words.astype(np.int64)]
    upper = np.abs(words + 0.5) / edge  # |x|
    expected = np.sign(words + 0.5) * stats.norm.isf((1 - upper) / 2)
    found = _invert(words.astype(np.int32))
    np.testing.assert_allclose(found, expected, atol=2e-6)
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(found, expected * (1 + 2e-6), atol=2e-6)


def test_the_logarithm_is_right_over_all_magnitudes() -> None:
    x = np.geomspace(2.0**-33, 1.0, 5001).astype(np.float32)
    np.testing.assert_allclose([_log(value) for value in x], np.log(x.astype(np.float64)), rtol=3e-7, atol=1e-7)


def test_numbers_are_standard_normal() -> None:
    z = normal_numbers((500, 400), stream(0, 0, "normal"))
    assert z.dtype == np.float32
    assert z.shape == (500, 400)
    assert_same_distribution(z.ravel(), stats.norm.cdf)
    assert_mean(z, 0.0)
    assert_variance(z, 1.0)
    assert_mean(z.astype(np.float64) ** 4, 3.0)
    assert_mean(z[:, 1:] * z[:, :-1], 0.0)
    with pytest.raises(AssertionError):
        assert_variance(1.01 * z, 1.0)


def test_the_tails_are_as_heavy_as_they_should_be() -> None:
    z = normal_numbers((4_000_000,), stream(1, 0, "normal"))
    for bound in (-4.0, -3.0, 3.5, 4.2):
        beyond = int((z < bound).sum() if bound < 0 else (z > bound).sum())
        law = stats.binom(z.size, stats.norm.sf(abs(bound)))
        assert law.ppf(1e-6) <= beyond <= law.isf(1e-6)
        assert not law.ppf(1e-6) <= beyond * 0.4 <= law.isf(1e-6)
