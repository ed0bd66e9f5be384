"""Steps: frozen, validated parameters that can be called; and the way from `kind: ssi` to the class."""

from __future__ import annotations

import difflib
import importlib
import operator
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from importlib.metadata import entry_points
from typing import Any, ClassVar, TypeVar, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from cellsim.errors import RecipeError

M = TypeVar("M", bound=BaseModel)


class Step(BaseModel):
    """A frozen value that can be called: its fields are its parameters.

    An abstract kind of step (points, shapes, generators ...) sets `room`, the module that holds the table
    ``KINDS`` of its concrete steps; a concrete step has the fields ``kind`` and ``version``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    room: ClassVar[str] = ""

    @property
    def remark(self) -> str:
        """What the users of a recipe should be told in a line, such as what its weights were trained on."""
        return ""

    @field_validator("*")
    @classmethod
    def _within_bounds(cls, value: Any, info: ValidationInfo) -> Any:
        extra = cls.model_fields[str(info.field_name)].json_schema_extra
        bounds = extra.get("bounds", {}) if isinstance(extra, dict) else {}
        for sign, bound in cast("dict[str, float]", bounds).items():
            if value is not None and not SIGNS[sign](value, bound):
                unit = f" {extra['unit']}" if isinstance(extra, dict) and extra["unit"] else ""
                raise ValueError(f"must be {sign} {bound:g}{unit}, got {_shortened(_plain(value))}")
        return value


SIGNS: dict[str, Callable[[Any, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


def parameter(default: Any = ..., *, unit: str = "", doc: str, bounds: str = "") -> Any:
    """Declare a parameter of a step.

    Parameters
    ----------
    default : object, optional
        Its default; a parameter without one is required.
    unit : str
        Its unit, "" for a plain number.
    doc : str
        One line on what it does.
    bounds : str
        What values are allowed, such as ``"> 0"`` or ``">= 0, <= 1"``; of a distribution, its whole support.

    Returns
    -------
    pydantic field
        To be assigned in the class body.
    """
    pairs = [item.split() for item in bounds.split(",") if item]
    limits: dict[str, Any] = {sign: float(value) for sign, value in pairs}
    return Field(default, description=doc, json_schema_extra={"unit": unit, "bounds": limits})


@cache
def kinds(room: str) -> dict[str, str]:
    """Return the table of a room: kind -> "module:Class".

    Parameters
    ----------
    room : str
        Module that holds ``KINDS``; also the entry-point group by which other packages add theirs.

    Returns
    -------
    dict of str to str
        Our kinds first, then those of installed plug-ins.

    Raises
    ------
    RecipeError
        If a plug-in's kind has the name of another.
    """
    table = dict(importlib.import_module(room).KINDS)
    for point in entry_points(group=room):
        if table.setdefault(point.name, point.value) != point.value:
            raise RecipeError(f"{room}: kind '{point.name}' is defined by {table[point.name]} and by {point.value}")
    return table


def find(room: str, kind: object, path: str = "kind") -> type[Step]:
    """Return the class of a kind, importing only its module.

    Parameters
    ----------
    room : str
        Module that holds the table.
    kind : object
        What the recipe says after ``kind:``.
    path : str
        Where in the recipe, for the message.

    Returns
    -------
    type
        A subclass of `Step`.

    Raises
    ------
    RecipeError
        If there is no such kind.
    """
    table = kinds(room)
    if not isinstance(kind, str) or kind not in table:
        said = "no kind given" if kind is None else f"no kind {kind!r}"
        raise RecipeError(f"{path}: {said}{near_miss(str(kind), table)} (kinds: {', '.join(sorted(table))})")
    module, _, name = table[kind].partition(":")
    found: type[Step] = getattr(importlib.import_module(module), name)
    return found


def near_miss(word: str, allowed: Iterable[str]) -> str:
    """Return "; did you mean 'x'?" for the allowed word nearest to `word`, or "" if none is near.

    Parameters
    ----------
    word : str
        What came.
    allowed : iterable of str
        What would have been right.

    Returns
    -------
    str
        The end of an error message.
    """
    close = difflib.get_close_matches(word, list(allowed), n=1, cutoff=0.5)
    return f"; did you mean '{close[0]}'?" if close else ""


def parse(model: type[M], value: object, path: str) -> M:
    """Build a model, and the steps inside it, from plain values as YAML gives them.

    Parameters
    ----------
    model : type
        A pydantic model; an abstract step is replaced by the class that ``kind:`` names.
    value : object
        A mapping of field names to values, or a ready instance.
    path : str
        Where in the recipe `value` stands, for the messages.

    Returns
    -------
    BaseModel
        A validated instance of `model`.

    Raises
    ------
    RecipeError
        Naming the path, what was wrong, what is allowed and what came.
    """
    if isinstance(value, model):
        return value
    concrete: type[BaseModel] = model
    if isinstance(value, Mapping):
        if issubclass(model, Step) and model.room:
            concrete = find(model.room, value.get("kind"), path)
        value = {key: _parse_field(concrete, key, item, path) for key, item in value.items()}
    elif issubclass(model, Step):
        raise RecipeError(f"{path}: expected a mapping such as {{kind: ...}}, got {value!r}")
    try:
        return cast("M", concrete.model_validate(value))
    except ValidationError as error:
        raise RecipeError(explain(error, concrete, path)) from None


def _parse_field(model: type[BaseModel], name: object, value: object, path: str) -> object:
    field = model.model_fields.get(str(name))
    inner, many = nested(cast("Any", field.annotation)) if field else (None, False)
    where = f"{path}.{name}".lstrip(".")
    if inner is None or value is None:
        return value
    if many and not isinstance(value, list | tuple):
        raise RecipeError(f"{where}: expected a list such as [{{kind: ...}}], got {_shortened(value)}")
    if many:
        return tuple(parse(inner, item, f"{where}.{i}") for i, item in enumerate(cast("list[object]", value)))
    return parse(inner, value, where)


class Content(BaseModel):
    """A file or data set that a step depends on: `path` says where it lies, `digest` what it holds.

    Only the digest is part of the identity of a recipe.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    digest: str


