"""Objects put on a canvas: what is free, what is blocked; against whole-canvas arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import ndimage

from cellsim.masks.crops import Crops
from cellsim.masks.stamps import block, is_free, is_inner, offsets_within, part, window
from tests.strategies import masks

corners = st.tuples(*[st.integers(-7, 12)] * 3)
GRID = (5, 9, 11)
ROOM = 20  # around the grid


def on_grid(mask: NDArray[np.bool_], corner: tuple[int, ...]) -> NDArray[np.bool_]:
    """The object on a grid with room on all sides."""
    whole = np.zeros([n + 2 * ROOM for n in GRID], np.bool_)
    whole[tuple(slice(c + ROOM, c + ROOM + n) for c, n in zip(corner, mask.shape, strict=True))] = mask
    return whole


MIDDLE = tuple(slice(ROOM, ROOM + n) for n in GRID)


def test_a_gap_is_a_distance_between_pixel_centres() -> None:
    assert len(offsets_within(0.0, np.array([1.0, 1.0, 1.0]))) == 1
    assert len(offsets_within(1.0, np.array([1.0, 1.0, 1.0]))) == 1  # a neighbour is not nearer than 1
    assert len(offsets_within(1.01, np.array([1.0, 1.0, 1.0]))) == 7
    assert len(offsets_within(1.5, np.array([9.0, 1.0, 1.0]))) == 9
    assert len(offsets_within(1.5, np.array([9.0, 1.0, 0.5]))) == 15


def test_a_window_is_one_of_many() -> None:
    crops = Crops.from_list([np.ones((1, 2, 3), np.bool_), np.zeros((2, 1, 2), np.bool_)], 3)
    np.testing.assert_array_equal(window(crops.arrays, 1), crops.crop(1))


@given(mask=masks(3, 6), corner=corners)
def test_the_part_on_a_grid_is_the_intersection(mask: NDArray[np.bool_], corner: tuple[int, int, int]) -> None:
    low, high = part(mask, corner, np.zeros(GRID))
    there = on_grid(np.ones_like(mask), corner)[MIDDLE]
    size = np.prod([max(0, b - a) for a, b in zip(low, high, strict=True)])
    assert size == there.sum()


@given(mask=masks(3, 6), corner=corners, seed=st.integers(0, 99))
def test_an_object_is_free_where_no_pixel_of_it_is_blocked(
    mask: NDArray[np.bool_], corner: tuple[int, int, int], seed: int
) -> None:
    blocked = np.random.default_rng(seed).random(GRID) < 0.02
    assert is_free(mask, corner, blocked) == (not (on_grid(mask, corner)[MIDDLE] & blocked).any())


@given(mask=masks(3, 6), corner=corners, gap=st.sampled_from([0.0, 1.5, 2.5]), flat=st.booleans())
def test_what_is_blocked_is_the_object_and_all_nearer_than_the_gap(
    mask: NDArray[np.bool_], corner: tuple[int, int, int], gap: float, flat: bool
) -> None:
    mask, spacing = (mask[:1], np.array([9.0, 1.0, 0.8])) if flat else (mask, np.array([1.2, 1.0, 0.8]))
    blocked = np.zeros(GRID, np.bool_)
    block(mask, corner, offsets_within(gap, spacing), blocked)
    whole = on_grid(mask, corner)
    distance = ndimage.distance_transform_edt(~whole, spacing) if whole.any() else np.full(whole.shape, np.inf)
    np.testing.assert_array_equal(blocked, (whole | (distance < gap))[MIDDLE])


def test_a_thin_object_in_space_blocks_what_is_above_it() -> None:
    mask, blocked = np.ones((1, 5, 5), np.bool_), np.zeros((3, 5, 5), np.bool_)
    block(mask, (1, 0, 0), offsets_within(1.5, np.ones(3)), blocked)
    assert blocked.all()


@pytest.mark.parametrize("flat", [True, False])
def test_inner_pixels_have_all_their_neighbours(flat: bool) -> None:
    cube = np.ones((1 if flat else 3, 3, 3), np.bool_)
    inner = [at for at in np.ndindex(cube.shape) if is_inner(cube, *at, flat)]
    assert inner == [((0 if flat else 1), 1, 1)]
    cube[-1, 1, 0] = cube[0, 1, 1] = False
    assert not any(is_inner(cube, *at, flat) for at in np.ndindex(cube.shape) if at[0] == 0)
