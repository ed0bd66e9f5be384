"""Streams: named by seed, index and stage, and by nothing else."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellsim.seeds import stream
from tests.statistics import assert_mean, assert_same_distribution


@given(seed=st.integers(0, 2**70), index=st.integers(0, 2**40), stage=st.text(max_size=20))
def test_the_same_address_gives_the_same_numbers(seed: int, index: int, stage: str) -> None:
    np.testing.assert_array_equal(stream(seed, index, stage).random(3), stream(seed, index, stage).random(3))


def test_addresses_that_differ_give_other_numbers() -> None:
    stages = ("generator", "rcm", "detector", "detector-2", "generator.seeds.density")
    firsts = {stream(*address).random() for address in product((0, 1, 2), (0, 1, 2), stages)}
    assert len(firsts) == 3 * 3 * len(stages)


def test_the_first_numbers_never_change() -> None:
    np.testing.assert_array_equal(stream(0, 0, "generator").integers(0, 1000, 4), [313, 854, 37, 798])
    np.testing.assert_array_equal(stream(7, 3, "detector-2").integers(0, 1000, 4), [537, 547, 310, 437])


def test_neighbouring_indices_are_independent() -> None:
    first = np.array([stream(0, i, "generator").random() for i in range(4000)])
    assert_same_distribution(first, lambda u: np.clip(u, 0, 1))
    product_of_neighbours = (first[1:] - 0.5) * (first[:-1] - 0.5)
    assert_mean(product_of_neighbours, 0.0)
    with pytest.raises(AssertionError):
        assert_mean(product_of_neighbours, 0.1 / 12)


@pytest.mark.parametrize(("seed", "index"), [(-1, 0), (0, -1)])
def test_negative_addresses_are_refused(seed: int, index: int) -> None:
    with pytest.raises(ValueError, match=f"seed and index must be >= 0, got seed {seed} and index {index}"):
        stream(seed, index, "generator")
