"""Adsorption until no more points fit: the hard core, the published cover, and no room that was missed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import cKDTree
from scipy.stats import norm

from cellsim.generators.points.saturation import put_down
from cellsim.generators.points.ssi import JAMMED
from cellsim.seeds import stream
from tests.statistics import ALPHA, assert_mean, assert_same_distribution

SIDES = {2: 40.0, 3: 14.0}  # of a box, at distance 1
UNIT = {2: math.pi / 4, 3: math.pi / 6}
# Zhang and Torquato (2013), table I: cover at saturation in the limit of large boxes.
PUBLISHED = {2: 0.5470735, 3: 0.3841307}


def jammed(ndim: int, runs: int) -> list[np.ndarray]:
    return [put_down(np.full(ndim, SIDES[ndim]), 1.0, None, stream(0, i, "jam"))[:, -ndim:] for i in range(runs)]


def tree(points: np.ndarray, size: np.ndarray) -> cKDTree:
    return cKDTree(points % size, boxsize=size)


@pytest.mark.parametrize(("ndim", "runs"), [(2, 150), (3, 40)])
def test_the_cover_at_saturation_is_the_published_one(ndim: int, runs: int) -> None:
    cover = [len(points) * UNIT[ndim] / SIDES[ndim] ** ndim for points in jammed(ndim, runs)]
    assert_mean(cover, PUBLISHED[ndim])
    assert norm.isf(ALPHA / 2) * np.std(cover) / math.sqrt(runs) < 0.005 * PUBLISHED[ndim]  # it is a sharp test
    with pytest.raises(AssertionError):
        assert_mean(cover, 1.01 * PUBLISHED[ndim])


@pytest.mark.parametrize(("size", "pixel"), [((12.0, 17.0), 0.01), ((5.0, 6.0, 4.5), 0.05)])
def test_no_more_point_fits(size: tuple[float, ...], pixel: float) -> None:
    box = np.array(size)
    points = put_down(box, 1.0, None, stream(0, 1, "jam"))[:, -len(box) :]
    grid = np.stack(np.meshgrid(*(np.arange(0, edge, pixel) for edge in size), indexing="ij"), axis=-1)
    assert tree(points, box).query(grid.reshape(-1, len(size)))[0].max() < 1.0
    assert tree(points[1:], box).query(grid.reshape(-1, len(size)))[0].max() > 1.0, "a planted fault"


@given(
    size=st.one_of(st.tuples(*[st.floats(2, 9)] * 2), st.tuples(*[st.floats(2, 5)] * 3)),
    share=st.floats(0, 1.2),
    distance=st.sampled_from([0.01, 0.3, 1.0]),
    seed=st.integers(0, 1000),
)
def test_no_two_are_nearer_than_the_distance_around_the_faces_too(
    size: tuple[float, ...], share: float, distance: float, seed: int
) -> None:
    box = np.array(size)
    most = int(share * min(JAMMED[len(box)] / UNIT[len(box)] * box.prod() / distance ** len(box), 200))
    points = put_down(box, distance, most, np.random.default_rng(seed))
    assert len(points) <= most
    assert (points[:, : 3 - len(box)] == 0).all()
    at = points[:, 3 - len(box) :]
    assert (at >= 0).all()
    assert (at <= box * (1 + 1e-12)).all()
    assert len(tree(at, box).query_pairs(distance * (1 - 1e-9))) == 0
    if len(points) < most:
        assert tree(at, box).query(np.random.default_rng(0).random((2000, len(box))) * box)[0].max() < distance


@pytest.mark.parametrize("ndim", [2, 3])
def test_each_next_point_is_uniform_on_the_free_places(ndim: int) -> None:
    """Three points that nearly fill a box (two never do): uniform, at the distances of plain rejection."""
    box, rng = np.full(ndim, 2.6), np.random.default_rng(0)

    def plain() -> np.ndarray:
        points = np.empty((0, ndim))
        while len(points) < 3:
            new = box * rng.random(ndim)
            apart = abs(points - new)
            if (np.linalg.norm(np.minimum(apart, box - apart), axis=1) >= 1).all():
                points = np.vstack([points, new])
        return points

    def spread(points: np.ndarray) -> float:
        apart = abs(points[:, np.newaxis] - points)
        return float(np.linalg.norm(np.minimum(apart, box - apart), axis=-1).sum())

    drawn = np.array([put_down(box, 1.0, 3, stream(2, i, "jam"))[:, -ndim:] for i in range(1500)])
    for coordinate in (drawn / box).reshape(1500, -1).T:  # of the first, second or third point
        assert_same_distribution(coordinate, lambda u: np.clip(u, 0, 1))
        with pytest.raises(AssertionError):
            assert_same_distribution(coordinate**1.5, lambda u: np.clip(u, 0, 1))
    ours = [spread(points) for points in drawn]
    theirs = [spread(plain()) for _ in range(1500)]
    assert_same_distribution(ours, theirs)
    with pytest.raises(AssertionError):
        assert_same_distribution(np.array(ours) * 1.03, theirs)


def test_a_sparse_pattern_takes_no_room_for_its_distance() -> None:
    """Cells as narrow as the distance would be 10^15."""
    points = put_down(np.full(3, 100.0), 1e-3, 50, stream(0, 0, "sparse"))
    assert points.shape == (50, 3)


def test_none_are_put_down_where_none_are_asked_for() -> None:
    assert put_down(np.array([9.0, 9.0]), 1.0, 0, stream(0, 0, "none")).shape == (0, 3)
