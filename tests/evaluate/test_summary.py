"""One number a statistic and image."""

from __future__ import annotations

import numpy as np
import pytest

from cellsim.evaluate.summary import STATISTICS, Statistic, centre_and_spread, mean_of, spread, tabulate
from cellsim.recipe import Recipe
from cellsim.sample import Sample
from tests.statistics import assert_mean

RECIPE = {
    "canvas": {"shape": [64, 64], "spacing": [0.5, 0.5]},
    "generator": {
        "kind": "population",
        "points": {"kind": "poisson", "density": 0.01},
        "shape": {"kind": "ellipsoid", "radius": 2.5},
        "margin": 5,
    },
    "translators": [{"kind": "texture"}, {"kind": "detector", "photons": 500}],
}


def test_every_statistic_is_measured_in_every_image() -> None:
    table = tabulate(Recipe.parse(RECIPE).draw_many(range(4)), 8.0)
    assert set(table) == {*(statistic.name for statistic in STATISTICS), "pairs"}
    assert all(values.shape == (4,) for values in table.values())
    radius = next(statistic for statistic in STATISTICS if statistic.name == "radius")
    assert mean_of(table, radius) == pytest.approx(2.5, rel=0.05)


def test_without_images_levels_are_not_measured() -> None:
    table = tabulate(Recipe.parse(RECIPE | {"translators": []}).draw_many(range(2)), 8.0)
    assert np.isnan(table["brightness"]).all()
    assert np.isfinite(table["cover"]).all()


def test_an_empty_image_counts_as_half_an_object() -> None:
    empty = Sample(np.zeros((1, 16, 16), np.uint16), (1.0, 1.0), np.zeros((1, 16, 16), np.float32))
    table = tabulate([empty], 4.0)
    assert table["objects"][0] == 0.5
    assert np.isnan(table["radius"]).all()


def test_inverted_images_are_measured_the_other_way_round() -> None:
    samples = Recipe.parse(RECIPE).draw_many(range(3))
    dark = [sample.with_image(1 - sample.image) for sample in samples if sample.image is not None]
    one, other = tabulate(samples, 8.0), tabulate(dark, 8.0, inverted=True)
    for name, values in one.items():
        np.testing.assert_allclose(values, other[name], rtol=1e-4, atol=1e-6)


def test_the_spread_of_few_weighted_values_has_no_bias() -> None:
    rng = np.random.default_rng(0)
    found = [spread(rng.standard_normal(5), np.array([1.0, 1, 2, 2, 0.5])) ** 2 for _ in range(4000)]
    assert_mean(found, 1.0)
    assert np.isnan(spread(np.array([1.0, np.nan, 2.0]), np.ones(3)))


def test_means_are_geometric_where_they_say_so() -> None:
    table = {"objects": np.array([1.0, 100.0, np.nan])}
    assert mean_of(table, Statistic("objects", "", "geometric")) == pytest.approx(10)
    assert mean_of(table, Statistic("objects", "", "arithmetic")) == pytest.approx(50.5)
    assert np.isnan(centre_and_spread({"objects": np.full(3, np.nan)}, STATISTICS[0])).all()


def test_clumping_is_weighted_by_pairs() -> None:
    table = {"clumping": np.array([1.0, 3.0]), "pairs": np.array([30.0, 10.0])}
    assert mean_of(table, Statistic("clumping", "", "arithmetic")) == pytest.approx(1.5)
