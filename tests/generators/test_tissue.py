"""Tissue: cells are what lies nearest to their seeds, within an outline."""

from __future__ import annotations

from itertools import combinations
from typing import Any, Literal

import numpy as np
import pytest
from scipy.spatial import cKDTree

from cellsim.generators.base import Outline, Placement, Points
from cellsim.generators.outlines.full import Full
from cellsim.generators.points.poisson import Poisson
from cellsim.generators.tissue import Tissue
from cellsim.sample import Canvas, Sample
from cellsim.seeds import Rng, stream
from tests.statistics import assert_same_distribution

FLAT = Canvas(shape=(40, 60), spacing=(1.0, 0.75))
DEEP = Canvas(shape=(10, 24, 20), spacing=(2.0, 1.0, 1.0))


class Fixed(Points):
    """Centres that are given."""

    kind: Literal["fixed"] = "fixed"
    centres: tuple[tuple[float, ...], ...]

    def pattern(self, size: Any, rng: Rng) -> Placement:
        return Placement(np.array(self.centres, np.float64))


class Bands(Outline):
    """Rows that are tissue."""

    kind: Literal["bands"] = "bands"
    rows: tuple[int, ...]

    def __call__(self, canvas: Canvas, rng: Rng) -> Any:
        inside = np.zeros(canvas.shape, np.bool_)
        inside[list(self.rows)] = True
        return inside


def rng(index: int = 0) -> Rng:
    return stream(0, index, "tissue")


def centres_of_pixels(canvas: Canvas) -> Any:
    return (np.stack(np.indices(canvas.shape), axis=-1) + 0.5) * canvas.spacing


@pytest.mark.parametrize("canvas", [FLAT, DEEP])
def test_a_pixel_is_in_the_cell_of_the_nearest_seed(canvas: Canvas) -> None:
    tissue = Tissue(outline=Full(), seeds=Poisson(density=0.01), smallest=0.0)
    for i in range(5):
        sample = tissue(canvas, rng(i))
        labels, seeds = sample.labels[0], sample.objects["seed"]
        nearest = cKDTree(seeds).query(centres_of_pixels(canvas))[1] + 1
        assert (labels > 0).mean() > 0.99  # a thin cell may come in pieces, of which the largest is kept
        assert (labels == nearest)[labels > 0].mean() > 0.9999  # seeds are stored as float32


def test_the_record_of_a_cell_is_its_seed_on_the_canvas() -> None:
    seeds = Fixed(centres=((12.0, 12.0), (12.0, 18.0), (18.0, 12.0), (500.0, 500.0)))
    sample = Tissue(outline=Full(), seeds=seeds, margin=10.0)(Canvas(shape=(10, 10), spacing=(1.0, 1.0)), rng())
    np.testing.assert_array_equal(sample.objects["seed"], [[2, 2], [2, 8], [8, 2]])
    assert sample.objects["seed"].dtype == np.float32
    np.testing.assert_array_equal(sample.labels[0, [2, 2, 8], [2, 7, 2]], [1, 2, 3])


@pytest.mark.parametrize("membrane", [1.0, 2.5])
def test_pixels_of_two_cells_are_a_membrane_apart(membrane: float) -> None:
    sample = Tissue(outline=Full(), seeds=Poisson(density=0.01), membrane=membrane)(FLAT, rng())
    at = [np.argwhere(sample.labels[0] == i + 1) * FLAT.spacing for i in range(sample.count)]
    least = min(cKDTree(a).query(b)[0].min() for a, b in combinations(at, 2))
    assert membrane - 1e-9 <= least < membrane + 1.0


def test_without_a_membrane_cells_fill_the_canvas() -> None:
    assert Tissue(outline=Full(), seeds=Poisson(density=0.01), smallest=0.0)(FLAT, rng()).cover == 1.0


def test_nothing_lies_outside_the_outline() -> None:
    sample = Tissue(outline=Bands(rows=(3, 4, 5, 6, 30)), seeds=Poisson(density=0.01), smallest=0.0)(FLAT, rng())
    assert set(np.flatnonzero(sample.labels[0].any(axis=1))) <= {3, 4, 5, 6, 30}


def test_a_cell_cut_in_pieces_keeps_its_largest() -> None:
    one = Fixed(centres=((5.0, 5.0),))
    sample = Tissue(outline=Bands(rows=(1, 4, 5, 6, 9)), seeds=one, margin=0.0)(
        Canvas(shape=(10, 10), spacing=(1.0, 1.0)), rng()
    )
    np.testing.assert_array_equal(np.flatnonzero(sample.labels[0].any(axis=1)), [4, 5, 6])


def test_cells_smaller_than_asked_are_background() -> None:
    two, canvas = Fixed(centres=((0.5, 0.5), (0.5, 2.5))), Canvas(shape=(1, 8), spacing=(1.0, 0.5))
    for smallest, expected in (
        (0.0, [1, 1, 1, 2, 2, 2, 2, 2]),
        (1.5, [1, 1, 1, 2, 2, 2, 2, 2]),
        (1.6, [0] * 3 + [1] * 5),
    ):
        sample = Tissue(outline=Full(), seeds=two, margin=0.0, smallest=smallest)(canvas, rng())
        np.testing.assert_array_equal(sample.labels[0, 0], expected)


def from_seed(samples: list[Sample], pixel: tuple[int, int]) -> list[float]:
    """Distance of a pixel from the seed of its cell, in every sample."""
    at = (np.array(pixel) + 0.5) * FLAT.spacing
    cells = [(sample.objects["seed"], int(sample.labels[0][pixel])) for sample in samples]
    return [float(np.hypot(*(seeds[cell - 1] - at))) for seeds, cell in cells]


def test_cells_at_the_border_look_like_any_other() -> None:
    tissue = Tissue(outline=Full(), seeds=Poisson(density=0.01), smallest=0.0, margin=30.0)
    samples = [tissue(FLAT, rng(i)) for i in range(1500)]
    middle, corner = from_seed(samples, (20, 30)), from_seed(samples, (0, 0))
    assert_same_distribution(middle, lambda r: 1 - np.exp(-0.01 * np.pi * r**2))
    assert_same_distribution(corner, lambda r: 1 - np.exp(-0.01 * np.pi * r**2))
    bare = tissue.model_copy(update={"margin": 0.0})
    with pytest.raises(AssertionError):  # without a margin, corners are far from seeds
        assert_same_distribution(from_seed([bare(FLAT, rng(i)) for i in range(1500)], (0, 0)), corner)


def test_tissue_without_seeds_is_empty() -> None:
    sample = Tissue(outline=Full(), seeds=Poisson(density=1e-12))(FLAT, rng())
    assert sample.count == 0
    assert sample.objects["seed"].shape == (0, 2)
