"""Which points lie in a box."""

from __future__ import annotations

import numpy as np
import pytest

from cellsim.generators.points.window import seen


@pytest.mark.parametrize("ndim", [2, 3])
def test_points_in_the_box_are_found_in_their_order(ndim: int) -> None:
    size = np.array([3.0, 5.0, 4.0])[:ndim]
    centres = np.random.default_rng(0).uniform(-1, 6, (500, ndim))
    expected = np.flatnonzero(((centres >= 0) & (centres < size)).all(axis=1))
    assert 0 < len(expected) < 500
    np.testing.assert_array_equal(seen(centres, size), expected)


def test_the_lower_faces_belong_to_the_box_and_the_upper_do_not() -> None:
    centres = np.array([[0.0, 0.0], [1.0, 0.5], [0.5, 2.0], [-1e-12, 1.0]])
    assert seen(centres, np.array([1.0, 2.0])).tolist() == [0]


def test_without_points_there_are_none() -> None:
    assert len(seen(np.empty((0, 2)), np.ones(2))) == 0
