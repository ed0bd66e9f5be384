"""Conditions: what they say of numbers, and that nothing else can be said."""

from __future__ import annotations

import numpy as np
import pytest

from cellsim.datasets.conditions import where
from cellsim.errors import InputError

NUMBERS = {
    "objects": np.array([0.0, 2, 5, 9]),
    "cover": np.array([0.0, 0.1, 0.5, np.nan]),
    "generator.density": np.array([1.0, 2, 3, 4]),
    "detector-2.photons": np.array([10.0, 20, 30, 40]),
}


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("objects < 3", [True, True, False, False]),
        ("objects < 3 or objects >= 9", [True, True, False, True]),
        ("objects < 3 and not cover == 0", [False, True, False, False]),
        ("1 < objects <= 5", [False, True, True, False]),
        ("cover > 0.05", [False, True, True, False]),
        ("generator.density * 2 - 1 > objects", [True, True, False, False]),
        ("'detector-2.photons' != 20", [True, False, True, True]),
        ("objects / generator.density > 2 or -objects > -1", [True, False, False, True]),
        ("not (objects < 3)", [False, False, True, True]),
    ],
)
def test_a_condition_holds_where_it_should(condition: str, holds: list[bool]) -> None:
    assert where(condition, NUMBERS).tolist() == holds


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("objcts < 3", r"no number of the samples is called 'objcts' \(objects, cover, generator.density, detector"),
        ("objects < ", "cannot read the condition"),
        ("objects", "is no condition on the samples; an example: objects < 3"),
        ("3 < 4", "is no condition on the samples"),
        ("objects and cover > 1", "'objects' is a number, not a condition"),
        ("__import__('os').system('true') < 1", "is not allowed"),
        ("objects ** 9 ** 9 < 1", "is not allowed"),
        ("[x for x in objects] == 1", "is not allowed"),
        ("objects.__class__ < 1", "called 'objects.__class__'"),
        ("objects is cover", "is not allowed"),
        ("(" * 500 + "objects < 1" + ")" * 500, "cannot read"),
    ],
)
def test_what_is_no_condition_is_refused(condition: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        where(condition, NUMBERS)


def test_a_comparison_of_numbers_alone_may_stand_in_a_chain() -> None:
    assert where("objects < 3 < 4", NUMBERS).tolist() == [True, True, False, False]
    assert where("4 < 3 < objects", NUMBERS).tolist() == [False] * 4


@pytest.mark.parametrize("condition", ["objects < 1" + "0" * 400, "+".join(["objects"] * 3000) + " < 1"])
def test_what_is_too_large_is_refused(condition: str) -> None:
    with pytest.raises(InputError, match=r"the condition 'objects.* \.\.\.' is beyond|cannot read the condition"):
        where(condition, NUMBERS)
