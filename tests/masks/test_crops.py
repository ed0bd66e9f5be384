"""Single objects: cut out, turned, scaled, laid in one run of memory."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from cellsim.masks.crops import Crops, mapped, whole_objects
from tests.strategies import masks

objects = masks(2).filter(lambda mask: bool(mask.any()))


def ellipse(a: float, b: float) -> NDArray[np.bool_]:
    y, x = np.indices((2 * math.ceil(a) + 1, 2 * math.ceil(b) + 1))
    return ((y - math.ceil(a)) / a) ** 2 + ((x - math.ceil(b)) / b) ** 2 <= 1


def turned(mask: NDArray[np.bool_], angle: float, scale: tuple[float, float], offset: float = 0.0) -> Crops:
    """One object, scaled and then turned; its centroid stays where it was."""
    cos, sin = math.cos(angle), math.sin(angle)
    forward = np.array([[[cos * scale[0], -sin * scale[1]], [sin * scale[0], cos * scale[1]]]])
    return mapped(Crops.from_list([mask], 2), np.zeros(1, np.int64), forward, middle(mask) + offset)


def middle(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    return (np.argwhere(mask) + 0.5).mean(axis=0)[np.newaxis]


def pixels(crops: Crops) -> set[tuple[int, ...]]:
    return {tuple(at) for at in (np.argwhere(crops.crop(0)) + crops.corner[0, 1:]).tolist()}


@given(found=st.lists(st.one_of(masks(3, 5)), max_size=6))
def test_a_list_of_windows_is_taken_apart_again(found: list[NDArray[np.bool_]]) -> None:
    crops = Crops.from_list(found, 3)
    assert len(crops) == len(found)
    for i, mask in enumerate(found):
        np.testing.assert_array_equal(crops.crop(i), mask)
    assert (crops.corner == 0).all()
    assert crops.arrays == (crops.pixels, crops.start, crops.shape, crops.corner)


def test_a_flat_object_has_two_axes_and_one_plane() -> None:
    crops = Crops.from_list([np.ones((2, 3), np.bool_)], 2)
    assert crops.crop(0).shape == (2, 3)
    assert crops.shape.tolist() == [[1, 2, 3]]


def test_objects_at_the_border_are_not_whole() -> None:
    labels = np.zeros((8, 8), np.uint16)
    labels[0, 3], labels[7, 3], labels[3, 0], labels[3, 7] = 1, 2, 3, 4
    labels[1:3, 1:3], labels[6, 4:7] = 5, 9
    labels[2, 2] = 0
    found = whole_objects(labels)
    assert len(found) == 2
    np.testing.assert_array_equal(found[0], [[1, 1], [1, 0]])
    np.testing.assert_array_equal(found[1], [[1, 1, 1]])


def test_an_object_is_cut_out_without_its_neighbours() -> None:
    labels = np.pad(np.array([[1, 1, 2], [1, 2, 2]], np.uint16), 1)
    np.testing.assert_array_equal(whole_objects(labels)[0], [[1, 1], [1, 0]])


def test_whole_objects_of_a_volume_touch_no_face() -> None:
    labels = np.zeros((3, 5, 5), np.uint16)
    labels[0:2, 2, 2], labels[1, 1, 1:3] = 1, 2
    assert [crop.shape for crop in whole_objects(labels)] == [(1, 1, 2)]


@given(mask=objects, shift=st.tuples(st.integers(-9, 9), st.integers(-9, 9)))
def test_what_is_not_turned_or_scaled_is_the_same_elsewhere(mask: NDArray[np.bool_], shift: tuple[int, int]) -> None:
    source = Crops.from_list([mask], 2)
    found = mapped(source, np.zeros(1, np.int64), np.eye(2)[np.newaxis], middle(mask) + shift)
    kept = pixels(found)
    there = {tuple(at) for at in (np.argwhere(mask) + shift).tolist()}
    assert kept <= there
    assert len(kept) == len(there) or not _in_one_piece(mask)


def _in_one_piece(mask: NDArray[np.bool_]) -> bool:
    from scipy import ndimage

    return bool(ndimage.label(mask)[1] == 1)


@pytest.mark.parametrize("quarters", [1, 2, 3, 4, -1])
def test_a_quarter_turn_is_exact(quarters: int) -> None:
    hook = np.array([[1, 1, 1], [1, 0, 0], [1, 0, 0]], np.bool_)
    hook = np.pad(np.kron(hook, np.ones((2, 2), np.bool_)), 1)  # its centroid is where four pixels meet, or in one
    hook[0, 0] = True
    hook[1, 0] = True
    found = mapped(
        Crops.from_list([hook], 2),
        np.zeros(1, np.int64),
        np.linalg.matrix_power(np.array([[0.0, -1.0], [1.0, 0.0]]), quarters % 4)[np.newaxis],
        rotated_about_zero(middle(hook), quarters),
    )
    at = np.argwhere(hook) + 0.5
    expected = {tuple(p) for p in np.floor(rotated_about_zero(at, quarters)).astype(int).tolist()}
    assert pixels(found) == expected


def rotated_about_zero(points: NDArray[np.float64], quarters: int) -> NDArray[np.float64]:
    """Turn points by right angles."""
    turn = np.linalg.matrix_power(np.array([[0.0, -1.0], [1.0, 0.0]]), quarters % 4)
    return points @ turn.T


def test_a_turn_goes_from_y_to_x_and_after_the_scale() -> None:
    bar = np.ones((12, 2), np.bool_)
    assert turned(bar, 0.0, (2.0, 1.0)).crop(0).shape == (24, 2)
    assert turned(bar, math.pi / 2, (2.0, 1.0)).crop(0).shape == (2, 24)
    y, x = np.nonzero(turned(np.ones((21, 3), np.bool_), math.radians(30), (1.0, 1.0)).crop(0))
    assert np.cov(y, x)[0, 1] > 0  # the axis (cos, sin) leans towards +y, +x


@given(
    angle=st.floats(0.2, 1.3),  # an upright one moves by whole pixels, if at all
    scale=st.tuples(*[st.floats(0.7, 2.0)] * 2),
    mirror=st.sampled_from([-1, 1]),
    offset=st.floats(0, 1),
)
def test_area_and_centroid_follow_the_map(angle: float, scale: tuple[float, float], mirror: int, offset: float) -> None:
    mask = ellipse(12, 8)
    found = turned(mask, angle, (scale[0], mirror * scale[1]), offset)
    assert found.pixels.sum() == pytest.approx(mask.sum() * scale[0] * scale[1], rel=0.05)
    centre = np.array(list(pixels(found))).mean(axis=0) + 0.5
    np.testing.assert_allclose(centre, middle(mask)[0] + offset, atol=0.15)


def test_what_vanishes_is_the_pixel_of_its_centre() -> None:
    ring = np.pad(np.zeros((3, 3), np.bool_), 1, constant_values=True)
    found = mapped(Crops.from_list([ring], 2), np.zeros(1, np.int64), 0.001 * np.eye(2)[None], np.array([[4.2, -7.9]]))
    assert pixels(found) == {(4, -8)}


def test_many_are_drawn_of_few() -> None:
    source = Crops.from_list([np.ones((2, 2), np.bool_), np.ones((1, 5), np.bool_)], 2)
    which = np.array([1, 0, 1])
    centre = np.array([[0.5, 2.5], [9.0, 9.0], [3.5, 4.5]])
    found = mapped(source, which, np.tile(np.eye(2), (3, 1, 1)), centre)
    assert [found.crop(i).shape for i in range(3)] == [(1, 5), (2, 2), (1, 5)]
    assert found.corner.tolist() == [[0, 0, 0], [0, 8, 8], [0, 3, 2]]
