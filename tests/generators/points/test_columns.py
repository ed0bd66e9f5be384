"""Columns: uniform points in order; the lowest of all near ones against all pairs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import pdist, squareform

from cellsim.generators.points.columns import lowest_within, uniform_columns
from tests.statistics import assert_mean, assert_same_distribution

BOXES = st.one_of(st.tuples(*[st.floats(1, 40)] * 2), st.tuples(*[st.floats(1, 40)] * 3))
REACHES = st.floats(0.01, 15)


@given(box=BOXES, n=st.integers(0, 80), reach=REACHES, seed=st.integers(0, 1000))
def test_points_stand_in_their_columns_by_x(box: tuple[float, ...], n: int, reach: float, seed: int) -> None:
    points, start, dims = uniform_columns(np.array(box), n, reach, np.random.default_rng(seed))
    size = np.array([0.0] * (3 - len(box)) + list(box))
    assert points.shape == (n, 3)
    assert (points >= 0).all()
    assert (points <= size).all()
    assert start[0] == 0
    assert start[-1] == n
    assert len(start) == dims.prod() + 1 <= max(n, 1) + 1
    width = size[:2] / dims
    assert all(w >= reach * (1 - 1e-9) for w, k in zip(width, dims, strict=True) if k > 1)
    for c in range(dims.prod()):
        column = points[start[c] : start[c + 1]]
        assert (np.diff(column[:, 2]) >= 0).all()
        low = np.array(np.unravel_index(c, dims)) * width
        assert (column[:, :2] >= low - 1e-9).all()
        assert (column[:, :2] <= low + width + 1e-9).all()


@pytest.mark.parametrize("box", [(20.0, 30.0), (9.0, 12.0, 10.0)])
def test_points_are_uniform_and_independent(box: tuple[float, ...]) -> None:
    ndim = len(box)
    drawn = [
        uniform_columns(np.array(box), 40, 2.5, np.random.default_rng(i)).points[:, -ndim:] / box for i in range(500)
    ]
    for at in np.concatenate(drawn).T:
        assert_same_distribution(at, lambda u: np.clip(u, 0, 1))
        with pytest.raises(AssertionError):
            assert_same_distribution(at**1.1, lambda u: np.clip(u, 0, 1))
    low = np.array([[(points < 0.3).all(axis=1).sum(), (points > 0.6).all(axis=1).sum()] for points in drawn])
    assert_mean(low[:, 0], 40 * 0.3**ndim)
    assert_mean((low[:, 0] - low[:, 0].mean()) * (low[:, 1] - low[:, 1].mean()), -40 * 0.3**ndim * 0.4**ndim)
    assert_mean(low[:, 0] * (low[:, 0] - 1), 40 * 39 * 0.3 ** (2 * ndim))
    with pytest.raises(AssertionError):
        assert_mean(low[:, 0] * (low[:, 0] - 1), 1.5 * 40 * 39 * 0.3 ** (2 * ndim))


@given(box=BOXES, n=st.integers(2, 80), reach=REACHES, levels=st.integers(1, 100), seed=st.integers(0, 1000))
def test_the_lowest_are_those_of_all_pairs(
    box: tuple[float, ...], n: int, reach: float, levels: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    points, start, dims = uniform_columns(np.array(box), n, reach, rng)
    marks = np.floor(levels * rng.random(n))
    rivals = (squareform(pdist(points)) < reach) & ~np.eye(n, dtype=bool) & (marks <= marks[:, np.newaxis])
    np.testing.assert_array_equal(lowest_within(points, start, dims, marks, reach), ~rivals.any(axis=1))
