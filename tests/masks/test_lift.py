"""2D seen as 3D with one plane."""

from __future__ import annotations

import numpy as np
import pytest

from cellsim.masks.lift import lift, lift_image


def test_points_get_leading_axes() -> None:
    np.testing.assert_array_equal(lift([[1, 2], [3, 4]], 0.0), [[0, 1, 2], [0, 3, 4]])
    np.testing.assert_array_equal(lift([5.0], 1.0), [1, 1, 5])
    np.testing.assert_array_equal(lift((1, 2, 3), 9.0), [1, 2, 3])
    assert lift(np.zeros((0, 2)), 0.0).shape == (0, 3)


def test_lifted_points_are_contiguous_floats_of_their_own() -> None:
    points = np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3))
    lifted = lift(points, 0.0)
    assert lifted.dtype == np.float64
    assert lifted.flags.c_contiguous
    assert not np.shares_memory(lifted, points)


@pytest.mark.parametrize(("shape", "lifted"), [((4,), (1, 1, 4)), ((3, 4), (1, 3, 4)), ((2, 3, 4), (2, 3, 4))])
def test_a_lifted_image_is_a_view_of_three_axes(shape: tuple[int, ...], lifted: tuple[int, ...]) -> None:
    image = np.zeros(shape, np.uint16)
    view = lift_image(image)
    assert view.shape == lifted
    view[0, 0, 0] = 7
    assert image.ravel()[0] == 7
