"""Voronoi cells against the brute-force nearest seed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from cellsim.masks.voronoi import voronoi
from cellsim.sample import Canvas
from tests.strategies import canvases, seeds_about

TIE = 1e-9  # µm; nearer than this to a border, either answer is right


def brute_force(
    shape: Sequence[int], spacing: Sequence[float], seeds: NDArray[np.float64], gap: float
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Nearest seed + 1, 0 within gap / 2 of the bisector with any other; and where that is beyond doubt."""
    at = (np.stack(np.indices(shape), axis=-1) + 0.5) * spacing
    square = ((at[..., np.newaxis, :] - seeds) ** 2).sum(axis=-1)
    own = square.argmin(axis=-1)
    excess = square - square.min(axis=-1, keepdims=True)
    apart = 2 * np.linalg.norm(seeds[own][..., np.newaxis, :] - seeds, axis=-1)
    to_border = np.full(excess.shape, np.inf)
    np.divide(excess, apart, out=to_border, where=apart > 0)
    nearest = to_border.min(axis=-1)
    return np.where(nearest < gap / 2, 0, own + 1), abs(nearest - gap / 2) > TIE


def assert_as_by_brute_force(canvas: Canvas, seeds: NDArray[np.float64], gap: float) -> None:
    found = voronoi(np.ones(canvas.shape, np.bool_), canvas.spacing, seeds, gap)
    expected, certain = brute_force(canvas.shape, canvas.spacing, seeds, gap)
    np.testing.assert_array_equal(found[certain], expected[certain])


@given(data=st.data(), canvas=canvases(2, 70), gap=st.sampled_from([0.0, 0.5, 3.0]))
def test_pixels_go_to_their_nearest_seed_in_2d(data: st.DataObject, canvas: Canvas, gap: float) -> None:
    assert_as_by_brute_force(canvas, data.draw(seeds_about(canvas)), gap)


@given(data=st.data(), canvas=canvases(3, 20), gap=st.sampled_from([0.0, 0.5, 3.0]))
def test_voxels_go_to_their_nearest_seed_in_3d(data: st.DataObject, canvas: Canvas, gap: float) -> None:
    assert_as_by_brute_force(canvas, data.draw(seeds_about(canvas)), gap)


def test_many_seeds_on_a_large_canvas_are_as_by_brute_force() -> None:
    canvas = Canvas(shape=(150, 130), spacing=(0.5, 1.5))
    seeds = (1.4 * np.random.default_rng(0).random((400, 2)) - 0.2) * canvas.size
    for gap in (0.0, 1.0):
        assert_as_by_brute_force(canvas, seeds, gap)


def test_clusters_of_seeds_and_empty_quarters_are_as_by_brute_force() -> None:
    canvas, rng = Canvas(shape=(120, 120), spacing=(1.0, 1.0)), np.random.default_rng(1)
    seeds = np.concatenate([rng.normal(20, 2, (60, 2)), rng.normal(110, 1, (60, 2)), rng.normal(400, 5, (5, 2))])
    for gap in (0.0, 1.0):
        assert_as_by_brute_force(canvas, seeds, gap)


def test_a_gap_much_wider_than_a_block_is_as_by_brute_force() -> None:
    canvas = Canvas(shape=(90, 110), spacing=(0.25, 0.25))  # a block is 4 µm wide
    for seed in range(40):
        seeds = (1.5 * np.random.default_rng(seed).random((5, 2)) - 0.25) * canvas.size
        assert_as_by_brute_force(canvas, seeds, 9.0)


def test_brute_force_would_see_a_pixel_in_the_wrong_cell() -> None:
    canvas, seeds = Canvas(shape=(20, 20), spacing=(1.0, 1.0)), np.array([[5.0, 5.2], [14.0, 13.7]])
    found = voronoi(np.ones(canvas.shape, np.bool_), canvas.spacing, seeds)
    expected, certain = brute_force(canvas.shape, canvas.spacing, seeds + np.array([0.3, 0]), 0.0)
    with pytest.raises(AssertionError):
        np.testing.assert_array_equal(found[certain], expected[certain])


@given(data=st.data(), canvas=canvases(2))
def test_a_region_only_cuts_cells(data: st.DataObject, canvas: Canvas) -> None:
    seeds = data.draw(seeds_about(canvas))
    rng = np.random.default_rng(data.draw(st.integers(0, 1000)))
    inside = rng.random(canvas.shape) < data.draw(st.sampled_from([0.02, 0.5]))
    inside[:, : canvas.shape[1] // 2] = False
    inside.flags.writeable = seeds.flags.writeable = False
    for gap in (0.0, 1.0):
        whole = voronoi(np.ones(canvas.shape, np.bool_), canvas.spacing, seeds, gap)
        np.testing.assert_array_equal(voronoi(inside, canvas.spacing, seeds, gap), whole * inside)


def test_the_border_of_two_cells_stands_half_way() -> None:
    found = voronoi(np.ones((1, 8), np.bool_), (1.0, 1.0), np.array([[0.5, 1.0], [0.5, 6.5]]))
    np.testing.assert_array_equal(found, [[1, 1, 1, 1, 2, 2, 2, 2]])


def test_a_gap_takes_half_its_width_from_each_cell() -> None:
    found = voronoi(np.ones((1, 8), np.bool_), (1.0, 1.0), np.array([[0.5, 1.0], [0.5, 7.0]]), gap=2.2)
    np.testing.assert_array_equal(found, [[1, 1, 1, 0, 0, 2, 2, 2]])


def test_seeds_that_coincide_leave_the_cell_to_one_of_them() -> None:
    seeds = np.array([[2.0, 2.0], [2.0, 2.0], [2.0, 6.0]])
    found = voronoi(np.ones((4, 8), np.bool_), (1.0, 1.0), seeds)
    assert len(np.unique(found[:, :4])) == 1
    assert set(np.unique(found[:, 4:])) == {3}


def test_without_seeds_all_is_background() -> None:
    assert not voronoi(np.ones((3, 4), np.bool_), (1.0, 1.0), np.zeros((0, 2))).any()


def test_more_seeds_than_labels_are_refused() -> None:
    with pytest.raises(ValueError, match="a label image holds at most 65,535 objects, got 65,536"):
        voronoi(np.ones((3, 4), np.bool_), (1.0, 1.0), np.zeros((65_536, 2)))
