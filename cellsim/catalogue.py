"""The kinds of steps that there are, as people read them."""

from __future__ import annotations

import inspect

from pydantic.fields import FieldInfo

from cellsim.distributions import Distribution
from cellsim.errors import InputError
from cellsim.steps import Step, find, kinds, near_miss

ROOMS = {
    "generators": "cellsim.generators",
    "points": "cellsim.generators.points",
    "fields": "cellsim.generators.fields",
    "shapes": "cellsim.generators.shapes",
    "outlines": "cellsim.generators.outlines",
    "translators": "cellsim.translators",
    "psf": "cellsim.translators.psf",
}


def table_of(room: str) -> dict[str, str]:
    """List the kinds of a room.

    Parameters
    ----------
    room : str
        Module that holds the table.

    Returns
    -------
    dict of str to str
        Kind -> the first line of its documentation.
    """
    return {kind: _first_line(find(room, kind)) for kind in kinds(room)}


def find_kind(kind: str) -> tuple[str, type[Step]]:
    """Find a kind in any room.

    Parameters
    ----------
    kind : str
        As in a recipe.

    Returns
    -------
    title : str
        Of its room.
    step : type
        Its class.

    Raises
    ------
    InputError
        If there is no such kind.
    """
    for title, room in ROOMS.items():
        if kind in kinds(room):
            return title, find(room, kind)
    every = sorted({name for room in ROOMS.values() for name in kinds(room)})
    raise InputError(f"no kind {kind!r}{near_miss(kind, every)} (kinds: {', '.join(every)})")


def describe(title: str, step: type[Step]) -> str:
    """Describe a kind: what it is, its fields with units, bounds and defaults.

    Parameters
    ----------
    title : str
        Of its room.
    step : type
        Its class.

    Returns
    -------
    str
        Several lines.
    """
    lines = [f"{step.model_fields['kind'].default} ({title})", "", inspect.cleandoc(step.__doc__ or ""), "", "Fields"]
    return "\n".join(lines + [f"  {line}" for line in field_lines(step)])


def field_lines(step: type[Step]) -> list[str]:
    """Describe the fields of a kind, a line each.

    Parameters
    ----------
    step : type
        Its class.

    Returns
    -------
    list of str
        ``name (unit, bounds; default): description``.
    """
    return [_line(name, field) for name, field in fields_of(step)]


def fields_of(step: type[Step]) -> list[tuple[str, FieldInfo]]:
    """List the parameters of a kind, the required ones first.

    Parameters
    ----------
    step : type
        Its class.

    Returns
    -------
    list of (str, pydantic FieldInfo)
        Name and description of each.
    """
    every = [(name, field) for name, field in step.model_fields.items() if name not in ("kind", "version")]
    return sorted(every, key=lambda one: not one[1].is_required())


def _line(name: str, field: FieldInfo) -> str:
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    bounds = extra.get("bounds")
    limits = [f"{sign} {value:g}" for sign, value in bounds.items()] if isinstance(bounds, dict) else []
    default = "required" if field.is_required() else f"default {_shown(field.default)}"
    facts = ", ".join([*filter(None, [str(extra.get("unit") or "")]), *limits, default])
    return f"{name} ({facts}): {field.description}"


def _shown(value: object) -> str:
    if isinstance(value, Distribution):
        return str(value.model_dump())
    return f"{value:g}" if isinstance(value, float | int) and not isinstance(value, bool) else str(value)


def _first_line(step: type[Step]) -> str:
    return inspect.cleandoc(step.__doc__ or "").splitlines()[0]
