"""Formulas: arithmetic, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from cellsim.errors import RecipeError
from cellsim.generators.base import Field
from cellsim.generators.fields.formula import FUNCTIONS, Formula
from cellsim.seeds import stream
from cellsim.steps import parse

POINTS = np.array([[3.0, 5.0], [1.0, -2.0]])  # y, x


def value(*formula: str, points: np.ndarray = POINTS) -> list[list[float]]:
    return Formula(formula=formula)(points, len(formula), stream(0, 0, "x")).tolist()


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("x", [5, -2]),
        ("2 * x - y / 2", [8.5, -4.5]),
        ("-x**2 + +y", [-22, -3]),
        ("x > y", [1, 0]),
        ("where(x <= 0, pi, y)", [3, np.pi]),
        ("max(x, y) - min(x, y)", [2, 3]),
        ("hypot(x, y)", [np.hypot(5, 3), np.hypot(2, 1)]),
        ("7", [7, 7]),
    ],
)
def test_formulas_are_arithmetic(formula: str, expected: list[float]) -> None:
    np.testing.assert_allclose(np.ravel(value(formula)), expected)


def test_z_is_an_axis_in_3d_only() -> None:
    assert value("z", points=np.array([[1.0, 2.0, 3.0]])) == [[1.0]]
    with pytest.raises(ValueError, match=r"no variable 'z'.*variables: y, x, pi"):
        value("z")


def test_a_list_of_formulas_is_a_direction() -> None:
    assert value("x", "-y") == [[5, -3], [-2, -1]]
    with pytest.raises(ValueError, match="2 component"):
        Formula(formula=("x",))(POINTS, 2, stream(0, 0, "x"))


def test_every_function_is_the_one_of_its_name() -> None:
    for name in ("abs", "cos", "exp", "sin", "sqrt", "tanh", "log"):
        assert value(f"{name}(y)") == [[float(getattr(np, name)(3.0))], [float(getattr(np, name)(1.0))]]
    assert value("atan2(y, x)") == [[np.arctan2(3, 5)], [np.arctan2(1, -2)]]
    assert len(FUNCTIONS) == 12, "a new function is tested here, or among the formulas above"


@pytest.mark.parametrize(
    ("formula", "complaint"),
    [
        ("exp(-w)", "no variable 'w'"),
        ("expp(x)", "no function 'expp'; did you mean 'exp'?"),
        ("__import__('os')", "no function '__import__'"),
        ("x.__class__", "may not hold 'x.__class__'"),
        ("(lambda: 1)()", "may not hold"),
        ("[x for x in y]", "may not hold"),
        ("'text'", "may not hold"),
        ("True", "may not hold"),
        ("exp(x=1)", "may not hold"),
        ("x % 2", "may not hold"),
        ("x +", "cannot be evaluated: invalid syntax"),
        ("exp(x, y, z, 1)", "cannot be evaluated"),
        ("9.0 ** 9.0 ** 9.0", "cannot be evaluated"),
        ("-" * 3000 + "x", "cannot be evaluated"),
    ],
)
def test_anything_else_is_refused_when_the_recipe_is_read(formula: str, complaint: str) -> None:
    with pytest.raises(RecipeError, match=r"profile\.formula") as error:
        parse(Field, {"kind": "formula", "formula": formula}, "profile")
    assert complaint in str(error.value)


def test_a_value_that_is_not_finite_is_refused_with_its_place() -> None:
    with pytest.raises(ValueError, match=r"'log\(x\)' has no finite value at \[1\.0, -2\.0\] µm"):
        value("log(x)")
