"""Statistics of two sets side by side."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import ks_2samp

from cellsim.evaluate.differences import (
    QUANTITIES,
    differences,
    distributions_of,
    effect_size,
    reach_of,
)
from cellsim.evaluate.measured import Measured, measure
from cellsim.evaluate.records import Difference
from cellsim.evaluate.region import Region
from cellsim.evaluate.spatial import ripley_k, ripley_l
from cellsim.recipe import Recipe
from tests.evaluate.test_measured import RECIPE, SOLID


def drawn(n: int, first: int = 0, **generator: Any) -> list[Measured]:
    recipe = Recipe.parse(RECIPE | {"generator": RECIPE["generator"] | generator})
    return [measure(recipe.draw(i)) for i in range(first, first + n)]


@pytest.fixture(scope="module")
def real() -> list[Measured]:
    return drawn(12)


def by_name(found: tuple[Difference, ...]) -> dict[str, Difference]:
    return {one.statistic: one for one in found}


def test_sets_of_one_recipe_hardly_differ(real: list[Measured]) -> None:
    found = differences(real, drawn(12, 100))
    assert {one.statistic for one in found} == {quantity.name for quantity in QUANTITIES.values()}
    assert min(one.p for one in found) * len(found) > 0.01
    for one in found:
        assert np.isfinite([*one.real, *one.synthetic]).all()
        assert one.ks == pytest.approx(ks_2samp(one.real, one.synthetic).statistic)
        assert len(one.real) <= 12 if one.by == "image" else len(one.real) > 12


def test_what_differs_is_found_and_what_does_not_is_let_be(real: list[Measured]) -> None:
    larger = by_name(differences(real, drawn(12, 100, shape={"kind": "ellipsoid", "radius": 3.6})))
    assert larger["area"].effect > 2
    assert larger["area"].p == pytest.approx(0.001)
    assert larger["area"].wasserstein == pytest.approx(np.pi * (3.6**2 - 3**2), rel=0.05)
    assert larger["perimeter"].wasserstein == pytest.approx(2 * np.pi * 0.6, rel=0.1)
    assert larger["density"].p > 0.01
    longer = by_name(differences(real, drawn(12, 100, shape={"kind": "ellipsoid", "radius": 3.0, "elongation": 2.0})))
    assert longer["elongation"].effect > 2
    assert longer["eccentricity"].synthetic.mean() == pytest.approx(np.sqrt(3) / 2, rel=0.02)
    assert longer["area"].ks < 0.6


def test_places_that_differ_are_found(real: list[Measured]) -> None:
    points = {"kind": "thomas", "density": 0.01, "cluster_density": 0.001, "spread": 4}
    found = by_name(differences(real, drawn(12, 100, points=points)))
    assert found["clustering, L(r) - r"].effect > 1
    assert found["clustering, L(r) - r"].p < 0.01
    assert found["local density"].effect > 0
    assert found["area"].ks < 0.5


def test_volumes_have_names_and_units_of_their_own() -> None:
    samples = [Recipe.parse(SOLID).draw(i) for i in range(4)]
    found = by_name(differences(samples[:2], samples[2:]))
    assert found["volume"].unit == "µm³"
    assert found["surface area"].unit == "µm²"
    assert not {"area", "perimeter", "curvature"} & set(found)


def test_the_result_repeats(real: list[Measured]) -> None:
    one, other = (differences(real[:5], real[5:]) for _ in range(2))
    assert [d.p for d in one] == [d.p for d in other]


def test_values_know_their_image(real: list[Measured]) -> None:
    found = distributions_of(real)
    np.testing.assert_array_equal(found["brightness"].image, np.repeat(np.arange(12), [len(one) for one in real]))
    np.testing.assert_array_equal(found["density"].values, [len(one) / 48**2 for one in real])
    reach = reach_of(real)
    expected = ripley_l(ripley_k(real[3].centre, (48.0, 48.0), [reach]))[0] - reach
    assert found["clustering"].values[3] == pytest.approx(expected)


def test_the_reach_holds_eight_objects_on_average(real: list[Measured]) -> None:
    density = sum(map(len, real)) / (12 * 48**2)
    assert reach_of(real) == pytest.approx(min(np.sqrt(8 / (np.pi * density)), 12))
    assert reach_of(drawn(1, points={"kind": "poisson", "density": 1e-9})) == 12


def test_effects_by_hand() -> None:
    one, other = np.array([1.0, 2.0, 3.0]), np.array([3.0, 4.0, 5.0, 4.0])
    assert effect_size(one, other) == pytest.approx(2 / np.sqrt(4 / 5))
    assert effect_size(one, other) == -effect_size(other, one)
    assert effect_size(np.ones(3), np.ones(4)) == 0
    assert effect_size(np.full(3, 0.1), np.full(3, 0.3)) == np.inf
    assert np.isnan(effect_size(np.ones(1), np.zeros(1)))


def test_neighbours_that_may_be_beyond_the_border_are_left_out() -> None:
    centre = np.array([[1.0, 10.0], [8.0, 10.0], [10.0, 10.0], [13.0, 10.0]])
    one = Measured(Region((20.0, 20.0)), centre, np.full((4, 2), np.nan), {})
    np.testing.assert_array_equal(distributions_of([one], 5.0)["nearest"].values, [2, 2, 3])
