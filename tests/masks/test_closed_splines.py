"""Closed splines: through their vertices, smooth, and on a circle as good as theory says."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from cellsim.masks.closed_splines import closed_splines
from cellsim.masks.polygons import polygon_area


def regular(vertices: int) -> NDArray[np.float64]:
    """A regular polygon in the unit circle."""
    angle = 2 * np.pi * np.arange(vertices) / vertices
    return np.stack([np.sin(angle), np.cos(angle)], axis=1)[np.newaxis]


def polygons(n: int = 5, vertices: int = 9) -> NDArray[np.float64]:
    return regular(vertices) + 0.2 * np.random.default_rng(0).standard_normal((n, vertices, 2))


def area_of_spline(vertices: int) -> float:
    """Of the periodic cubic spline through a regular polygon: its Fourier series holds the waves 1 + mV only."""
    wave = 1 / vertices + np.arange(-2000, 2001)
    weight = wave**-4.0 / (wave**-4.0).sum()
    return float(np.pi * (weight**2 * wave * vertices).sum())


@pytest.mark.parametrize("centripetal", [False, True])
def test_a_spline_runs_through_its_vertices(centripetal: bool) -> None:
    given = polygons()
    curve = closed_splines(given, 8, centripetal)
    assert curve.shape == (5, 72, 2)
    np.testing.assert_allclose(curve[:, ::8], given, atol=1e-12)


@pytest.mark.parametrize("centripetal", [False, True])
def test_slope_and_bend_are_continuous(centripetal: bool) -> None:
    given, steps = polygons(1), 2000
    curve = closed_splines(given, steps, centripetal)[0]
    side = np.linalg.norm(np.roll(given[0], -1, axis=0) - given[0], axis=1)
    step = np.repeat(np.sqrt(side) if centripetal else np.ones(9), steps) / steps
    slope = (np.roll(curve, -1, axis=0) - curve) / step[:, np.newaxis]
    bend = (slope - np.roll(slope, 1, axis=0)) / step[:, np.newaxis]
    inner = np.ones(len(curve), bool)
    inner[::steps] = False  # at the vertices, steps differ
    assert abs(slope - np.roll(slope, 1, axis=0)).max() < 0.05 * abs(slope).max()
    assert abs(np.diff(bend[inner], axis=0)).max() < 0.02 * abs(bend[inner]).max()


@pytest.mark.parametrize("vertices", [6, 10])
def test_a_regular_polygon_gives_the_area_that_theory_says(vertices: int) -> None:
    expected = area_of_spline(vertices)
    assert polygon_area(closed_splines(regular(vertices), 400)[0]) == pytest.approx(expected, rel=1e-5)
    assert polygon_area(closed_splines(regular(vertices), 400, True)[0]) == pytest.approx(expected, rel=1e-5)
    assert expected == pytest.approx(np.pi, rel=0.01)
    assert polygon_area(regular(vertices)[0]) != pytest.approx(expected, rel=0.01)


def test_a_spline_by_sides_is_linear_in_its_vertices() -> None:
    one, other = polygons(1), polygons(2)[1:]
    np.testing.assert_allclose(
        closed_splines(one + 2 * other, 5), closed_splines(one, 5) + 2 * closed_splines(other, 5), atol=1e-12
    )
    assert (
        abs(closed_splines(one + other, 5, True) - closed_splines(one, 5, True) - closed_splines(other, 5, True)).max()
        > 1e-3
    )


def test_no_polygons_are_no_splines() -> None:
    assert closed_splines(np.zeros((0, 9, 2)), 4).shape == (0, 36, 2)
    assert closed_splines(np.zeros((0, 9, 2)), 4, True).shape == (0, 36, 2)
