"""All numbers of a comparison as JSON that any program reads: what is not known is null."""

from __future__ import annotations

import json
import math
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cellsim.datasets.layout import show
from cellsim.evaluate.comparison import Comparison
from cellsim.evaluate.records import Difference
from cellsim.report import words

DIGITS = 6  # that count


def plain(value: Any) -> Any:
    """Turn a record into plain values.

    Parameters
    ----------
    value : object
        Records, arrays, numbers, text, and tuples, lists and dicts of them.

    Returns
    -------
    object
        What JSON knows; floats have six digits that count, and what is not finite is None.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {name: plain(one) for name, one in value._asdict().items()}
    value = value.tolist() if isinstance(value, np.ndarray | np.generic) else value
    if isinstance(value, dict):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    return _single(value)


def _single(value: Any) -> str | int | float | None:
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
    return value if value is None or isinstance(value, str | int) else show(value)


def as_json(comparison: Comparison, command: str = "") -> str:
    """Write a comparison as JSON.

    Parameters
    ----------
    comparison : Comparison
        Of two sets.
    command : str
        That made it, if it was one.

    Returns
    -------
    str
        Strict JSON, with the sentences of the page beside their numbers.
    """
    objects = words.objects_of(comparison)
    found = {"verdict": words.verdict(comparison), "command": command} | plain(comparison)
    for key, said in (
        ("differences", lambda one: words.difference(one, objects)),
        ("curves", words.curve),
        ("distances", words.distance),
        ("copies", words.copies),
    ):
        for written, one in zip(found[key], getattr(comparison, key), strict=True):
            written["sentence"] = said(one)
    for written, one in zip(found["differences"], comparison.differences, strict=True):
        written["summary"] = plain(summaries(one))
    return json.dumps(found, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def summaries(found: Difference) -> dict[str, dict[str, float]]:
    """Summarise the values of both sets.

    Parameters
    ----------
    found : Difference
        Of two sets.

    Returns
    -------
    dict
        For "real" and "synthetic": how many values, mean, standard deviation, and quartiles.
    """
    both = {}
    for name, values in (("real", found.real), ("synthetic", found.synthetic)):
        low, middle, high = np.percentile(values, [25, 50, 75]) if len(values) else (math.nan,) * 3
        mean, sd = (values.mean(), values.std()) if len(values) else (math.nan, math.nan)
        numbers = {"n": len(values), "mean": mean, "sd": sd, "lower_quartile": low, "median": middle}
        both[name] = {key: float(one) for key, one in (numbers | {"upper_quartile": high}).items()}
    return both


def save_numbers(comparison: Comparison, path: Path, command: str = "") -> Path:
    """Write a comparison to a JSON file.

    Parameters
    ----------
    comparison : Comparison
        Of two sets.
    path : Path
        Of the file.
    command : str
        That made it, if it was one.

    Returns
    -------
    Path
        The same.
    """
    path.write_text(as_json(comparison, command) + "\n", encoding="utf-8")
    return path
