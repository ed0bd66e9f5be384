"""Changing a recipe from the command line: `--set path=value`, `--sweep path=low:high:n`."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import yaml

from cellsim.errors import RecipeError


def override(values: Mapping[str, Any], changes: Sequence[str]) -> dict[str, Any]:
    """Set values by their paths.

    Parameters
    ----------
    values : mapping
        Of a recipe; not written to.
    changes : sequence of str
        ``path=value``, the value in YAML. A list item is named by its number or by its kind:
        ``translators.detector.photons=100``, or in short ``detector.photons=100``.

    Returns
    -------
    dict
        A changed copy.

    Raises
    ------
    RecipeError
        If a change is not of that form, or its path leads nowhere.
    """
    changed = copy.deepcopy(dict(values))
    for change in changes:
        path, equals, text = change.partition("=")
        if not equals or not path:
            raise RecipeError(f"--set takes path=value, such as generator.seeds.density=0.008, got {change!r}")
        try:
            value = yaml.safe_load(text)
        except yaml.YAMLError:
            raise RecipeError(f"{path}: the value is not valid YAML, got {text!r}") from None
        _set(changed, _full_path(changed, path).split("."), value, path)
    return changed


def _full_path(values: Mapping[str, Any], path: str) -> str:
    """Take `detector.photons`, as drawn numbers are called, for `translators.detector.photons`."""
    first = path.partition(".")[0]
    steps = values.get("translators")
    named = [step.get("kind") for step in steps if isinstance(step, dict)] if isinstance(steps, list) else []
    return f"translators.{path}" if first in named and first not in values else path


def _set(values: Any, keys: Sequence[str], value: Any, path: str) -> None:
    key, *rest = keys
    place: Any = _item(values, key, path) if isinstance(values, list) else key
    if not isinstance(values, dict | list):
        raise RecipeError(f"{path}: cannot set '{key}' inside {values!r}")
    if not rest:
        values[place] = value
    else:
        if isinstance(values, dict):
            values.setdefault(key, {})
        _set(values[place], rest, value, path)


def _item(values: list[Any], key: str, path: str) -> int:
    names = [str(item.get("kind")) if isinstance(item, dict) else "" for item in values]
    if key.isdigit() and int(key) < len(values):
        return int(key)
    if names.count(key) != 1:
        raise RecipeError(f"{path}: no single item '{key}' (items: {', '.join(names)}, or 0 to {len(values) - 1})")
    return names.index(key)


def sweep_values(sweep: str) -> tuple[str, list[float]]:
    """Read the values of a sweep.

    Parameters
    ----------
    sweep : str
        ``path=low:high:n`` for n values evenly spread, ends included, or ``path=a,b,c``.

    Returns
    -------
    path : str
        In the recipe.
    values : list of float
        One data set each.

    Raises
    ------
    RecipeError
        If it is not of that form.
    """
    path, _, text = sweep.partition("=")
    try:
        if text.count(":") == 2:
            low, high, n = text.split(":")
            values = [float(f"{value:.6g}") for value in np.linspace(float(low), float(high), int(n))]
        else:
            values = [float(value) for value in text.split(",")]
    except ValueError:
        values = []
    if not path or not values:
        raise RecipeError(f"--sweep takes path=low:high:n or path=a,b,c, got {sweep!r}")
    return path, values
