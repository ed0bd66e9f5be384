"""Changing a recipe from the command line."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from cellsim.errors import RecipeError
from cellsim.overrides import override, sweep_values

VALUES: dict[str, Any] = {
    "seed": 0,
    "generator": {"kind": "tissue", "seeds": {"kind": "ssi", "density": 0.01}},
    "translators": [{"kind": "rcm"}, {"kind": "detector", "photons": 3}, {"kind": "detector", "photons": 9}],
}


def refusal(function: Any, *arguments: Any) -> str:
    with pytest.raises(RecipeError) as refused:
        function(*arguments)
    return str(refused.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.02", 0.02),
        ("7", 7),
        ("{uniform: [1, 2]}", {"uniform": [1, 2]}),
        ("abc", "abc"),
        ("a=b", "a=b"),
        ("", None),
        ("null", None),
        ("[1, 2]", [1, 2]),
    ],
)
def test_a_value_is_yaml(text: str, value: Any) -> None:
    changed = override(VALUES, [f"generator.seeds.density={text}"])
    assert changed["generator"] == {"kind": "tissue", "seeds": {"kind": "ssi", "density": value}}


def test_changes_apply_in_order_to_a_copy() -> None:
    before = copy.deepcopy(VALUES)
    changed = override(VALUES, ["seed=1", "seed=2", "generator.seeds={kind: poisson}", "generator.seeds.density=1"])
    assert changed["seed"] == 2
    assert changed["generator"]["seeds"] == {"kind": "poisson", "density": 1}
    changed["translators"][0]["kind"] = "other"
    assert before == VALUES


def test_an_item_is_named_by_number_or_by_its_kind() -> None:
    assert override(VALUES, ["translators.rcm.psf=2"])["translators"][0] == {"kind": "rcm", "psf": 2}
    assert override(VALUES, ["translators.2.photons=5"])["translators"][2]["photons"] == 5
    assert override(VALUES, ["translators.0={kind: x}"])["translators"][0] == {"kind": "x"}


def test_a_translator_is_named_in_short_by_its_kind() -> None:
    assert override(VALUES, ["rcm.psf=2"]) == override(VALUES, ["translators.rcm.psf=2"])
    assert override(VALUES, ["blur.psf=2"])["blur"] == {"psf": 2}  # which no recipe has, and says so


def test_places_on_the_way_are_made() -> None:
    assert override(VALUES, ["store.image=uint16"])["store"] == {"image": "uint16"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("seed", "--set takes path=value, such as generator.seeds.density=0.008, got 'seed'"),
        ("=3", "--set takes path=value, such as generator.seeds.density=0.008, got '=3'"),
        ("seed=[", "seed: the value is not valid YAML, got '['"),
        ("seed.x=1", "seed.x: cannot set 'x' inside 0"),
        ("generator.kind.x=1", "generator.kind.x: cannot set 'x' inside 'tissue'"),
        (
            "translators.detector.photons=1",
            "translators.detector.photons: no single item 'detector' (items: rcm, detector, detector, or 0 to 2)",
        ),
        (
            "detector.photons=1",
            "detector.photons: no single item 'detector' (items: rcm, detector, detector, or 0 to 2)",
        ),
        ("translators.9.psf=1", "translators.9.psf: no single item '9' (items: rcm, detector, detector, or 0 to 2)"),
        ("translators.-1=1", "translators.-1: no single item '-1' (items: rcm, detector, detector, or 0 to 2)"),
    ],
)
def test_a_change_that_leads_nowhere_is_refused(change: str, message: str) -> None:
    assert refusal(override, VALUES, [change]) == message


@pytest.mark.parametrize(
    ("sweep", "values"),
    [
        ("a.b=0.002:0.012:6", [0.002, 0.004, 0.006, 0.008, 0.01, 0.012]),
        ("a.b=3:1:3", [3, 2, 1]),
        ("a.b=5:6:1", [5]),
        ("a.b=1,2.5,4", [1, 2.5, 4]),
        ("a.b=7", [7]),
    ],
)
def test_a_sweep_is_a_range_or_a_list(sweep: str, values: list[float]) -> None:
    assert sweep_values(sweep) == ("a.b", values)


@pytest.mark.parametrize(
    "sweep", ["a", "a=", "=1", "a=1:2", "a=1:2:0", "a=1:2:-1", "a=1:2:2.5", "a=x", "a=1:2:3:4", "a=1,,2"]
)
def test_a_sweep_of_another_form_is_refused(sweep: str) -> None:
    assert refusal(sweep_values, sweep) == f"--sweep takes path=low:high:n or path=a,b,c, got {sweep!r}"
