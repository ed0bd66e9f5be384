"""Ellipsoids: content, orientation, one piece."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from cellsim.distributions import Distribution
from cellsim.generators.shapes.ellipsoid import Ellipsoid
from cellsim.seeds import stream
from tests.statistics import assert_mean, assert_same_distribution

CONTENT = {2: math.pi, 3: 4 / 3 * math.pi}
SPACINGS = {2: (1.0, 0.5), 3: (1.5, 1.0, 0.75)}


def draw(shape: Ellipsoid, spacing: tuple[float, ...], n: int) -> list[NDArray[np.bool_]]:
    return [shape(stream(0, i, "ellipsoid"), spacing) for i in range(n)]


def long_axis(crop: NDArray[np.bool_], spacing: tuple[float, ...]) -> NDArray[np.float64]:
    """Unit vector along which the pixels spread most."""
    at = np.argwhere(crop) * spacing
    return np.linalg.eigh(np.cov(at.T))[1][:, -1]


@pytest.mark.parametrize("ndim", [2, 3])
@pytest.mark.parametrize("elongation", [1.0, 1.7, 3.0])
def test_content_is_that_of_the_ball_at_any_elongation(ndim: int, elongation: float) -> None:
    shape, pixel = Ellipsoid(radius=6.0, elongation=elongation), math.prod(SPACINGS[ndim])
    contents = [crop.sum() * pixel for crop in draw(shape, SPACINGS[ndim], 150)]
    assert_mean(contents, CONTENT[ndim] * 6.0**ndim)
    with pytest.raises(AssertionError):
        assert_mean(contents, 1.02 * CONTENT[ndim] * 6.0**ndim)


def test_a_radius_that_varies_is_drawn_for_every_object() -> None:
    shape = Ellipsoid(radius=Distribution(law="uniform", values=(2.0, 8.0)))
    areas = [crop.sum() for crop in draw(shape, (1.0, 1.0), 1000)]
    assert_mean(areas, math.pi * (8**3 - 2**3) / (3 * 6))
    with pytest.raises(AssertionError):
        assert_mean(areas, math.pi * 5**2)


def test_the_long_half_axis_is_elongation_times_the_short_ones() -> None:
    for ndim, power in ((2, 1 / 2), (3, 2 / 3)):
        crop = draw(Ellipsoid(radius=9.0, elongation=2.0), (1.0,) * ndim, 1)[0]
        spread = np.sqrt(np.linalg.eigvalsh(np.cov(np.argwhere(crop).T)) * (ndim + 2))  # half axes of an ellipsoid
        assert spread[-1] == pytest.approx(9 * 2**power, rel=0.03)
        assert spread[-1] / spread[0] == pytest.approx(2.0, rel=0.03)


@pytest.mark.parametrize("ndim", [2, 3])
def test_every_direction_is_as_likely(ndim: int) -> None:
    shape = Ellipsoid(radius=5.0, elongation=2.0)
    axes = abs(np.array([long_axis(crop, SPACINGS[ndim]) for crop in draw(shape, SPACINGS[ndim], 800)]))
    uniform = 2 * np.arccos(axes[:, 0]) / math.pi if ndim == 2 else axes[:, 0]  # the angle; in space, the cosine
    assert_same_distribution(uniform, lambda u: np.clip(u, 0, 1))
    assert_mean((axes**4).sum(axis=1), 3 / (ndim + 2))
    with pytest.raises(AssertionError):  # a shape that favours one axis
        assert_same_distribution(uniform**1.25, lambda u: np.clip(u, 0, 1))
    cube = 2 * np.random.default_rng(0).random((800, ndim)) - 1
    cube /= np.linalg.norm(cube, axis=1, keepdims=True)
    with pytest.raises(AssertionError):  # directions of points in a cube, which favour its corners
        assert_mean((cube**4).sum(axis=1), 3 / (ndim + 2))


def test_an_object_smaller_than_a_pixel_is_one_pixel() -> None:
    for ndim in (2, 3):
        assert all(crop.size == 1 for crop in draw(Ellipsoid(radius=0.01), (1.0,) * ndim, 20))


@pytest.mark.parametrize("ndim", [2, 3])
def test_an_object_thinner_than_a_pixel_is_one_piece(ndim: int) -> None:
    for crop in draw(Ellipsoid(radius=2.0, elongation=8.0), (1.0,) * ndim, 100):
        assert ndimage.label(crop)[1] == 1
        assert all(np.take(crop, side, axis).any() for axis in range(ndim) for side in (0, -1))
