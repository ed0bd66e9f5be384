"""Centres within a distance, and points in regions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import center_of_mass
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from cellsim.errors import InputError
from cellsim.evaluate.centres import centre_scores, centres_of, region_scores
from tests.evaluate.segmentations import cells, pair


@pytest.mark.parametrize("shape", [(64, 96), (24, 32, 40)])
def test_centres_are_centres_of_mass_in_micrometres(shape: tuple[int, ...]) -> None:
    labels, step = cells(0, shape, 20), np.array([2.0, 0.5, 0.25][-len(shape) :])
    expected = np.array(center_of_mass(labels > 0, labels, range(1, labels.max() + 1)))
    np.testing.assert_allclose(centres_of(labels, list(step)), (expected + 0.5) * step)


def test_a_centre_is_that_of_all_planes_and_nothing_has_none() -> None:
    planes = np.zeros((2, 3, 8), np.uint16)
    planes[0, 1, :3], planes[1, 1, 2:5] = 7, 9
    np.testing.assert_allclose(centres_of(planes, (1, 1), planes=True), [[1.5, 1.5], [1.5, 3.5]])
    assert centres_of(np.zeros((3, 8), np.uint16), (1, 1)).shape == (0, 2)


def test_a_hit_is_within_the_distance_and_exactly_at_it() -> None:
    truth = np.array([[0.0, 0.0], [0.0, 10.0], [0.0, 20.0]])
    found = np.array([[0.0, 3.0], [0.0, 13.1]])
    score = centre_scores(truth, found, 3.0)
    assert (score.tp, score.fp, score.fn) == (1, 1, 2)
    assert score.mean_distance == 3
    assert score.f1 == pytest.approx(2 / 5)
    assert centre_scores(truth, found, 2.99).tp == 0
    assert np.isnan(centre_scores(truth, found, 1.0).mean_distance)
    assert centre_scores(truth, truth, 0.0).tp == 3


def test_the_nearest_is_left_to_another_if_more_are_hit_so() -> None:
    truth, found = np.array([[0.0, 0.0], [0.0, 4.0]]), np.array([[0.0, 3.0], [0.0, 7.0]])
    assert centre_scores(truth, found, 3.0).tp == 2  # the nearest pair alone is 1 apart


@given(st.integers(0, 2**32 - 1), st.floats(1, 40))
def test_hits_are_those_of_the_dense_problem(seed: int, distance: float) -> None:
    rng = np.random.default_rng(seed)
    truth, found = rng.random((15, 2)) * 50, rng.random((11, 2)) * 50
    score = centre_scores(truth, found, distance)
    far = cdist(truth, found)
    gain = np.where(far <= distance, 1 + (1 - far / distance) / 22, 0)
    rows, columns = linear_sum_assignment(-gain)
    hit = far[rows, columns] <= distance
    assert score.tp == hit.sum()
    assert score.distance_sum == pytest.approx(far[rows, columns][hit].sum())


@pytest.mark.parametrize(("n", "m"), [(0, 0), (0, 2), (2, 0)])
def test_without_points_nothing_is_hit(n: int, m: int) -> None:
    score = centre_scores(np.zeros((n, 2)), np.zeros((m, 2)), 5.0)
    assert (score.tp, score.fp, score.fn) == (0, m, n)
    assert score.f1 == float(n == m == 0)


def regions() -> np.ndarray[Any, Any]:
    labels = np.zeros((6, 12), np.uint16)
    labels[1:4, 1:4], labels[1:4, 4:7], labels[5, 10] = 4, 7, 9
    return labels


def test_a_point_is_a_hit_in_a_region() -> None:
    points = np.array([[2.5, 2.5], [3.99, 6.99], [0.5, 0.5]])
    score = region_scores(points, regions())
    assert (score.tp, score.fp, score.fn, score.distance_sum) == (2, 1, 1, 0)


def test_two_points_in_a_region_are_one_hit_and_one_miss() -> None:
    score = region_scores(np.array([[1.5, 1.5], [3.5, 3.5]]), regions() * (regions() == 4))
    assert (score.tp, score.fp, score.fn) == (1, 0, 1)


def test_the_tolerance_is_the_distance_to_a_region_in_micrometres() -> None:
    points = np.array([[0.5, 1.0]])  # 1 µm above the nearest row of the first region, half a pixel of 2 x 1 µm
    assert region_scores(points / [1, 1], regions(), 0.0, (1.0, 1.0)).tp == 0
    assert region_scores(points, regions(), 1.0, (1.0, 1.0)).tp == 0  # the middle of the pixel is 1.118 away
    assert region_scores(points, regions(), 1.12, (1.0, 1.0)).tp == 1
    assert region_scores(points * [2, 1], regions(), 1.12, (2.0, 1.0)).tp == 0
    score = region_scores(points * [2, 1], regions(), 2.1, (2.0, 1.0))
    assert (score.tp, score.distance_sum) == (1, pytest.approx(np.hypot(2, 0.5)))


def test_with_a_tolerance_a_point_goes_where_most_are_hit() -> None:
    points = np.array([[2.5, 3.5], [2.5, 1.5]])  # both in the first region, one next to the second
    assert region_scores(points, regions()).tp == 1
    score = region_scores(points, regions(), 1.0)
    assert (score.tp, score.distance_sum) == (2, 1.0)


@given(st.integers(0, 2**32 - 1), st.floats(0, 12))
def test_regions_near_a_point_are_those_of_all_pixels(seed: int, distance: float) -> None:
    rng = np.random.default_rng(seed)
    labels, step = rng.integers(0, 4, (9, 11)) * (rng.random((9, 11)) < 0.2), np.array([1.5, 0.7])
    point = rng.uniform(-3, 14, 2)
    at = np.argwhere(labels)
    far = np.linalg.norm((at + 0.5) * step - point * step, axis=1)
    far[(at == np.floor(point)).all(axis=1)] = 0
    near = set(labels[tuple(at.T)][far <= distance])
    assert region_scores((point * step)[np.newaxis], labels, distance, list(step)).tp == min(1, len(near))


def test_regions_in_planes_may_overlap() -> None:
    planes = np.zeros((2, 3, 8), np.uint16)
    planes[0, :, :5], planes[1, :, 3:] = 1, 2
    points = np.array([[1.5, 4.2], [1.5, 4.8]])  # both in both
    assert region_scores(points, planes, planes=True).tp == 2
    assert region_scores(points, planes[0]).tp == 1


def test_true_centres_are_hit_by_the_same_objects_and_3d_works() -> None:
    truth, _ = pair(0, (24, 40, 40))
    score = region_scores(centres_of(truth, (2, 1, 1)), truth, 2.0, (2, 1, 1))
    assert score.tp == len(np.unique(truth)) - 1


def test_empty_points_and_no_regions() -> None:
    assert region_scores(np.zeros((0, 2)), regions()).fp == 3
    assert region_scores(np.ones((2, 2)), np.zeros((4, 4), int)).fn == 2
    assert region_scores(np.zeros((0, 2)), np.zeros((4, 4), int)).f1 == 1


def test_what_cannot_be_matched_is_refused() -> None:
    with pytest.raises(InputError, match="distance must be >= 0 µm, got -1"):
        centre_scores(np.zeros((1, 2)), np.zeros((1, 2)), -1)
    with pytest.raises(InputError, match="distance must be >= 0 µm, got nan"):
        region_scores(np.zeros((1, 2)), regions(), np.nan)
    with pytest.raises(InputError, match=r"shape \(N, 2\) for 2 axes, got \(1, 3\)"):
        region_scores(np.zeros((1, 3)), regions())
