"""Single objects: cut out, cropped, turned."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from cellsim.masks.crops import tight, turned, whole_objects
from tests.strategies import masks


def ellipse(a: float, b: float) -> NDArray[np.bool_]:
    y, x = np.indices((2 * math.ceil(a) + 1, 2 * math.ceil(b) + 1))
    return ((y - math.ceil(a)) / a) ** 2 + ((x - math.ceil(b)) / b) ** 2 <= 1


@given(mask=masks(2), around=st.tuples(*[st.integers(0, 3)] * 4))
def test_tight_undoes_padding(mask: NDArray[np.bool_], around: tuple[int, ...]) -> None:
    padded = np.pad(mask, (around[:2], around[2:]))
    padded.flags.writeable = False
    cropped = tight(padded)
    np.testing.assert_array_equal(cropped, tight(mask))
    assert cropped.sum() == mask.sum()
    assert cropped.size == 0 or all(np.take(cropped, i, axis).any() for axis in (0, 1) for i in (0, -1))


def test_tight_crops_in_3d() -> None:
    mask = np.zeros((4, 5, 6), np.bool_)
    mask[1, 2, 3] = mask[2, 4, 3] = True
    np.testing.assert_array_equal(tight(mask)[..., 0], [[1, 0, 0], [0, 0, 1]])


def test_nothing_crops_to_nothing() -> None:
    assert tight(np.zeros((3, 4), np.bool_)).shape == (0, 0)


def test_objects_at_the_border_are_not_whole() -> None:
    labels = np.zeros((8, 8), np.uint16)
    labels[0, 3], labels[7, 3], labels[3, 0], labels[3, 7] = 1, 2, 3, 4
    labels[1:3, 1:3], labels[6, 4:7] = 5, 9
    labels[2, 2] = 0
    found = list(whole_objects(labels))
    assert len(found) == 2
    np.testing.assert_array_equal(found[0], [[1, 1], [1, 0]])
    np.testing.assert_array_equal(found[1], [[1, 1, 1]])


def test_an_object_is_cut_out_without_its_neighbours() -> None:
    labels = np.pad(np.array([[1, 1, 2], [1, 2, 2]], np.uint16), 1)
    np.testing.assert_array_equal(next(whole_objects(labels)), [[1, 1], [1, 0]])


def test_whole_objects_of_a_volume_touch_no_face() -> None:
    labels = np.zeros((3, 5, 5), np.uint16)
    labels[0:2, 2, 2], labels[1, 1, 1:3] = 1, 2
    assert [crop.shape for crop in whole_objects(labels)] == [(1, 1, 2)]


@given(mask=masks(2, largest=40), quarters=st.integers(-4, 4))
def test_a_quarter_turn_is_exact(mask: NDArray[np.bool_], quarters: int) -> None:
    mask.flags.writeable = False
    found = turned(mask, quarters * math.pi / 2, (1.0, 1.0))
    np.testing.assert_array_equal(found, tight(np.rot90(mask, quarters)))


@given(mask=masks(2))
def test_a_mirror_image_is_exact(mask: NDArray[np.bool_]) -> None:
    np.testing.assert_array_equal(turned(mask, 0.0, (1.0, 1.0), mirror=True), tight(mask[:, ::-1]))


def test_a_turn_goes_from_y_to_x_and_after_the_scale() -> None:
    bar = np.ones((12, 2), np.bool_)
    assert turned(bar, 0.0, (2.0, 1.0)).shape == (24, 2)
    assert turned(bar, math.pi / 2, (2.0, 1.0)).shape == (2, 24)
    leaning = turned(np.ones((21, 3), np.bool_), math.radians(30), (1.0, 1.0))
    y, x = np.nonzero(leaning)
    assert np.cov(y, x)[0, 1] > 0  # the axis (cos, sin) leans towards +y, +x


@given(angle=st.floats(0, 2 * math.pi), scale=st.tuples(*[st.floats(0.7, 2.0)] * 2), mirror=st.booleans())
def test_area_follows_the_scale_at_any_angle(angle: float, scale: tuple[float, float], mirror: bool) -> None:
    mask = ellipse(12, 8)
    found = turned(mask, angle, scale, mirror)
    assert found.sum() == pytest.approx(mask.sum() * scale[0] * scale[1], rel=0.04)


def test_what_is_scaled_to_less_than_a_pixel_may_vanish() -> None:
    assert turned(np.ones((4, 4), np.bool_), 0.3, (0.05, 0.05)).shape in {(0, 0), (1, 1)}