def identity(values: Any) -> Any:
    """Leave out of dumped values where things lie, and keep what they hold.

    Parameters
    ----------
    values : JSON value
        As a model is dumped.

    Returns
    -------
    JSON value
        Without the ``path`` of every `Content`.
    """
    if isinstance(values, dict):
        by_content = {"path", "digest"} <= values.keys()
        return {key: identity(item) for key, item in values.items() if not (by_content and key == "path")}
    return [identity(item) for item in values] if isinstance(values, list) else values


@cache
def nested(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    """Return the model that a field holds, and whether it holds a tuple of them.

    Parameters
    ----------
    annotation : type
        Of the field: ``X``, ``X | None`` or ``tuple[X, ...]``.

    Returns
    -------
    model : type or None
        None if the field holds plain values.
    many : bool
        True for a tuple.
    """
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, False
    origin, inside = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is tuple or origin in (types.UnionType, typing.Union):
        found = next((model for model, _ in map(nested, inside) if model), None)
        return found, origin is tuple
    return None, False


def inner_steps(step: Step, path: str) -> Iterator[tuple[str, Step]]:
    """Go through a step and the steps inside it.

    Parameters
    ----------
    step : Step
        Any step.
    path : str
        Where in the recipe it stands.

    Yields
    ------
    path : str
        In the recipe.
    step : Step
        The outer before the inner.
    """
    yield path, step
    for name in type(step).model_fields:
        value = getattr(step, name)
        if isinstance(value, Step):
            yield from inner_steps(value, f"{path}.{name}")


def explain(error: ValidationError, model: type[BaseModel], path: str) -> str:
    """Say in one line what pydantic found: where, what is wrong, what is allowed, what came.

    Parameters
    ----------
    error : pydantic.ValidationError
        Of validating `model`.
    model : type
        The model that was validated.
    path : str
        Where in the recipe it stands.

    Returns
    -------
    str
        The first problem, and how many more there are.
    """
    errors = error.errors(include_url=False)
    first, *others = sorted(errors, key=lambda one: one["type"] != "extra_forbidden")  # a misspelt name comes first
    where = ".".join([path, *map(str, first["loc"])]).strip(".")
    name = str(first["loc"][0]) if first["loc"] else ""
    if first["type"] == "extra_forbidden":
        fields = [key for key in model.model_fields if key not in ("kind", "version")]
        problem = f"no such field{near_miss(name, fields)} (fields: {', '.join(fields)})"
    elif first["type"] == "missing":
        description = model.model_fields[name].description if name in model.model_fields else None
        problem = f"is required{f' ({description})' if description else ''}"
    elif first["type"] == "value_error":
        problem = _reworded(first["msg"])
    else:
        problem = f"{_reworded(first['msg'])}{_unit(model, name)}, got {_shortened(first['input'])}"
    return f"{where}: {problem}" + (f" (and {len(others)} more)" if others else "")


def _reworded(message: str) -> str:
    message = message.removeprefix("Value error, ").replace("Input should be", "must be")
    return message[:1].lower() + message[1:]


def _unit(model: type[BaseModel], name: str) -> str:
    extra = model.model_fields[name].json_schema_extra if name in model.model_fields else None
    unit = extra.get("unit") if isinstance(extra, dict) else None
    return f" ({unit})" if unit else ""


def _plain(value: object) -> object:
    return value.model_dump() if isinstance(value, BaseModel) else value


def _shortened(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
