"""Outlines as polygons."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from numpy.typing import NDArray

from cellsim.masks.polygons import closed_bezier, fill_polygon, polygon_area
from cellsim.sample import Canvas
from tests.strategies import canvases, polygons


def inside_by_brute_force(polygon: NDArray[np.float64], canvas: Canvas) -> NDArray[np.bool_]:
    """Count, for every pixel centre, the edges that a ray along +x crosses."""
    y, x = np.moveaxis((np.stack(np.indices(canvas.shape), axis=-1) + 0.5) * canvas.spacing, -1, 0)
    crossed = np.zeros(canvas.shape, np.int64)
    for (y0, x0), (y1, x1) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        if y0 != y1:
            crossed += ((y0 <= y) != (y1 <= y)) & (x < x0 + (y - y0) * (x1 - x0) / (y1 - y0))
    return crossed % 2 == 1


def regular(corners: int, radius: float = 1.0) -> NDArray[np.float64]:
    angle = 2 * np.pi * np.arange(corners) / corners
    return radius * np.stack([np.sin(angle), np.cos(angle)], axis=1)


@given(polygon=polygons(), canvas=canvases(2))
def test_a_filled_polygon_holds_the_pixels_inside(polygon: NDArray[np.float64], canvas: Canvas) -> None:
    polygon.flags.writeable = False
    found = fill_polygon(polygon, canvas.shape, canvas.spacing)
    np.testing.assert_array_equal(found, inside_by_brute_force(polygon, canvas))


def test_a_square_is_filled_exactly() -> None:
    square = np.array([[1.0, 1.0], [1.0, 3.0], [3.0, 3.0], [3.0, 1.0]])
    np.testing.assert_array_equal(fill_polygon(square, (4, 4)), np.pad(np.ones((2, 2)), 1))
    np.testing.assert_array_equal(fill_polygon(square[::-1], (4, 4)), np.pad(np.ones((2, 2)), 1))
    np.testing.assert_array_equal(fill_polygon(square, (4, 2), (1.0, 2.0))[1], [True, False])  # centres at x = 1 and 3


def test_neighbouring_polygons_share_no_pixel_and_leave_none() -> None:
    left, right = np.array([[0, 0], [0, 2.5], [4, 1.5], [4, 0]]), np.array([[0, 2.5], [0, 4], [4, 4], [4, 1.5]])
    filled = fill_polygon(left, (4, 4)).astype(int) + fill_polygon(right, (4, 4))
    np.testing.assert_array_equal(filled, np.ones((4, 4)))


def test_a_polygon_outside_the_canvas_fills_nothing() -> None:
    for move in ([-9, 0], [9, 0], [0, -9], [0, 9]):
        assert not fill_polygon(regular(5, 2.0) + np.add(2, move), (4, 4)).any()


def test_a_polygon_about_the_canvas_fills_it() -> None:
    assert fill_polygon(regular(5, 50.0), (4, 4)).all()


def test_where_a_polygon_crosses_itself_twice_it_is_hollow() -> None:
    twice = np.concatenate([regular(40, 4.0), regular(40, 4.0)]) + 5
    assert not fill_polygon(twice, (10, 10)).any()


def test_a_bezier_octagon_is_a_circle() -> None:
    radius = np.hypot(*closed_bezier(regular(8), tension=0.35).T)
    assert abs(radius - 1).max() < 0.01
    with pytest.raises(AssertionError):  # other handles do not make a circle
        assert abs(np.hypot(*closed_bezier(regular(8), tension=0.45).T) - 1).max() < 0.01


def test_a_bezier_curve_passes_its_corners() -> None:
    corners = np.random.default_rng(0).random((6, 2))
    np.testing.assert_allclose(closed_bezier(corners, 0.35, steps=10)[::10], corners)


def test_without_tension_a_bezier_curve_is_the_polygon() -> None:
    corners = np.array([[0.0, 0.0], [0.0, 2.0], [2.0, 2.0], [2.0, 0.0]])
    curve = closed_bezier(corners, 0.0)
    assert polygon_area(curve) == pytest.approx(4.0)
    assert (np.isclose(curve, 0) | np.isclose(curve, 2)).any(axis=1).all()


def test_area_is_that_of_the_shoelace() -> None:
    triangle = np.array([[0.0, 0.0], [0.0, 3.0], [2.0, 0.0]])
    assert polygon_area(triangle) == pytest.approx(3.0)
    assert polygon_area(triangle[::-1] + 100) == pytest.approx(3.0)
    assert polygon_area(regular(720, 2.0)) == pytest.approx(4 * np.pi, rel=1e-4)


@given(polygon=polygons())
def test_area_grows_with_the_square_of_size(polygon: NDArray[np.float64]) -> None:
    assert polygon_area(3 * polygon) == pytest.approx(9 * polygon_area(polygon), abs=1e-6)
