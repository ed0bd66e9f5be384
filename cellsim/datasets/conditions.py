"""Conditions on the numbers that are kept for each sample, such as ``objects < 3 or cover > 0.9``."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellsim.errors import InputError

SHOWN = 60  # characters of a long condition in a message
Numbers = Mapping[str, NDArray[np.float64]]

COMPARISONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
ARITHMETIC: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: np.divide,
}


def where(condition: str, numbers: Numbers) -> NDArray[np.bool_]:
    """Say for which samples a condition holds.

    Comparisons of names, numbers, ``+ - * /`` and brackets, joined by ``and``, ``or`` and ``not``. A name that is not
    plain stands in quotes: ``'detector-2.photons' < 50``. Comparisons with a number that a sample lacks (NaN) do not
    hold, but for ``!=``.

    Parameters
    ----------
    condition : str
        It is read, never executed.
    numbers : mapping of str to (N,) float64 arrays
        The numbers of each sample, such as `Dataset.drawn`.

    Returns
    -------
    (N,) bool array
        Of the samples.

    Raises
    ------
    InputError
        If it cannot be read, has an unknown name, or is not a condition.
    """
    try:
        tree = ast.parse(condition.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise InputError(f"cannot read the condition {condition!r}: {getattr(error, 'msg', error)}") from None
    try:
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            found = _value(tree, numbers, condition)
    except (OverflowError, RecursionError) as error:
        raise InputError(f"the condition {_start(condition)} is beyond what can be reckoned: {error}") from None
    if not isinstance(found, np.ndarray) or found.dtype != np.bool_:
        raise InputError(f"{condition!r} is no condition on the samples; an example: objects < 3")
    return found


def _start(condition: str) -> str:
    return repr(condition if len(condition) <= SHOWN else f"{condition[:SHOWN]} ...")


def _value(node: ast.expr, numbers: Numbers, condition: str) -> Any:
    if isinstance(node, ast.BoolOp):
        join = np.logical_and if isinstance(node.op, ast.And) else np.logical_or
        return join.reduce([_truth(part, numbers, condition) for part in node.values])
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return ~_truth(node.operand, numbers, condition)
    if isinstance(node, ast.Compare) and all(type(op) in COMPARISONS for op in node.ops):
        values = [_number(part, numbers, condition) for part in (node.left, *node.comparators)]
        each = [COMPARISONS[type(op)](*pair) for op, *pair in zip(node.ops, values, values[1:], strict=False)]
        return reduce(np.logical_and, each)  # some may be of numbers alone
    return _number(node, numbers, condition)


def _truth(node: ast.expr, numbers: Numbers, condition: str) -> NDArray[np.bool_]:
    found = _value(node, numbers, condition)
    if not isinstance(found, np.ndarray) or found.dtype != np.bool_:
        raise InputError(f"in {condition!r}, '{ast.unparse(node)}' is a number, not a condition")
    return found


def _number(node: ast.expr, numbers: Numbers, condition: str) -> Any:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return float(node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_number(node.operand, numbers, condition)
    if isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC:
        both = (_number(part, numbers, condition) for part in (node.left, node.right))
        return ARITHMETIC[type(node.op)](*both)
    name = _name(node)
    if name is None:
        raise InputError(
            f"in {condition!r}, '{ast.unparse(node)}' is not allowed: a condition has names, numbers, comparisons, "
            "+ - * /, and, or, not"
        )
    if name not in numbers:
        raise InputError(f"in {condition!r}, no number of the samples is called '{name}' ({', '.join(numbers)})")
    return numbers[name]


def _name(node: ast.expr) -> str | None:
    """Read a name, plain, with dots or in quotes."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.Attribute) and (before := _name(node.value)) is not None:
        return f"{before}.{node.attr}"
    return None
