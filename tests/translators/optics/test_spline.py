"""Cubic B-splines against SciPy's, and gathering against spreading."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import BSpline

from cellsim.translators.optics.spline import gather, mirrored, spline_weights, spread


@given(at=st.lists(st.floats(-20, 20), min_size=1, max_size=20))
def test_weights_are_those_of_the_spline(at: list[float]) -> None:
    positions = np.array(at)
    nodes, weights = spline_weights(positions)
    spline = BSpline.basis_element([-2, -1, 0, 1, 2], extrapolate=False)
    np.testing.assert_allclose(weights, np.nan_to_num(spline(positions[:, np.newaxis] - nodes)), atol=1e-6)
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose((weights * nodes).sum(axis=1), positions, atol=1e-5)  # straight lines stay straight


def test_indices_are_mirrored_as_often_as_need_be() -> None:
    np.testing.assert_array_equal(mirrored(np.arange(-7, 10), 3), [0, 0, 1, 2, 2, 1, 0, 0, 1, 2, 2, 1, 0, 0, 1, 2, 2])
    np.testing.assert_array_equal(mirrored(np.arange(-3, 4), 1), np.zeros(7))


@given(
    shape=st.one_of(st.tuples(*[st.integers(1, 7)] * 2), st.tuples(*[st.integers(1, 5)] * 3)),
    axis=st.integers(0, 2),
    seed=st.integers(0, 99),
)
def test_gathering_weighs_nodes_and_spreading_is_its_transpose(shape: tuple[int, ...], axis: int, seed: int) -> None:
    rng, axis = np.random.default_rng(seed), min(axis, len(shape) - 1)
    nodes, weights = spline_weights(rng.uniform(-1, shape[axis], 6))
    nodes = mirrored(nodes, shape[axis])
    nodes[-1, -1] = shape[axis] - 1  # so that `spread` knows of the last node
    matrix = np.zeros((6, shape[axis]), np.float32)
    np.add.at(matrix, (np.arange(6)[:, np.newaxis], nodes), weights)
    values = rng.random(shape, dtype=np.float32)
    gathered = gather(values, axis, nodes, weights)
    np.testing.assert_allclose(gathered, np.moveaxis(np.tensordot(matrix, values, (1, axis)), 0, axis), atol=1e-6)
    back = spread(gathered, axis, nodes, weights)
    np.testing.assert_allclose(back, np.moveaxis(np.tensordot(matrix.T, gathered, (1, axis)), 0, axis), atol=1e-5)
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(gather(values, axis, nodes, 1.01 * weights), gathered, rtol=1e-5)
