"""Directions of a border: bands, rings, tubes and slabs, whatever the spacing; and where there is none."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from cellsim.generators.outlines.band import Band
from cellsim.masks.directions import border_tensors, directions
from cellsim.sample import Canvas
from cellsim.seeds import stream
from tests.statistics import assert_mean, assert_same_distribution

RNG = stream(0, 0, "x")


def places(canvas: Canvas, n: int = 400) -> NDArray[np.float64]:
    return np.random.default_rng(0).random((n, canvas.ndim)) * canvas.size


def angles(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Between lines, in degrees."""
    other = other / np.linalg.norm(other, axis=-1, keepdims=True)
    return np.degrees(np.arccos(np.minimum(abs((one * other).sum(axis=-1)), 1)))


def grid(canvas: Canvas) -> NDArray[np.float64]:
    """Centres of the pixels, (D, ...), in µm from the middle."""
    steps = np.reshape(canvas.spacing, (-1, *(1,) * canvas.ndim))
    middle = np.reshape(canvas.size, steps.shape) / 2
    return (np.indices(canvas.shape) + 0.5) * steps - middle


@pytest.mark.parametrize("spacing", [(1.0, 1.0), (0.5, 1.5)])
@pytest.mark.parametrize("angle", [0.0, 30.0, 78.0])
def test_cells_lie_along_a_straight_band_at_any_angle(angle: float, spacing: tuple[float, float]) -> None:
    canvas = Canvas(shape=(int(100 / spacing[0]), int(100 / spacing[1])), spacing=spacing)
    tensors = border_tensors(Band(width=24.0, angle=angle)(canvas, RNG), spacing)
    wanted = np.array([math.sin(math.radians(angle)), math.cos(math.radians(angle))])
    middle = np.outer(np.linspace(-40, 40, 200), wanted) + 50  # on its middle line, where the distance has a ridge
    at = places(canvas)
    foot = at - np.outer((at - 50) @ (wanted[::-1] * (1, -1)), wanted[::-1] * (1, -1))
    near = at[(abs(foot - 50) < 35).all(axis=1)]  # the border that is nearest lies on the canvas
    for at in (near, middle):
        off = angles(directions(tensors, spacing, at, "along", RNG), wanted)
        assert np.sqrt((off**2).mean()) < 2
        assert off.max() < 8
        across = angles(directions(tensors, spacing, at, "across", RNG), wanted)
        assert abs(90 - across).max() < 8


@pytest.mark.parametrize("spacing", [(1.0, 1.0), (2.0, 1.0)])
def test_cells_turn_round_a_ring(spacing: tuple[float, float]) -> None:
    canvas = Canvas(shape=(int(160 / spacing[0]), 160), spacing=spacing)
    radius = np.hypot(*grid(canvas))
    tensors = border_tensors((radius > 40) & (radius < 60), spacing)
    at = places(canvas, 2000)
    from_middle = at - 80
    at, from_middle = (a[np.hypot(*from_middle.T) > 25] for a in (at, from_middle))
    at, from_middle = (a[np.hypot(*from_middle.T) < 78] for a in (at, from_middle))
    off = angles(directions(tensors, spacing, at, "across", RNG), from_middle)
    assert np.sqrt((off**2).mean()) < 4
    assert np.quantile(off, 0.99) < 12
    tangent = from_middle[:, ::-1] * (1, -1)
    assert np.sqrt((angles(directions(tensors, spacing, at, "along", RNG), tangent) ** 2).mean()) < 4


def test_cells_lie_along_a_tube_also_on_its_axis() -> None:
    canvas = Canvas(shape=(20, 40, 60), spacing=(2.0, 1.0, 1.0))
    z, y, x = grid(canvas)
    axis = np.array([0.0, 0.6, 0.8])
    on = axis[1] * y + axis[2] * x
    radius = np.sqrt(z**2 + y**2 + x**2 - on**2)
    tensors = border_tensors(radius < 9, canvas.spacing)
    middle = np.outer(np.linspace(-15, 15, 100), axis) + np.array(canvas.size) / 2
    inside = places(canvas, 3000)
    off = inside - np.array(canvas.size) / 2
    inside = inside[np.linalg.norm(off - np.outer(off @ axis, axis), axis=1) < 8]
    for at in (middle, inside):
        found = angles(directions(tensors, canvas.spacing, at, "along", RNG), axis)
        assert np.sqrt((found**2).mean()) < 8
    found = angles(directions(tensors, canvas.spacing, inside, "across", RNG), axis)
    assert np.sqrt(((90 - found) ** 2).mean()) < 8


def test_along_a_slab_any_direction_in_the_plane_is_as_likely() -> None:
    canvas = Canvas(shape=(40, 40, 40), spacing=(1.0, 1.0, 1.0))
    tensors = border_tensors(abs(grid(canvas)[1]) < 6, canvas.spacing)
    found = directions(tensors, canvas.spacing, places(canvas, 1500), "along", RNG)
    assert abs(found[:, 1]).max() < 1e-3
    turn = np.arctan2(found[:, 0], found[:, 2]) / (2 * math.pi) % 1
    assert_same_distribution(turn, lambda u: np.clip(u, 0, 1))
    with pytest.raises(AssertionError):
        assert_same_distribution(turn**1.3, lambda u: np.clip(u, 0, 1))
    normal = directions(tensors, canvas.spacing, places(canvas, 100), "across", RNG)
    np.testing.assert_allclose(abs(normal[:, 1]), 1, atol=1e-3)


@pytest.mark.parametrize("full", [True, False])
def test_without_a_border_every_direction_is_as_likely(full: bool) -> None:
    region = np.full((20, 30), full)
    tensors = border_tensors(region, (1.0, 1.0))
    found = directions(tensors, (1.0, 1.0), places(Canvas(shape=(20, 30), spacing=(1.0, 1.0)), 2000), "along", RNG)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1)
    assert_mean(found[:, 0] ** 2, 0.5)
    assert_mean(found[:, 0] * found[:, 1], 0.0)


def test_beyond_the_canvas_the_nearest_pixel_counts() -> None:
    canvas = Canvas(shape=(60, 60), spacing=(1.0, 1.0))
    tensors = border_tensors(Band(width=20.0, angle=20.0)(canvas, RNG), canvas.spacing)
    wanted = np.array([math.sin(math.radians(20)), math.cos(math.radians(20))])
    found = directions(tensors, canvas.spacing, np.array([[20.0, -30.0], [40.0, 90.0]]), "along", RNG)
    assert angles(found, wanted).max() < 10


def test_an_axis_of_one_pixel_has_no_slope() -> None:
    region = np.zeros((1, 30, 30), np.bool_)
    region[:, 10:20] = True
    found = directions(border_tensors(region, (1.0,) * 3), (1.0,) * 3, np.full((50, 3), 0.5), "across", RNG)
    np.testing.assert_allclose(abs(found[:, 1]), 1, atol=1e-3)
