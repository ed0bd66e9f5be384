"""Ellipsoids: half axes, and objects near the size of a pixel."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from cellsim.generators.base import Placement
from cellsim.generators.shapes.ellipsoid import Ellipsoid
from cellsim.seeds import stream


def draw(shape: Ellipsoid, ndim: int, n: int) -> list[NDArray[np.bool_]]:
    placement = Placement(stream(0, 0, "places").random((n, ndim)) * 99)
    crops = shape(placement, (1.0,) * ndim, stream(0, 0, "ellipsoid"))
    return [crops.crop(i) for i in range(n)]


@pytest.mark.parametrize(("ndim", "power"), [(2, 1 / 2), (3, 2 / 3)])
@pytest.mark.parametrize("elongation", [0.5, 2.0])
def test_the_half_axis_along_is_elongation_times_those_across(ndim: int, power: float, elongation: float) -> None:
    crop = draw(Ellipsoid(radius=12.0, elongation=elongation), ndim, 1)[0]
    half = np.sqrt(np.linalg.eigvalsh(np.cov(np.argwhere(crop).T)) * (ndim + 2))  # of an ellipsoid
    across = half[:-1] if elongation > 1 else half[1:]
    along = half[-1] if elongation > 1 else half[0]
    assert along == pytest.approx(12 * elongation**power, rel=0.03)
    np.testing.assert_allclose(along / across, elongation, rtol=0.03)


@pytest.mark.parametrize("ndim", [2, 3])
def test_an_object_smaller_than_a_pixel_is_one_pixel(ndim: int) -> None:
    assert all(crop.size == 1 for crop in draw(Ellipsoid(radius=0.01), ndim, 20))


@pytest.mark.parametrize("ndim", [2, 3])
@pytest.mark.parametrize("elongation", [8.0, 1 / 8])
def test_an_object_thinner_than_a_pixel_is_one_piece(ndim: int, elongation: float) -> None:
    for crop in draw(Ellipsoid(radius=2.0, elongation=elongation), ndim, 100):
        assert ndimage.label(crop)[1] == 1
        assert all(np.take(crop, side, axis).any() for axis in range(ndim) for side in (0, -1))
