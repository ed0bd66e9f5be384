"""Parameters of a recipe that are drawn together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cellsim.errors import RecipeError
from cellsim.recipe import Recipe


def recipe(points: Any, scale: Any, photons: Any = 100) -> Recipe:
    process = {"kind": "clusters", "points": points, "clusters": 2, "clustered": 0, "spread": 5}
    return Recipe.parse(
        {
            "canvas": {"shape": [32, 32], "spacing": [1, 1]},
            "generator": {
                "kind": "population",
                "points": process,
                "shape": {"kind": "simcep", "radius": 3, "scale": scale},
            },
            "translators": [{"kind": "fluorescence"}, {"kind": "detector", "photons": photons}],
        }
    )


def test_they_take_the_same_place_in_their_lists() -> None:
    few_large = recipe({"choice": [3, 9, 27], "together": "a"}, {"choice": [2, 1, 0.5], "together": "a"})
    pairs = [tuple(few_large.drawn(i).values()) for i in range(300)]
    assert set(pairs) == {(3, 2), (9, 1), (27, 0.5)}
    counts = np.array([pairs.count(pair) for pair in set(pairs)])
    assert counts.min() > 60


def test_those_of_another_name_and_those_alone_are_independent() -> None:
    lists = [{"choice": [0, 1], "together": name} if name else {"choice": [0, 1]} for name in ("a", "b", None)]
    mixed = recipe(lists[0], lists[1] | {"choice": [1, 2]}, lists[2] | {"choice": [50, 90]})
    drawn = np.array([list(mixed.drawn(i).values()) for i in range(400)])
    assert abs(np.corrcoef(drawn.T) - np.eye(3)).max() < 0.25
    assert len(np.unique(drawn, axis=0)) == 8


def test_letting_one_vary_more_changes_no_other() -> None:
    alone = recipe(7, {"choice": [1, 2, 3], "together": "a"})
    both = recipe({"choice": [3, 9, 27], "together": "a"}, {"choice": [1, 2, 3], "together": "a"})
    for i in range(20):
        assert alone.drawn(i)["generator.shape.scale"] == both.drawn(i)["generator.shape.scale"]


def test_lists_of_unequal_length_are_refused() -> None:
    with pytest.raises(
        RecipeError,
        match=r"generator.shape.scale: 2 numbers to be drawn together with 3 of generator.points.points",
    ):
        recipe({"choice": [3, 9, 27], "together": "a"}, {"choice": [1, 2], "together": "a"})
    recipe({"choice": [3, 9, 27], "together": "a"}, {"choice": [1, 2], "together": "b"})


def test_a_recipe_is_written_and_read_with_what_is_together() -> None:
    given = recipe({"choice": [3, 9], "together": "a"}, {"choice": [1, 2], "together": "a"})
    assert Recipe.parse(given.dump()).digest == given.digest
    other = recipe({"choice": [3, 9], "together": "b"}, {"choice": [1, 2], "together": "b"})
    assert other.digest != given.digest
