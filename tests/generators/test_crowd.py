"""Crowds: objects that find no room are refused or left out; what cannot be is refused before anything is drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cellsim.errors import RecipeError
from cellsim.generators.points.clusters import Clusters
from cellsim.generators.population import Population
from cellsim.generators.shapes.ellipsoid import Ellipsoid
from cellsim.recipe import Recipe
from cellsim.sample import Canvas
from cellsim.seeds import stream

CANVAS = Canvas(shape=(100, 100), spacing=(0.5, 0.5))


def crowd(points: float = 40, tries: int = 50, radius: float = 2.0, **fields: Any) -> Population:
    process = Clusters(points=points, clusters=2, clustered=0.5, spread=10, tries=tries)
    return Population(points=process, shape=Ellipsoid(radius=radius), margin=0, **fields)


def recipe(**changes: Any) -> dict[str, Any]:
    points = {"kind": "clusters", "points": 40, "clusters": 2, "clustered": 0.5, "spread": 10, "tries": 50}
    shape = {"kind": "ellipsoid", "radius": 2.0}
    generator = {"kind": "population", "points": points, "shape": shape, "margin": 0}
    for name, value in changes.items():
        {"points": points, "shape": shape}.get(name.split("__")[0], generator)[name.split("__")[-1]] = value
    return {"canvas": {"shape": [100, 100], "spacing": [0.5, 0.5]}, "generator": generator}


def test_every_object_finds_room_where_it_is_tried_often_enough() -> None:
    for i in range(5):
        assert crowd()(CANVAS, stream(0, i, "crowd")).count == 40
    assert crowd(tries=1)(CANVAS, stream(0, 0, "crowd")).count < 40


@pytest.mark.parametrize("overlap", [0.0, 0.1])
def test_objects_that_find_no_room_are_an_error_within_a_bounded_number_of_tries(overlap: float) -> None:
    full = crowd(170, overlap=overlap)
    with pytest.raises(ValueError, match=r"^\d+ of 170 objects found no room at 50 places each, with overlap <= 0"):
        full(CANVAS, stream(0, 0, "crowd"))
    fewer = crowd(170, overlap=overlap, fewer=True)(CANVAS, stream(0, 0, "crowd"))
    assert 80 < fewer.count < 170


def test_the_error_names_the_generator_and_what_to_do() -> None:
    dense = Recipe.parse(recipe(points__points=150))
    with pytest.raises(
        RecipeError, match=r"generator: .* allow more overlap or layers, ask for fewer or smaller ones, or say"
    ):
        dense.draw(0)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"points__points": 400},
            "generator: 400 objects with a radius of 2 µm or more cannot lie on a canvas of 50 x 50",
        ),
        ({"shape__radius": 60}, "generator: radius must be <= 50 µm, the longer edge of the canvas, got 60"),
        ({"points__spread": -3}, "generator.points.spread: must be > 0 µm, got -3"),
        ({"overlap": 1.2}, "generator.overlap: must be <= 1, got 1.2"),
        ({"points__tries": 0}, "generator.points.tries: must be >= 1, got 0"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_drawn(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        Recipe.parse(recipe(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"points__points": 400, "fewer": True},
        {"points__points": 400, "points__tries": 1},
        {"points__points": 400, "overlap": 1.0},
        {"points__points": {"uniform": [50, 400]}},
        {"shape__radius": {"uniform": [10, 60]}, "fewer": True},
    ],
)
def test_what_may_be_is_not_refused(changes: dict[str, Any]) -> None:
    Recipe.parse(recipe(**changes))


def test_the_bound_is_never_below_what_is_found_to_fit() -> None:
    for overlap in (0.0, 0.3):
        most = max(n for n in range(20, 2000, 20) if _passes(n, overlap))
        placed = crowd(2000, overlap=overlap, fewer=True)(CANVAS, stream(0, 0, "crowd")).count
        assert placed < most


def _passes(points: int, overlap: float) -> bool:
    try:
        crowd(points, overlap=overlap).check(CANVAS)
    except ValueError:
        return False
    return True


def test_no_pair_overlaps_by_more_than_its_limit() -> None:
    population = crowd(60, overlap=0.2, shared="layers", layers=6, fewer=True)
    worst = 0.0
    for i in range(4):
        labels = population(CANVAS, stream(0, i, "crowd")).labels
        sample = [(labels == name).any(axis=0) for name in range(1, int(labels.max()) + 1)]
        whole = [m for m in sample if not (m[0].any() or m[-1].any() or m[:, 0].any() or m[:, -1].any())]
        shares = [(a & b).sum() / min(a.sum(), b.sum()) for k, a in enumerate(whole) for b in whole[:k]]
        worst = max(worst, float(np.max(shares)))
    assert 0.1 < worst <= 0.2


def test_objects_with_a_direction_are_not_tried_elsewhere() -> None:
    field = {"kind": "formula", "formula": ["x", "y"]}
    with pytest.raises(RecipeError, match="generator: objects that lie along a field or a border cannot be tried"):
        Recipe.parse(recipe(shape__along=field))
    Recipe.parse(recipe(shape__along=field, points__tries=1))
    with pytest.raises(RecipeError, match="cannot be tried at other places: give the points `tries: 1`"):
        Recipe.parse(recipe(aligned="along", region={"kind": "band", "width": 20, "angle": 0}))
