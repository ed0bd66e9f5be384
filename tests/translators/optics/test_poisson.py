"""Photon counts follow the law of Poisson at every mean."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from cellsim.seeds import stream
from cellsim.translators.optics.poisson import EXPONENTIAL, _alias_table, _draw, photon_counts
from tests.statistics import assert_mean, assert_variance, assert_whole_numbers_follow

N = 200_000


def draw(mean: float, n: int = N) -> np.ndarray:
    return photon_counts(np.full(n, mean, np.float32), stream(0, 0, f"photons {mean}"))


@pytest.mark.parametrize("mean", [0.3, 0.999, 4.5, 12.2, 63.9, 127.0, 127.5, 128.5, 1000.0, 1e5, 1e6])
def test_counts_follow_poissons_law(mean: float) -> None:
    counts = draw(mean)
    law = float(np.float32(mean))
    assert_whole_numbers_follow(counts, stats.poisson(law))
    assert_mean(counts, law)
    assert_variance(counts, law)
    with pytest.raises(AssertionError):
        assert_whole_numbers_follow(counts, stats.poisson(law * (1 + 0.03 / min(law, 9) ** 0.5)))
    with pytest.raises(AssertionError):  # a law of the right mean that is too wide
        assert_variance(counts, 1.05 * law)


def test_the_tails_of_small_means_follow_poissons_law() -> None:
    counts = draw(0.9, 2_000_000)
    assert_whole_numbers_follow(counts, stats.poisson(float(np.float32(0.9))))
    assert counts.max() >= 8  # beyond the terms without a branch


def test_neighbouring_pixels_are_independent() -> None:
    counts = draw(3.7)
    product = (counts[1:] - 3.7) * (counts[:-1] - 3.7)
    assert_mean(product, 0.0)
    with pytest.raises(AssertionError):
        assert_mean(product + 0.02 * 3.7, 0.0)


def test_the_exponential_is_right_and_one_at_zero() -> None:
    m = np.linspace(0, 1, 1001)
    found = np.polyval(EXPONENTIAL, m)
    np.testing.assert_allclose(found, np.exp(-m), atol=1.3e-7)
    assert found[0] == 1


def test_in_the_dark_nothing_is_counted() -> None:
    most = np.full((2, 100), np.uint32(2**32 - 1))
    dark = np.zeros(100, np.float32)
    assert not _draw(dark, most, _alias_table().ravel(), stream(0, 0, "dark")).any()  # the greatest of all words
    assert not draw(0.0, 1_000_000).any()


def test_every_pixel_has_its_own_mean() -> None:
    expected = np.array([[0.0, 500.0, -3.0], [0.0, 60.0, 0.0]], np.float32)
    counts = photon_counts(expected, stream(0, 0, "photons"))
    assert counts.dtype == np.float32
    assert counts.shape == expected.shape
    np.testing.assert_array_equal(counts > 0, expected > 0)
    np.testing.assert_allclose(counts, np.maximum(expected, 0), atol=120)


def test_an_image_that_is_no_run_of_memory_is_counted_in_its_order() -> None:
    expected = np.linspace(0, 300, 24, dtype=np.float32).reshape(4, 6)
    turned = np.ascontiguousarray(expected.T).T
    turned.flags.writeable = False
    np.testing.assert_array_equal(
        photon_counts(expected, stream(0, 0, "photons")), photon_counts(turned, stream(0, 0, "photons"))
    )


def test_the_tables_hold_poissons_law() -> None:
    """Unpack them: a column is kept with its chance, else it is the other."""
    table = _alias_table()
    keep, other = (table >> 8) / 2**24, table & 0xFF
    for mean in (0, 1, 17, 127):
        chance = keep[mean].copy()
        np.add.at(chance, other[mean], 1 - keep[mean])
        np.testing.assert_allclose(chance / 256, stats.poisson(mean).pmf(np.arange(256)), atol=2e-7)
