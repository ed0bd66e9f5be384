"""The model of SIMCEP under estimation: what moves which parameter, and what it writes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from cellsim.evaluate.summary import STATISTICS, Table
from cellsim.fitting.simcep import FORMS, IMAGES, LEVELS, Simcep
from cellsim.recipe import Recipe
from cellsim.sample import Canvas

CANVAS = Canvas(shape=(96, 96), spacing=(0.5, 0.5))


def table(levels: bool = True, **changes: Any) -> Table:
    """Statistics of ten images that are plausible, and vary a little."""
    plain = {
        "objects": 20,
        "radius": 3,
        "elongation": 1.3,
        "cover": 0.2,
        "edge": 1.2,
        "noise": 0.02,
        "unevenness": 0.02,
        "clumping": 1.0,
        "lonely": 0.1,
    }
    values = {s.name: np.full(10, plain.get(s.name, 0.15)) for s in STATISTICS}
    values |= {name.replace("_", " "): np.asarray(value, float) * np.ones(10) for name, value in changes.items()}
    if not levels:
        forms = {rule.statistic for rule in FORMS} | {"cover", "lonely", "clumping"}
        values = {name: value if name in forms else np.full(10, np.nan) for name, value in values.items()}
    return values | {"pairs": np.full(10, 380.0)}


def guess(real: Table, inverted: bool = False) -> Simcep:
    return Simcep.guess(real, CANVAS, 12.0, inverted)


def test_the_first_guess_is_a_recipe() -> None:
    recipe = Recipe.parse(guess(table()).recipe("first", "uint8"))
    assert recipe.draw(0).image is not None
    assert recipe.name == "first"


def test_without_images_there_are_no_translators() -> None:
    model = guess(table(levels=False))
    assert model.recipe("forms", "uint8")["translators"] == []
    assert model.rules == FORMS


def test_objects_darker_than_the_background_are_inverted_last() -> None:
    assert guess(table(), inverted=True).recipe("dark", "uint8")["translators"][-1] == {"kind": "invert"}


def test_points_are_those_of_the_canvas_and_its_margin() -> None:
    model = guess(table())
    seen = 48 * 48 + 4 * 48 * 3 + np.pi * 9  # where the centre of a disk that is seen may be
    assert model.laws["points"].median * seen / model.box == pytest.approx(20)


def test_sizes_that_vary_between_images_make_the_scale_vary() -> None:
    radius = 3 * np.exp(0.3 * np.resize([-1, 1], 10))
    shape = guess(table(radius=radius)).recipe("sizes", "uint8")["generator"]["shape"]
    assert shape["scale"] == {"choice": [0.741, 1.35] * 5, "together": "image"}
    assert shape["radius"] == {"lognormal": [3, 0.15]}


@pytest.mark.parametrize("rule", [*FORMS, *LEVELS], ids=lambda rule: rule.parameter)
def test_every_parameter_follows_its_statistic(rule: Any) -> None:
    real, model = table(), guess(table())
    before = model.laws[rule.parameter].median
    less = model.corrected(real, table(**{rule.statistic.replace(" ", "_"): real[rule.statistic] / 1.2}), 1.0)
    assert (less.laws[rule.parameter].median > before) == (rule.power > 0)
    others = {name: law for name, law in less.laws.items() if name != rule.parameter}
    assert others == {name: law for name, law in model.laws.items() if name != rule.parameter}


def test_nothing_moves_where_nothing_lacks() -> None:
    model = guess(table())
    assert model.corrected(table(), table(), 1.0) == model


def test_pairs_gather_where_objects_clump_more() -> None:
    model = replace(guess(table()), together=0.1, clusters=2, spread=6.0)
    assert model.corrected(table(clumping=1.5), table(clumping=1.2), 1.0).together > 0.1
    assert model.corrected(table(clumping=1.0), table(clumping=5.0), 1.0).together == 0
    assert model.corrected(table(clumping=9.0), table(clumping=1.0), 1.0).clustered == 1


def test_what_varies_between_images_varies_as_it_does_there() -> None:
    ranks = np.array([0.0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    real = table(radius=3 * np.exp(0.05 * ranks), objects=40 * np.exp(-0.2 * ranks))
    generator = guess(real).recipe("varied", "uint8")["generator"]
    points, scale = generator["points"]["points"], generator["shape"]["scale"]
    assert points["together"] == scale["together"]
    assert np.corrcoef(np.log(points["choice"]), np.log(scale["choice"]))[0, 1] < -0.99
    np.testing.assert_array_equal(np.argsort(scale["choice"]), ranks)


def test_of_many_images_some_are_listed_and_what_was_not_measured_is_in_the_middle() -> None:
    many = {name: np.resize(values, 200) for name, values in table(radius=[2, 3, 4, 3] * 2 + [np.nan] * 2).items()}
    scale = guess(many).recipe("many", "uint8")["generator"]["shape"]["scale"]
    assert len(scale["choice"]) == IMAGES
    assert 1.0 in scale["choice"]
