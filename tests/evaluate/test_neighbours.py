"""What is next to an object: by hand, in honeycombs, and for directions that are drawn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from cellsim.evaluate.neighbours import aligned, local_density, local_order, neighbours, nematic_order
from cellsim.evaluate.region import Region
from cellsim.masks.boundaries import contacts
from cellsim.masks.voronoi import voronoi
from tests.statistics import assert_mean

Array = NDArray[np.float64]


def honeycomb() -> tuple[NDArray[np.uint16], Array]:
    """Cells of a hexagonal lattice on 120 x 120 pixels, and their centres."""
    y, x = np.mgrid[-1:9, -1:8]
    seeds = np.stack([y * 14 + 7.0, x * 16 + 8.0 * (y % 2) + 3], axis=-1).reshape(-1, 2)
    labels = voronoi(np.ones((120, 120), np.bool_), (1.0, 1.0), seeds)
    return labels, seeds


def test_a_cell_in_a_honeycomb_has_six_neighbours_and_touches_them_all_round() -> None:
    labels, seeds = honeycomb()
    found = neighbours(labels, (1.0, 1.0), 1.0)
    inner = ((seeds > 25) & (seeds < 95)).all(axis=1)
    assert inner.sum() > 10
    np.testing.assert_array_equal(found.number[inner], 6)
    np.testing.assert_array_equal(found.fraction[inner], 1)


def test_a_membrane_parts_cells_unless_the_reach_crosses_it() -> None:
    labels = np.zeros((9, 11), np.uint16)
    labels[2:7, 1:5], labels[2:7, 6:10] = 1, 2
    assert len(neighbours(labels, (1.0, 1.0), 1.0).pairs) == 0
    found = neighbours(labels, (1.0, 1.0), 2.0)
    np.testing.assert_array_equal(found.pairs, [[1, 2]])
    np.testing.assert_array_equal(found.number, [1, 1])
    np.testing.assert_allclose(found.fraction, 5 / 14)  # one side of a frame of 14 pixels


def test_pixels_need_not_be_cubes() -> None:
    labels = np.zeros((4, 6, 6), np.uint16)
    labels[0, 1:5, 1:5], labels[2, 1:5, 1:5] = 1, 2
    assert len(neighbours(labels, (0.5, 1.0, 1.0), 0.9).pairs) == 0
    assert len(neighbours(labels, (0.5, 1.0, 1.0), 1.0).pairs) == 1


@given(st.integers(0, 2**32 - 1), st.sampled_from([(12, 13), (5, 6, 7)]), st.sampled_from([1.0, 1.5, 2.3]))
def test_neighbours_are_those_that_a_plain_search_finds(seed: int, shape: tuple[int, ...], reach: float) -> None:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 5, shape).astype(np.uint16) * (rng.random(shape) < 0.3)
    found = neighbours(labels, (1.0,) * len(shape), reach)
    places = [np.argwhere(labels == k) for k in range(1, int(labels.max()) + 1)]
    expected = set()
    for i in range(len(places)):
        for j in range(i):
            gaps = np.linalg.norm(places[i][:, np.newaxis] - places[j], axis=2)
            if gaps.size and gaps.min() <= reach:
                expected.add((j + 1, i + 1))
    assert {(int(a), int(b)) for a, b in found.pairs} == expected
    assert found.number.sum() == 2 * len(expected)


def test_the_contact_fraction_is_that_of_touching_pixels() -> None:
    labels, _ = honeycomb()
    labels[labels % 3 == 0] = 0
    touching = contacts(labels)
    found = neighbours(labels, (1.0, 1.0), 1.0)
    for k in (4, 25, 40):
        own = labels == k
        if own.any():
            frame = np.pad(own, 1)
            inner = frame[:-2, 1:-1] & frame[2:, 1:-1] & frame[1:-1, :-2] & frame[1:-1, 2:]
            assert found.fraction[k - 1] == pytest.approx((touching & own).sum() / (own & ~inner).sum())


def test_the_pairs_of_many_pixels_are_all_kept() -> None:
    labels = np.random.default_rng(0).integers(1, 300, (64, 64)).astype(np.uint16)
    found = neighbours(labels, (1.0, 1.0), 1.0)
    across, down = (
        np.sort(pair.reshape(2, -1), axis=0)
        for pair in (np.stack([labels[:, 1:], labels[:, :-1]]), np.stack([labels[1:], labels[:-1]]))
    )
    every = np.unique(np.concatenate([across, down], axis=1).T.astype(np.int64), axis=0)
    np.testing.assert_array_equal(found.pairs, every[every[:, 0] != every[:, 1]])


def test_a_reach_below_a_pixel_is_refused() -> None:
    with pytest.raises(ValueError, match="reach must be >= a pixel"):
        neighbours(np.zeros((4, 4), np.uint16), (1.0, 1.0), 0.5)


def test_an_empty_image_has_no_neighbours() -> None:
    found = neighbours(np.zeros((4, 4), np.uint16), (1.0, 1.0), 1.0)
    assert found.pairs.shape == (0, 2)
    assert len(found.number) == len(found.fraction) == 0


@pytest.mark.parametrize("region", [Region((60.0, 60.0)), Region((24.0, 24.0, 24.0)), "disc"])
def test_the_local_density_of_independent_points_is_their_density_up_to_the_border(region: Region | str) -> None:
    if isinstance(region, str):
        y, x = np.mgrid[:60, :60] - 29.5
        region = Region.of_mask(np.hypot(y, x) < 29, (1.0, 1.0))
    rng, n = np.random.default_rng(0), 60
    found = [local_density(region.uniform(n, rng), region, 6.0).mean() for _ in range(300)]
    assert np.mean(found) == pytest.approx((n - 1) / region.volume, rel=0.03)


def test_without_the_border_points_near_it_look_lonely() -> None:
    rng, region = np.random.default_rng(0), Region((60.0, 60.0))
    points = [region.uniform(60, rng) for _ in range(300)]
    found = [local_density(p + 100, (260.0, 260.0), 6.0).mean() for p in points]
    assert np.mean(found) != pytest.approx(59 / 3600, rel=0.05)


def directions(n: int, ndim: int, seed: int, stretch: float = 1.0) -> Array:
    """Axes drawn evenly, then pulled along the last."""
    axes = np.random.default_rng(seed).standard_normal((n, ndim))
    axes[:, -1] *= stretch
    return axes / np.linalg.norm(axes, axis=1, keepdims=True)


@pytest.mark.parametrize("ndim", [2, 3])
def test_parallel_axes_have_the_order_one_whichever_way_they_point(ndim: int) -> None:
    axes = np.tile(directions(1, ndim, 0), (9, 1)) * np.array([1, -1, 1] * 3)[:, np.newaxis]
    assert nematic_order(axes) == pytest.approx(1)
    assert aligned(axes) == pytest.approx(1)
    np.testing.assert_allclose(local_order(np.zeros((9, ndim)), axes, 1.0), 1)


@pytest.mark.parametrize("ndim", [2, 3])
def test_axes_of_any_direction_have_no_order(ndim: int) -> None:
    assert nematic_order(directions(20000, ndim, 0)) < 0.02
    assert_mean([aligned(directions(8, ndim, seed)) for seed in range(3000)], 0)
    with pytest.raises(AssertionError):  # few axes seem ordered, which is why pairs are taken
        assert_mean([nematic_order(directions(8, ndim, seed)) for seed in range(300)], 0)


@pytest.mark.parametrize("ndim", [2, 3])
def test_pairs_give_the_square_of_the_order(ndim: int) -> None:
    axes = directions(4000, ndim, 1, stretch=3.0)
    assert aligned(axes) == pytest.approx(nematic_order(axes) ** 2, rel=0.02)


def test_local_order_is_that_of_the_surroundings() -> None:
    points = np.array([[0.0, 0.0], [1.0, 0.0], [9.0, 0.0], [9.0, 1.0], [50.0, 0.0], [0.0, 1.0]])
    axes = np.array([[0, 1.0], [0, -1.0], [0, 1.0], [1.0, 0], [1.0, 0], [np.nan, np.nan]])
    np.testing.assert_allclose(local_order(points, axes, 3.0), [1, 1, -1, -1, np.nan, np.nan])
    assert np.isnan(local_order(points[:1], axes[:1], 3.0)).all()
    assert np.isnan(nematic_order(axes[5:]))
    assert np.isnan(aligned(axes[:1]))
