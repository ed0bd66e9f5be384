"""Lines along an axis."""

from __future__ import annotations

import numpy as np
import pytest

from cellsim.translators.optics.lines import from_lines, to_lines


@pytest.mark.parametrize(("shape", "axis"), [((5,), 0), ((4, 5), 0), ((4, 5), 1), ((2, 4, 5), 1), ((3, 2, 4, 5), 3)])
def test_lines_run_along_the_axis_and_turn_back(shape: tuple[int, ...], axis: int) -> None:
    array = np.arange(np.prod(shape)).reshape(shape)
    lines = to_lines(array, axis)
    assert lines.ndim == 3
    assert lines.shape[1] == shape[axis]
    assert lines.flags.c_contiguous
    one = np.moveaxis(array, axis, -1).reshape(-1, shape[axis])
    np.testing.assert_array_equal(
        np.sort(lines.transpose(0, 2, 1).reshape(-1, shape[axis]), axis=0), np.sort(one, axis=0)
    )
    np.testing.assert_array_equal(from_lines(lines, shape, axis), array)


def test_an_axis_may_have_got_another_length() -> None:
    array = np.arange(24).reshape(2, 3, 4)
    for axis in range(3):
        expected = np.repeat(array, 2, axis)
        np.testing.assert_array_equal(from_lines(to_lines(array, axis).repeat(2, axis=1), array.shape, axis), expected)
