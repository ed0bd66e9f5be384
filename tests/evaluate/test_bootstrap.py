"""Halves of data sets: sizes, parents, and how wide the intervals are."""

from __future__ import annotations

import numpy as np
import pytest

from cellsim.evaluate.bootstrap import draw_halves, interval


def test_halves_are_of_one_size_and_apart() -> None:
    halves = draw_halves(np.arange(41), np.arange(30), draws=25)
    assert halves.rest is not None
    assert halves.real.shape == halves.rest.shape == halves.synthetic.shape == (25, 15)
    for one, other in zip(halves.real, halves.rest, strict=True):
        assert len(set(one) | set(other)) == 30
    assert {len(set(row)) for row in halves.synthetic} == {15}
    assert len({tuple(row) for row in halves.real}) == 25


def test_tiles_of_one_field_are_never_in_both_halves() -> None:
    parents = np.repeat(np.arange(9), [4, 9, 2, 6, 4, 9, 1, 3, 5])
    halves = draw_halves(parents, np.arange(60), draws=50)
    assert halves.rest is not None
    assert halves.samples >= 15
    for one, other in zip(halves.real, halves.rest, strict=True):
        assert not set(parents[one]) & set(parents[other])


@pytest.mark.parametrize("parents", [np.zeros(40, np.int64), np.r_[np.zeros(39, np.int64), 1]])
def test_without_two_parents_there_is_no_floor(parents: np.ndarray) -> None:
    halves = draw_halves(parents, np.arange(40), draws=5)
    assert halves.rest is None
    assert halves.real.shape == halves.synthetic.shape == (5, 20)


def test_every_sample_is_drawn_about_as_often() -> None:
    halves = draw_halves(np.repeat(np.arange(10), 4), np.repeat(np.arange(20), 2), draws=400)
    for rows in (halves.real, halves.rest, halves.synthetic):
        counts = np.bincount(np.asarray(rows).ravel(), minlength=40)
        assert counts.min() > 130
        assert counts.max() < 270


def test_of_a_larger_set_all_samples_are_drawn_alike() -> None:
    halves = draw_halves(np.arange(40), np.repeat(np.arange(100), 2), draws=400)
    counts = np.bincount(halves.synthetic.ravel(), minlength=200)
    assert counts.min() > 15  # 40 on average
    assert counts.max() < 70


def test_the_same_seed_draws_the_same_halves() -> None:
    one, other, third = (draw_halves(np.arange(20), np.arange(20), 3, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.real, other.real)
    assert (one.real != third.real).any()


def test_intervals_of_a_mean_hold_it_as_often_as_they_say() -> None:
    held = 0
    for seed in range(120):
        values = np.random.default_rng(seed).gamma(2, 1, 80)
        halves = draw_halves(np.arange(80), np.arange(80), 100, seed)
        found = interval([float(values[row].mean()) for row in halves.real])
        held += found.low <= 2 <= found.high
    assert 0.88 <= held / 120 <= 0.99


def test_intervals_keep_parents_together() -> None:
    offsets = np.random.default_rng(0).standard_normal(20)
    parents = np.repeat(np.arange(20), 10)
    values = offsets[parents]
    wide, narrow = (draw_halves(who, np.arange(200), 400) for who in (parents, np.arange(200)))
    spread = [np.std([values[row].mean() for row in halves.real]) for halves in (wide, narrow)]
    assert spread[0] == pytest.approx(offsets.std() / np.sqrt(20), rel=0.15)
    assert spread[1] < 0.5 * spread[0]
