"""Elastic deformation: smooth, bounded, without folds; objects stay whole and go where their points go."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage
from scipy.interpolate import BSpline

from cellsim.generators.base import Placement
from cellsim.generators.shapes.ellipsoid import Ellipsoid
from cellsim.masks.crops import Crops
from cellsim.masks.warp import STEEPEST, Displacement, carried, displacement, warped

SPACING = {2: (0.5, 0.5), 3: (1.0, 0.5, 0.5)}
SIZE = 40.0
dimensions = pytest.mark.parametrize("ndim", [2, 3])


def field(ndim: int, n: int = 1, spread: float = 2.0, seed: int = 0, step: float = 8.0) -> Displacement:
    """A displacement of a box, or of n."""
    return displacement(np.zeros((n, ndim)), np.full((n, ndim), SIZE), step, spread, np.random.default_rng(seed))


def still(ndim: int) -> Displacement:
    return field(ndim, spread=0.0)


def disks(ndim: int, n: int = 30, radius: float = 4.0, elongation: float = 1.5) -> tuple[Crops, NDArray[np.float64]]:
    rng = np.random.default_rng(1)
    centres = 8 + (SIZE - 16) * rng.random((n, ndim))
    return Ellipsoid(radius=radius, elongation=elongation)(Placement(centres), SPACING[ndim], rng), centres


def contents(crops: Crops) -> NDArray[np.float64]:
    return np.array([crops.crop(i).sum() for i in range(len(crops))], float)


def middles(crops: Crops, ndim: int) -> NDArray[np.float64]:
    found = [(np.argwhere(crops.crop(i)) + crops.corner[i, 3 - ndim :] + 0.5).mean(axis=0) for i in range(len(crops))]
    return np.array(found) * SPACING[ndim]


@dimensions
def test_a_displacement_is_the_cubic_spline_of_its_nodes(ndim: int) -> None:
    drawn = field(ndim)
    points = SIZE * np.random.default_rng(2).random((20, ndim))
    spline = BSpline.basis_element(np.arange(-2, 3), extrapolate=False)
    expected = np.zeros((20, ndim))
    shape = drawn.nodes.shape[2:]
    for p, point in enumerate(points):
        at = (point - drawn.origin[0, 3 - ndim :]) / drawn.step + 1
        weight = np.ones(())
        for axis in range(ndim):
            nodes = np.arange(shape[3 - ndim + axis])
            weight = np.multiply.outer(weight, np.nan_to_num(spline(at[axis] - nodes)))
        for k in range(ndim):
            expected[p, k] = (weight * drawn.nodes[0, 3 - ndim + k].reshape(weight.shape)).sum()
    found = np.concatenate([drawn.at(point[np.newaxis]) for point in points])
    np.testing.assert_allclose(found, expected, atol=1e-12)


def jacobians(drawn: Displacement, ndim: int, n: int = 4000) -> NDArray[np.float64]:
    """Derivatives of a displacement at many places, by differences."""
    points = SIZE * np.random.default_rng(3).random((n, ndim))
    many = Displacement(drawn.nodes[:1], drawn.origin[:1], drawn.step)
    h = 1e-4
    steps = [(many.at(points + h * e) - many.at(points - h * e)) / (2 * h) for e in np.eye(ndim)]
    return np.stack(steps, axis=-1)


@dimensions
@pytest.mark.parametrize("spread", [0.5, 3.0, 30.0])
def test_nothing_folds_however_large_the_spread(ndim: int, spread: float) -> None:
    for seed in range(5):
        slopes = jacobians(field(ndim, spread=spread, seed=seed), ndim)
        norms = np.linalg.norm(slopes, axis=(1, 2), ord=2)
        assert norms.max() < 1  # so that p + u(p) is one to one
        assert (np.linalg.det(np.eye(ndim) + slopes) > 0).all()
    wild = Displacement(field(ndim).nodes * 40, field(ndim).origin, 8.0)
    assert np.linalg.norm(jacobians(wild, ndim), axis=(1, 2), ord=2).max() > 1, "a planted fault"


def test_small_displacements_are_as_drawn_and_large_ones_are_made_smaller_alike() -> None:
    one, two, large = (field(3, spread=spread).nodes for spread in (0.01, 0.02, 30.0))
    np.testing.assert_allclose(two, 2 * one)
    assert one.std() == pytest.approx(0.01 * 0.88, rel=0.1)  # of a normal law cut at two standard deviations
    share = large / one
    np.testing.assert_allclose(share, share[0, 0, 0, 0, 0])
    assert share[0, 0, 0, 0, 0] < 3000 * STEEPEST


@dimensions
def test_no_displacement_changes_nothing(ndim: int) -> None:
    crops, centres = disks(ndim)
    same = warped(crops, SPACING[ndim], (still(ndim), still(ndim)))
    for one, other in zip(same.arrays, crops.arrays, strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_allclose(carried(centres, (still(ndim), still(ndim))), centres)


@dimensions
def test_an_even_displacement_is_a_shift(ndim: int) -> None:
    crops, centres = disks(ndim)
    even = still(ndim)
    shift = np.array([2.0, -3.0, 1.5])[3 - ndim :]
    even.nodes[:, 3 - ndim :] = shift.reshape(1, ndim, *(1,) * (even.nodes.ndim - 2))
    moved = warped(crops, SPACING[ndim], (even, still(ndim)))
    np.testing.assert_array_equal(
        moved.corner[:, 3 - ndim :] - crops.corner[:, 3 - ndim :],
        np.tile(np.rint(-shift / SPACING[ndim]).astype(int), (30, 1)),
    )
    np.testing.assert_array_equal(moved.pixels, crops.pixels)
    np.testing.assert_allclose(carried(centres, (even, still(ndim))), centres - shift)


@dimensions
def test_objects_are_what_a_plain_look_up_gives(ndim: int) -> None:
    crops, _ = disks(ndim, 8)
    fields = field(ndim, spread=1.5), field(ndim, 8, spread=0.6, seed=5, step=5.0)
    moved = warped(crops, SPACING[ndim], fields)
    for i in range(8):
        own = [
            Displacement(
                f.nodes[min(i, len(f.nodes) - 1)][np.newaxis], f.origin[min(i, len(f.nodes) - 1)][np.newaxis], f.step
            )
            for f in fields
        ]
        corner = moved.corner[i, 3 - ndim :] - 2
        shape = np.array(moved.crop(i).shape) + 4
        at = (np.indices(tuple(shape)).reshape(ndim, -1).T + corner + 0.5) * SPACING[ndim]
        source = (
            np.floor((at + own[0].at(at) + own[1].at(at)) / SPACING[ndim]).astype(int) - crops.corner[i, 3 - ndim :]
        )
        crop = crops.crop(i)
        inside = ((source >= 0) & (source < crop.shape)).all(axis=1)
        expected = np.zeros(len(at), bool)
        expected[inside] = crop[tuple(source[inside].T)]
        np.testing.assert_array_equal(np.pad(moved.crop(i), 2), expected.reshape(tuple(shape)))


@dimensions
def test_objects_stay_whole_and_of_about_their_content(ndim: int) -> None:
    crops, _ = disks(ndim, 40)
    fields = field(ndim, spread=9.0), field(ndim, 40, spread=3.0, seed=4, step=6.0)
    moved = warped(crops, SPACING[ndim], fields)
    assert all(ndimage.label(moved.crop(i))[1] == 1 for i in range(40))
    share = contents(moved) / contents(crops)
    assert 0.2 < share.min() < share.max() < 4
    assert share.std() > 0.05
    assert share.mean() == pytest.approx(1, abs=0.15)


@dimensions
def test_points_go_where_their_objects_go(ndim: int) -> None:
    crops, centres = disks(ndim, 40, radius=2.5, elongation=1.0)
    fields: Any = field(ndim, spread=4.0), field(ndim, 40, spread=1.0, seed=4, step=6.0)
    there = carried(centres, fields)
    back = there + fields[0].at(there) + fields[1].at(there)
    np.testing.assert_allclose(back, centres, atol=1e-3)
    moved = middles(warped(crops, SPACING[ndim], fields), ndim)
    assert abs(moved - there).mean() < 0.25  # a bent object's middle is not quite its centre's
    assert abs(moved - centres).mean() > 0.6
