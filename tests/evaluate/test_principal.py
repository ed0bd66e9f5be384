"""Principal axes: what they keep, and what they still see."""

from __future__ import annotations

import numpy as np
import pytest

from cellsim.evaluate.principal import principal_axes

RNG = np.random.default_rng(5)


def test_shifting_every_feature_by_its_spread_is_a_length_of_one() -> None:
    real = RNG.standard_normal((400, 12)) * RNG.uniform(0.5, 2, 12) + 3
    axes = principal_axes(real, 12)
    moved = axes(real[:1] + real.std(axis=0)) - axes(real[:1])
    assert np.linalg.norm(moved[0, :-1]) == pytest.approx(1, rel=0.02)


def test_units_of_features_do_not_count() -> None:
    real = RNG.standard_normal((100, 6))
    scale = np.array([1e-3, 1, 1e3, 5, 7, 11])
    one, other = principal_axes(real, 3), principal_axes(real * scale, 3)
    np.testing.assert_allclose(np.abs(one(real)), np.abs(other(real * scale)), atol=1e-9)


def test_features_that_hardly_vary_are_not_blown_up() -> None:
    real = np.concatenate([RNG.standard_normal((50, 2)), 1 + 1e-12 * RNG.standard_normal((50, 1))], axis=1)
    assert principal_axes(real, 3).scale[2] == pytest.approx(1e-3)


def test_no_more_axes_than_asked_or_needed() -> None:
    real = RNG.standard_normal((200, 2)) @ RNG.standard_normal((2, 30))
    assert principal_axes(real, 20).axes.shape == (30, 2)
    assert principal_axes(real, 1).axes.shape == (30, 1)


def test_what_differs_beside_the_axes_is_seen() -> None:
    real = RNG.standard_normal((200, 2)) @ RNG.standard_normal((2, 30))
    real[:, 29] = 0.5  # the same in all real samples
    axes = principal_axes(real, 20)
    odd = real.copy()
    odd[:, 29] = 1.0
    assert axes(real)[:, -1].max() < 0.05
    assert axes(odd)[:, -1].min() > 0.3


def test_what_a_sample_lacks_counts_as_the_mean() -> None:
    real = RNG.standard_normal((50, 4))
    real[::7, 2] = np.nan
    real[:, 3] = np.nan
    axes = principal_axes(real, 3)
    filled = real.copy()
    filled[::7, 2], filled[:, 3] = np.nanmean(real[:, 2]), 0
    np.testing.assert_allclose(axes(real), axes(filled), atol=1e-9)
    assert np.isfinite(axes(real)).all()


def test_one_odd_sample_is_drawn_in_and_stays_the_farthest() -> None:
    real = RNG.standard_normal((100, 1))
    axes = principal_axes(real, 1)
    places = np.abs(axes(np.array([[3.0], [30.0], [300.0]]))[:, 0])
    assert places[0] < places[1] < places[2] < 20


def test_samples_that_are_all_alike_have_axes_too() -> None:
    axes = principal_axes(np.ones((10, 3)), 2)
    assert np.isfinite(axes(np.array([[1.0, 1, 1], [2, 1, 1]]))).all()
