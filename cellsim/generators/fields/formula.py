"""A field written as a formula of the position."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import field_validator

from cellsim.generators.base import Field
from cellsim.seeds import Rng
from cellsim.steps import near_miss, parameter

AXES = ("z", "y", "x")
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": np.abs,
    "atan2": np.arctan2,
    "cos": np.cos,
    "exp": np.exp,
    "hypot": np.hypot,
    "log": np.log,
    "max": np.maximum,
    "min": np.minimum,
    "sin": np.sin,
    "sqrt": np.sqrt,
    "tanh": np.tanh,
    "where": np.where,
}
OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


class Formula(Field):
    """Arithmetic of the position ``x``, ``y``, ``z`` in µm, the corner of the canvas at 0.

    One formula gives a number, a list of D of them a direction ([z,] y, x). Known are numbers, ``pi``,
    ``+ - * / **``, comparisons, and the functions abs, atan2, cos, exp, hypot, log, max, min, sin, sqrt, tanh and
    where. Nothing else is evaluated, so that a recipe of a stranger is safe to run.
    """

    kind: Literal["formula"] = "formula"
    version: Literal[1] = 1
    formula: tuple[str, ...] = parameter(doc="Such as exp(-x / 50), or [x - 64, 64 - y] for a direction (y, x).")

    @field_validator("formula", mode="before")
    @classmethod
    def _as_tuple(cls, value: Any) -> Any:
        return tuple(str(item) for item in (value if isinstance(value, list | tuple) else [value]))

    @field_validator("formula")
    @classmethod
    def _understood(cls, formula: tuple[str, ...]) -> tuple[str, ...]:
        here = dict.fromkeys(AXES, np.ones(1))
        with np.errstate(all="ignore"):
            for text in formula:
                evaluate(text, here)
        return formula

    def __call__(self, points: NDArray[np.float64], components: int, rng: Rng) -> NDArray[np.float64]:
        """Evaluate the formulas; nothing is drawn.

        Parameters
        ----------
        points : (N, D) float64 array
            Places in µm.
        components : int
            As many as there are formulas.
        rng : numpy.random.Generator
            Not used.

        Returns
        -------
        (N, components) float64 array
            Values.

        Raises
        ------
        ValueError
            If the number of formulas is another, or a value is not finite.
        """
        if len(self.formula) != components:
            raise ValueError(f"a formula of {components} component(s) is needed here, got {list(self.formula)}")
        here = dict(zip(AXES[-points.shape[1] :], points.T, strict=True))
        with np.errstate(all="ignore"):
            values = [np.broadcast_to(evaluate(text, here), len(points)) for text in self.formula]
        for text, found in zip(self.formula, values, strict=True):
            if not np.isfinite(found).all():
                where = points[~np.isfinite(found)][0]
                raise ValueError(f"the formula {text!r} has no finite value at {np.round(where, 3).tolist()} µm")
        return np.array(values, np.float64).T


def evaluate(text: str, names: Mapping[str, NDArray[np.float64]]) -> Any:
    """Evaluate arithmetic, and only that.

    Parameters
    ----------
    text : str
        A formula.
    names : mapping of str to (N,) float64 arrays
        The variables.

    Returns
    -------
    (N,) array or float
        Its value.

    Raises
    ------
    ValueError
        If it is not arithmetic of these variables.
    """
    try:
        return _value(ast.parse(text, mode="eval").body, names)
    except (SyntaxError, TypeError, OverflowError, RecursionError, ZeroDivisionError) as error:
        raise ValueError(f"the formula {text!r} cannot be evaluated: {getattr(error, 'msg', error)}") from None


def _value(node: ast.AST, names: Mapping[str, NDArray[np.float64]]) -> Any:
    match node:
        case ast.Constant(value=bool() | str()):
            pass
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            return _variable(name, names)
        case ast.BinOp(left=left, op=op, right=right) | ast.Compare(left=left, ops=[op], comparators=[right]):
            if type(op) in OPERATORS:
                return OPERATORS[type(op)](_value(left, names), _value(right, names))
        case ast.UnaryOp(op=op, operand=operand) if type(op) in OPERATORS:
            return OPERATORS[type(op)](_value(operand, names))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            return _function(name)(*(_value(argument, names) for argument in arguments))
    raise ValueError(f"a formula may not hold {ast.unparse(node)!r}")


def _variable(name: str, names: Mapping[str, NDArray[np.float64]]) -> Any:
    if name == "pi":
        return np.pi
    if name not in names:
        raise ValueError(f"no variable {name!r}{near_miss(name, names)} (variables: {', '.join(names)}, pi)")
    return names[name]


def _function(name: str) -> Callable[..., Any]:
    if name not in FUNCTIONS:
        raise ValueError(f"no function {name!r}{near_miss(name, FUNCTIONS)} (functions: {', '.join(FUNCTIONS)})")
    return FUNCTIONS[name]
