"""Pairs by distance, against a plain loop over all of them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from cellsim.evaluate.pairs import FEW, weighted_pairs
from cellsim.evaluate.region import Region

BOX = (20.0, 30.0, 25.0)


def plain(points: NDArray[np.float64], region: Region, radii: NDArray[np.float64]) -> NDArray[np.float64]:
    """Every ordered pair, one after the other; what a mask shares is counted on fine places."""
    found = np.zeros(len(radii))
    for i in range(len(points)):
        for j in range(len(points)):
            lag = np.abs(points[i] - points[j])
            bin_ = np.searchsorted(radii, np.linalg.norm(lag))
            if i != j and bin_ < len(radii):
                found[bin_] += 1 / np.prod(np.array(region.size) - lag)
    return found


@pytest.mark.parametrize("ndim", [2, 3])
@pytest.mark.parametrize("n", [FEW // 2, 2 * FEW])
@pytest.mark.parametrize("reach", [0.5, 6.0, 19.0])
def test_no_pair_is_missed_or_counted_twice(ndim: int, n: int, reach: float) -> None:
    region = Region(BOX[:ndim])
    points = region.uniform(n, np.random.default_rng(n))
    radii = np.sort(np.random.default_rng(1).random(12)) * reach
    np.testing.assert_allclose(weighted_pairs(points, region, radii), plain(points, region, radii), rtol=1e-12)


@pytest.mark.parametrize("ndim", [2, 3])
def test_a_mask_that_fills_its_box_weighs_pairs_like_the_box(ndim: int) -> None:
    box = Region(BOX[:ndim])
    mask = Region(box.size, np.ones((10, 15, 12)[:ndim], np.bool_))
    points, radii = box.uniform(150, np.random.default_rng(2)), np.linspace(1, 15, 8)
    np.testing.assert_allclose(weighted_pairs(points, mask, radii), weighted_pairs(points, box, radii), rtol=1e-9)


def test_corners_of_a_mask_can_be_a_pair() -> None:
    mask = Region((4.0, 4.0), np.array([[True, False], [True, True]]))
    corners = np.array([[0.0, 0.0], [3.0, 3.0]])
    # shifted by one and a half pixels both ways, a quarter of the last pixel lies on the first
    np.testing.assert_allclose(weighted_pairs(corners, mask, np.array([5.0])), [2 / 1.0])
    edges = np.array([[0.0, 0.0], [4.0, 0.0]])
    assert weighted_pairs(edges, mask, np.array([3.0])).sum() == 0


def test_points_in_a_line_or_in_one_place_are_no_error() -> None:
    line = np.stack([np.linspace(0, 20, 300), np.full(300, 7.0)], axis=1)
    region = Region(BOX[:2])
    np.testing.assert_allclose(weighted_pairs(line, region, np.array([1.0])), plain(line, region, np.array([1.0])))
    assert weighted_pairs(np.full((150, 2), 3.0), region, np.array([1.0])) == pytest.approx(150 * 149 / 600)
