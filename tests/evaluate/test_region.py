"""Windows: boxes and masks, what they share with themselves when shifted, and how far their border is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from cellsim.evaluate.region import Region, as_region, inside
from tests.statistics import assert_mean


def disc(radius: float = 20.0, spacing: tuple[float, float] = (1.0, 0.5)) -> Region:
    """A disc in the middle of a box of 60 x 60 µm."""
    y, x = (np.arange(round(60 / step)) * step + step / 2 - 30 for step in spacing)
    return Region.of_mask(np.hypot(y[:, np.newaxis], x) < radius, spacing)


def test_a_mask_has_the_area_of_its_pixels() -> None:
    assert disc().volume == pytest.approx(np.pi * 20**2, rel=0.005)
    assert disc().size == (60.0, 60.0)
    assert Region((3.0, 4.0, 5.0)).volume == 60


def test_points_in_a_mask_are_told_from_points_in_its_box() -> None:
    points = np.array([[30.0, 30.0], [10.5, 30.0], [9.5, 30.0], [60.0, 60.0], [-1.0, 30.0]])
    np.testing.assert_array_equal(disc().contains(points), [True, True, False, False, False])
    np.testing.assert_array_equal(Region((60.0, 60.0)).contains(points), [True, True, True, True, False])


@given(st.integers(0, 2**20 - 1), st.integers(1, 2))
def test_the_covariance_of_a_mask_is_what_it_shares_when_shifted(bits: int, depth: int) -> None:
    flat = np.array([bits >> i & 1 for i in range(20)], np.bool_)
    flat[0] = True
    mask = flat.reshape((4, 5) if depth == 1 else (2, 2, 5))
    region = Region.of_mask(mask, (0.5,) * mask.ndim)
    solid = mask.reshape((1,) * (3 - mask.ndim) + mask.shape)
    z, y, x = solid.shape
    for k, j, i in np.ndindex(2 * z + 1, 2 * y + 1, 2 * x + 1):
        moved = np.zeros((3 * z, 3 * y, 3 * x), np.bool_)
        moved[k : k + z, j : j + y, i : i + x] = solid
        shared = np.count_nonzero(moved[z : 2 * z, y : 2 * y, x : 2 * x] & solid)
        assert region.covariance[k, j, i] == pytest.approx(shared * 0.5**mask.ndim)


@pytest.mark.parametrize("region", [disc(), Region((60.0, 60.0)), disc(spacing=(0.5, 0.5))])
def test_the_border_is_as_far_as_a_walk_round_it_says(region: Region) -> None:
    points = region.uniform(200, np.random.default_rng(0))
    expected = 20 - np.hypot(*(points - 30).T) if region.mask is not None else np.minimum(points, 60 - points).min(1)
    np.testing.assert_allclose(region.border(points), expected, atol=0.8 if region.mask is not None else 1e-9)


def test_a_mask_that_fills_its_box_has_the_border_of_the_box() -> None:
    full = Region.of_mask(np.ones((40, 30), np.bool_), (1.0, 1.0))
    points = full.grid(1200)
    np.testing.assert_allclose(full.border(points), Region((40.0, 30.0)).border(points))


def test_independent_points_are_spread_evenly_over_a_mask() -> None:
    region = disc()
    points = region.uniform(4000, np.random.default_rng(1))
    assert region.contains(points).all()
    assert_mean(points[:, 0], 30)
    assert_mean(((points - 30) ** 2).sum(axis=1), 200)  # half the square of the radius


def test_a_grid_is_regular_and_within() -> None:
    assert len(disc().grid(400)) == pytest.approx(400, rel=0.1)
    assert disc().contains(disc().grid(400)).all()
    assert Region((60.0, 30.0)).grid(200).shape == (200, 2)
    dot = np.zeros((50, 50), np.bool_)
    dot[3, 40] = True
    assert len(Region.of_mask(dot, (1.0, 1.0)).grid(1)) >= 1


def test_what_is_no_region_is_refused() -> None:
    with pytest.raises(ValueError, match="2 or 3 edges"):
        as_region((0.0, 1.0))
    with pytest.raises(ValueError, match="a pixel in it"):
        Region.of_mask(np.zeros((3, 3), np.bool_), (1.0, 1.0))


@pytest.mark.parametrize("points", [[[70.0, 3.0]], [[1.0, 2.0, 3.0]]])
def test_points_that_are_not_in_the_region_are_refused(points: NDArray[np.float64]) -> None:
    with pytest.raises(ValueError, match="points"):
        inside(np.array(points), disc())
