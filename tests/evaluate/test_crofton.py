"""Perimeters and surfaces of bodies whose size is known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from cellsim.evaluate.crofton import boundary_sizes


def ball(radius: float, spacing: tuple[float, ...], stretch: float = 1.0, turn: float = 0.0) -> NDArray[np.uint16]:
    """An ellipse or ellipsoid in the middle of a box, its last axis longer."""
    reach = radius * stretch + 4 * max(spacing)
    axes = np.ix_(*(np.arange(-reach, reach, step) + 0.3 * step for step in spacing))
    *rest, v, u = (*axes,)
    v, u = np.cos(turn) * v - np.sin(turn) * u, (np.sin(turn) * v + np.cos(turn) * u) / stretch
    return (sum((a**2 for a in rest), v**2 + u**2) < radius**2).astype(np.uint16)


@pytest.mark.parametrize("radius", [8.0, 15.0, 40.0])
def test_the_perimeter_of_a_disc_is_within_one_percent(radius: float) -> None:
    assert boundary_sizes(ball(radius, (1, 1)), (1, 1))[0] == pytest.approx(2 * np.pi * radius, rel=0.01)


@pytest.mark.parametrize("radius", [6.0, 12.0])
@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (2.0, 1.0, 1.0)])
def test_the_surface_of_a_ball_is_within_four_percent(radius: float, spacing: tuple[float, ...]) -> None:
    assert boundary_sizes(ball(radius, spacing), spacing)[0] == pytest.approx(4 * np.pi * radius**2, rel=0.04)


@pytest.mark.parametrize("turn", [0, 0.2, 0.5, np.pi / 4, 1.2])
def test_the_perimeter_is_the_same_in_any_direction(turn: float) -> None:
    # Ramanujan's second formula for half axes of 36 and 12
    h, total = (24 / 48) ** 2, np.pi * 48
    expected = total * (1 + 3 * h / (10 + np.sqrt(4 - 3 * h)))
    assert boundary_sizes(ball(12, (1, 1), 3.0, turn), (1, 1))[0] == pytest.approx(expected, rel=0.015)


@pytest.mark.parametrize("spacing", [(2.0, 1.0), (0.3, 0.5)])
def test_pixels_need_not_be_square(spacing: tuple[float, float]) -> None:
    assert boundary_sizes(ball(20, spacing), spacing)[0] == pytest.approx(40 * np.pi, rel=0.015)


def test_a_square_is_a_little_too_short_and_holes_count() -> None:
    labels = np.zeros((40, 40), np.uint16)
    labels[5:35, 5:35] = 1
    outer = boundary_sizes(labels, (1, 1))[0]
    assert outer == pytest.approx(120, rel=0.03)
    labels[15:25, 15:25] = 0
    assert boundary_sizes(labels, (1, 1))[0] - outer == pytest.approx(40, rel=0.07)


def test_neighbours_and_the_border_of_the_image_count_as_outside() -> None:
    labels = np.zeros((30, 30), np.uint16)
    labels[:, :15], labels[:, 15:] = 1, 2
    one, other = boundary_sizes(labels, (1, 1))
    assert one == pytest.approx(other)
    assert one == pytest.approx(90, rel=0.04)


def test_an_empty_image_has_no_boundaries() -> None:
    assert boundary_sizes(np.zeros((8, 8), np.uint16), (1, 1)).shape == (0,)


@pytest.mark.parametrize(("long", "error"), [(0, 0.07), (1, 0.03), (2, 0.03)])
def test_surfaces_are_the_same_in_any_direction_where_voxels_are_not_cubes(long: int, error: float) -> None:
    spacing, stretch = (2.0, 1.0, 1.0), np.ones(3)
    stretch[long] = 3
    axes = np.ix_(*(np.arange(-45, 45, step) + 0.3 * step for step in spacing))
    body = (sum((a / s) ** 2 for a, s in zip(axes, stretch, strict=True)) < 144).astype(np.uint16)
    e = np.sqrt(1 - 1 / 9)
    expected = 2 * np.pi * 144 * (1 + 3 / e * np.arcsin(e))
    assert boundary_sizes(body, spacing)[0] == pytest.approx(expected, rel=error)


@pytest.mark.parametrize("turn", [0.0, np.pi / 4, np.pi / 2])
def test_perimeters_are_the_same_in_any_direction_where_pixels_are_not_square(turn: float) -> None:
    v, u = np.ix_(np.arange(-60, 60, 2.0) + 0.6, np.arange(-60, 60) + 0.3)
    across, along = np.cos(turn) * v - np.sin(turn) * u, (np.sin(turn) * v + np.cos(turn) * u) / 3
    labels = (across**2 + along**2 < 144).astype(np.uint16)
    assert boundary_sizes(labels, (2, 1))[0] == pytest.approx(160.5, rel=0.03)  # Ramanujan, half axes 36 and 12
