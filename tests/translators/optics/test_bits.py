"""Random words: SplitMix64 as published, started anywhere by the stream."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from cellsim.seeds import stream
from cellsim.translators.optics.bits import random_word, random_words
from tests.statistics import assert_mean, assert_same_distribution


def test_words_are_those_of_splitmix64() -> None:
    """The numbers that the published program gives for the seed 1234567."""
    published = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431]
    assert [int(random_word(np.uint64(1234567), i + 1)) for i in range(4)] == published


@pytest.mark.parametrize("n", [0, 1, 7, 100])
def test_there_are_as_many_words_as_asked(n: int) -> None:
    words = random_words(n, stream(0, 0, "words"))
    assert words.shape == (n,)
    assert words.dtype == np.uint32
    np.testing.assert_array_equal(words, random_words(100, stream(0, 0, "words"))[:n])


def test_the_next_words_are_others() -> None:
    rng = stream(0, 0, "words")
    assert not np.isin(random_words(1000, rng), random_words(1000, rng)).any()


def test_words_are_uniform_and_independent() -> None:
    u = random_words(200_000, stream(1, 0, "words")) / 2.0**32
    assert_same_distribution(u, stats.uniform.cdf)
    for lag in (1, 2, 7):
        product = (u[lag:] - 0.5) * (u[:-lag] - 0.5)
        assert_mean(product, 0.0)
        with pytest.raises(AssertionError):
            assert_mean(product + 0.02 / 12, 0.0)


def test_every_bit_is_fair() -> None:
    words = random_words(100_000, stream(2, 0, "words"))
    for bit in range(32):
        assert_mean((words >> np.uint32(bit)) & 1, 0.5)
