"""Disks and balls against all distances."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellsim.masks.balls import fill_balls
from cellsim.sample import Canvas
from tests.strategies import canvases


@given(data=st.data(), ndim=st.sampled_from([2, 3]))
def test_balls_are_all_pixels_nearer_than_their_radius(data: st.DataObject, ndim: int) -> None:
    canvas = data.draw(canvases(ndim, 12))
    rng = np.random.default_rng(data.draw(st.integers(0, 999)))
    centres, radii = (2 * rng.random((3, ndim)) - 0.5) * canvas.size, rng.uniform(0.01, 8, 3)
    at = (np.indices(canvas.shape).reshape(ndim, -1).T + 0.5) * canvas.spacing
    near = np.linalg.norm(at[:, None] - centres, axis=2) <= radii
    own = (np.floor(at / canvas.spacing)[:, None] == np.floor(centres / canvas.spacing)).all(axis=2)
    expected = (near | own).any(axis=1).reshape(canvas.shape)
    np.testing.assert_array_equal(fill_balls(centres, radii, canvas), expected)


@pytest.mark.parametrize("ndim", [2, 3])
def test_no_balls_cover_nothing(ndim: int) -> None:
    canvas = Canvas(shape=(4,) * ndim, spacing=(1.0,) * ndim)
    assert not fill_balls(np.zeros((0, ndim)), np.zeros(0), canvas).any()
