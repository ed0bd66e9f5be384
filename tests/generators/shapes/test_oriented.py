"""Size, place and direction of ellipsoids."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cellsim.distributions import Distribution
from cellsim.generators.base import Placement
from cellsim.generators.fields.formula import Formula
from cellsim.generators.fields.smooth import Smooth
from cellsim.generators.shapes.ellipsoid import Ellipsoid
from cellsim.masks.crops import Crops
from cellsim.seeds import stream
from tests.statistics import assert_mean, assert_same_distribution

SPACINGS = {2: (1.0, 0.5), 3: (1.5, 1.0, 0.75)}
BALL = {2: math.pi, 3: 4 / 3 * math.pi}


def draw(shape: Any, n: int, ndim: int = 2, index: int = 0, **more: Any) -> tuple[Crops, Placement]:
    """Objects at uniform places of a large canvas."""
    placement = Placement(np.random.default_rng(index).random((n, ndim)) * 300 - 20, **more)
    return shape(placement, SPACINGS[ndim], stream(0, index, "oriented")), placement


def pixels(crops: Crops, i: int) -> NDArray[np.float64]:
    """Centres of the pixels of an object in µm."""
    at = np.argwhere(crops.crop(i)) + crops.corner[i, 3 - crops.ndim :] + 0.5
    return np.asarray(at * SPACINGS[crops.ndim])


def axes_of(crops: Crops) -> NDArray[np.float64]:
    """Unit vector along which the pixels of each spread most."""
    return np.array([np.linalg.eigh(np.cov(pixels(crops, i).T))[1][:, -1] for i in range(len(crops))])


def contents(crops: Crops) -> NDArray[np.float64]:
    """Area or volume of each in µm."""
    return np.add.reduceat(crops.pixels, crops.start[:-1], dtype=np.int64) * math.prod(SPACINGS[crops.ndim])


@pytest.mark.parametrize("ndim", [2, 3])
@pytest.mark.parametrize("elongation", [0.4, 1.0, 3.0])
def test_an_object_is_all_pixels_in_the_ellipsoid(ndim: int, elongation: float) -> None:
    along = np.arange(1.0, ndim + 1)
    field = Formula(formula=tuple(map(str, along)))
    crops, placement = draw(Ellipsoid(radius=5.0, elongation=elongation, along=field), 30, ndim)
    axis = along / np.linalg.norm(along)
    grid = np.indices((60,) * ndim).reshape(ndim, -1).T
    for i, centre in enumerate(placement.centres):
        low = np.floor(centre / SPACINGS[ndim]).astype(int) - 30
        off = (grid + low + 0.5) * SPACINGS[ndim] - centre
        on = off @ axis
        across = (off**2).sum(axis=1) - on**2
        short = 5.0 * elongation ** (-1 / ndim)
        inside = on**2 / (short * elongation) ** 2 + across / short**2 <= 1
        np.testing.assert_allclose(pixels(crops, i), (grid + low + 0.5)[inside] * SPACINGS[ndim])


@pytest.mark.parametrize("ndim", [2, 3])
@pytest.mark.parametrize("elongation", [0.4, 1.0, 3.0])
def test_the_mean_content_is_that_of_the_ball(ndim: int, elongation: float) -> None:
    crops, _ = draw(Ellipsoid(radius=4.0, elongation=elongation), 1500, ndim)
    assert_mean(contents(crops), BALL[ndim] * 4.0**ndim)
    with pytest.raises(AssertionError):
        assert_mean(contents(crops), 1.005 * BALL[ndim] * 4.0**ndim)


@pytest.mark.parametrize("radius", [0.7, 1.3])
def test_the_mean_content_of_small_disks_has_no_bias(radius: float) -> None:
    crops, _ = draw(Ellipsoid(radius=radius), 20_000)
    assert_mean(contents(crops), math.pi * radius**2)
    with pytest.raises(AssertionError):
        assert_mean(contents(crops), 1.05 * math.pi * radius**2)


@pytest.mark.parametrize("ndim", [2, 3])
def test_an_object_follows_its_centre_within_a_pixel(ndim: int) -> None:
    crops, placement = draw(Ellipsoid(radius=18.0 if ndim == 2 else 6.0, elongation=1.4), 200, ndim)
    middle = np.array([pixels(crops, i).mean(axis=0) for i in range(200)])
    off = (middle - placement.centres) / SPACINGS[ndim]
    assert np.quantile(abs(off), 0.95) < 0.1
    assert abs(off).max() < 0.2
    for axis in range(ndim):
        assert_mean(off[:, axis], 0.0)
        with pytest.raises(AssertionError):  # centres of pixels taken for their corners
            assert_mean(off[:, axis] + 0.5, 0.0)


def test_a_radius_and_an_elongation_are_drawn_for_every_object() -> None:
    law = Distribution(law="uniform", values=(2.0, 8.0))
    crops, _ = draw(Ellipsoid(radius=law), 1500)
    assert_mean(contents(crops), math.pi * (8**3 - 2**3) / (3 * 6))
    with pytest.raises(AssertionError):
        assert_mean(contents(crops), math.pi * 5**2)
    crops, _ = draw(Ellipsoid(radius=9.0, elongation=law), 100)
    spread = [np.sqrt(np.linalg.eigvalsh(np.cov(pixels(crops, i).T))) for i in range(100)]
    ratio = np.array([large / small for small, large in spread])
    assert 2 < ratio.min() < 2.5
    assert 7 < ratio.max() < 8.5


def test_radii_of_the_points_come_before_the_shape_s_own() -> None:
    radii = np.linspace(3.0, 12.0, 50)
    for shape in (Ellipsoid(), Ellipsoid(radius=77.0)):
        crops, _ = draw(shape, 50, radii=radii)
        np.testing.assert_allclose(np.sqrt(contents(crops) / math.pi), radii, rtol=0.06)


def test_points_without_radii_need_a_shape_with_a_radius() -> None:
    with pytest.raises(ValueError, match=r"ellipsoid needs a radius \(µm\): these points have none"):
        draw(Ellipsoid(), 3)


@pytest.mark.parametrize("ndim", [2, 3])
def test_every_direction_is_as_likely_without_a_field(ndim: int) -> None:
    axes = abs(axes_of(draw(Ellipsoid(radius=5.0, elongation=2.0), 1000, ndim)[0]))
    uniform = 2 * np.arccos(axes[:, 0]) / math.pi if ndim == 2 else axes[:, 0]  # the angle; in space, the cosine
    assert_same_distribution(uniform, lambda u: np.clip(u, 0, 1))
    assert_mean((axes**4).sum(axis=1), 3 / (ndim + 2))
    with pytest.raises(AssertionError):  # a shape that favours one axis
        assert_same_distribution(uniform**1.25, lambda u: np.clip(u, 0, 1))
    cube = 2 * np.random.default_rng(0).random((1000, ndim)) - 1
    cube /= np.linalg.norm(cube, axis=1, keepdims=True)
    with pytest.raises(AssertionError):  # directions of points in a cube, which favour its corners
        assert_mean((cube**4).sum(axis=1), 3 / (ndim + 2))


@pytest.mark.parametrize("ndim", [2, 3])
def test_objects_follow_a_field_of_directions(ndim: int) -> None:
    field = Formula(formula=("100 - x", "y - 90") if ndim == 2 else ("z", "100 - x", "y - 90"))
    crops, placement = draw(Ellipsoid(radius=5.0, elongation=3.0, along=field), 150, ndim)
    asked = field(placement.centres, ndim, stream(0, 0, "field"))
    asked /= np.linalg.norm(asked, axis=1, keepdims=True)
    cosine = abs((axes_of(crops) * asked).sum(axis=1))
    assert np.degrees(np.arccos(np.minimum(cosine, 1))).max() < 4


@pytest.mark.parametrize("ndim", [2, 3])
def test_spread_is_the_standard_deviation_of_the_angle_to_the_field(ndim: int) -> None:
    field = Formula(formula=("1", "0.5") if ndim == 2 else ("0.5", "1", "0.2"))
    shape = Ellipsoid(radius=6.0, elongation=4.0, along=field, spread=15.0)
    asked = field(np.zeros((1, ndim)), ndim, stream(0, 0, "field"))[0]
    cosine = abs(axes_of(draw(shape, 800, ndim)[0]) @ asked) / np.linalg.norm(asked)
    squares = np.degrees(np.arccos(np.minimum(cosine, 1))) ** 2
    assert_mean(squares, 15.0**2)
    with pytest.raises(AssertionError):
        assert_mean(squares, 19.0**2)


def test_where_the_field_is_0_there_is_no_direction() -> None:
    field = Formula(formula=("where(x > 130, 1, 0)", "0"))
    crops, placement = draw(Ellipsoid(radius=5.0, elongation=3.0, along=field), 600)
    axes = axes_of(crops)
    right = placement.centres[:, 1] > 130
    assert abs(axes[right, 0]).min() > 0.99
    assert_mean(axes[~right, 0] ** 2, 0.5)


def test_a_random_field_is_the_same_for_all_batches_of_a_sample() -> None:
    shape = Ellipsoid(radius=5.0, elongation=4.0, along=Smooth(scale=60.0))
    rng = stream(0, 0, "batches")
    first, second = (shape(Placement(np.full((4, 2), 50.0)), (1.0, 0.5), rng) for _ in range(2))
    other = shape(Placement(np.full((4, 2), 50.0)), (1.0, 0.5), stream(0, 1, "batches"))
    np.testing.assert_array_equal(first.pixels, second.pixels)
    assert first.pixels.tobytes() != other.pixels.tobytes()


def test_only_objects_with_a_field_look_otherwise_elsewhere() -> None:
    assert not Ellipsoid(radius=1.0).follows
    assert Ellipsoid(radius=1.0, along=Smooth(scale=9.0)).follows


def test_a_field_with_other_components_is_refused() -> None:
    with pytest.raises(ValueError, match=r"2 component\(s\)"):
        draw(Ellipsoid(radius=3.0, along=Formula(formula=("1",))), 3)


@pytest.mark.parametrize("ndim", [2, 3])
def test_directions_of_the_points_are_those_of_the_objects(ndim: int) -> None:
    wanted = np.random.default_rng(1).standard_normal((150, ndim))
    wanted /= np.linalg.norm(wanted, axis=1, keepdims=True)
    shape = Ellipsoid(radius=5.0, elongation=3.0, along=Formula(formula=("1",) * ndim))
    found = axes_of(draw(shape, 150, ndim, directions=wanted)[0])
    assert np.degrees(np.arccos(np.minimum(abs((found * wanted).sum(axis=1)), 1))).max() < 5
