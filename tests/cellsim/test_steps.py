"""Steps: tables of kinds, parsing, messages."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import pytest
from pydantic import BaseModel, ValidationError

from cellsim import steps
from cellsim.catalogue import ROOMS
from cellsim.errors import CellsimError, RecipeError
from cellsim.generators.base import Generator, Points
from cellsim.generators.points.poisson import Poisson
from cellsim.generators.points.ssi import SSI
from cellsim.steps import Content, Step, find, identity, kinds, near_miss, nested, parameter, parse
from tests.examples import EXAMPLES, example

POINTS = ", ".join(sorted(kinds(Points.room)))


class Grain(Step):
    """A step with bounds on both sides."""

    kind: Literal["grain"] = "grain"
    size: float = parameter(unit="µm", doc="How large.", bounds="> 0, <= 5")
    share: float = parameter(0.5, doc="How many.", bounds=">= 0, < 1")


def refusal(model: Any, value: Any, path: str = "") -> str:
    with pytest.raises(RecipeError) as refused:
        parse(model, value, path)
    return str(refused.value)


@pytest.mark.parametrize("room", ROOMS.values())
def test_every_kind_of_a_room_is_found(room: str) -> None:
    for kind in kinds(room):
        cls = find(room, kind)
        assert issubclass(cls, Step)
        assert cls.room == room


def test_every_kind_has_an_example_and_every_example_a_kind() -> None:
    assert {room: set(made) for room, made in EXAMPLES.items()} == {room: set(kinds(room)) for room in ROOMS.values()}


def test_a_kind_without_an_example_fails_its_contract(nuclei: Path) -> None:
    with pytest.raises(pytest.fail.Exception, match=r"kind 'newcomer' of cellsim\.translators has no example"):
        example("cellsim.translators", "newcomer", nuclei)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"kind": "sssi"}, f"no kind 'sssi'; did you mean 'ssi'? (kinds: {POINTS})"),
        ({"kind": "potatoes"}, f"no kind 'potatoes' (kinds: {POINTS})"),
        ({"density": 1}, f"no kind given (kinds: {POINTS})"),
        ({"kind": 3, "density": 1}, f"no kind 3 (kinds: {POINTS})"),
        ("ssi", "expected a mapping such as {kind: ...}, got 'ssi'"),
        (None, "expected a mapping such as {kind: ...}, got None"),
    ],
)
def test_an_unknown_kind_is_refused_with_those_there_are(value: Any, message: str) -> None:
    assert refusal(Points, value, "generator.seeds") == f"generator.seeds: {message}"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"desnity": 1, "distance": 1},
            ".desnity: no such field; did you mean 'density'? (fields: profile, density, distance)",
        ),
        ({"density": 0.01}, ".distance: is required (Least distance between two points.)"),
        ({"density": 0, "distance": 5}, ".density: must be > 0 1/µm^D, got 0.0"),
        ({"density": -1, "distance": -1}, ".density: must be > 0 1/µm^D, got -1.0 (and 1 more)"),
        ({"density": 1, "distance": 1, "version": 3}, ".version: must be 2, got 3"),
    ],
)
def test_a_wrong_field_is_refused_by_its_path(fields: Any, message: str) -> None:
    assert refusal(Points, {"kind": "ssi"} | fields, "generator.seeds") == f"generator.seeds{message}"


def test_a_path_goes_down_to_the_step_inside() -> None:
    shape = {"kind": "ellipsoid", "radius": -2}
    found = refusal(Generator, {"kind": "packing", "cover": 0.1, "shape": shape}, "generator")
    assert found == "generator.shape.radius: must be > 0 µm, got -2.0"


def test_both_bounds_hold_with_their_units() -> None:
    assert parse(Grain, {"size": 5, "share": 0}, "x") == Grain(size=5.0, share=0.0)
    assert refusal(Grain, {"size": 5.1}, "x") == "x.size: must be <= 5 µm, got 5.1"
    assert refusal(Grain, {"size": 0}, "x") == "x.size: must be > 0 µm, got 0.0"
    assert refusal(Grain, {"size": 1, "share": 1}, "x") == "x.share: must be < 1, got 1.0"
    assert refusal(Grain, {"size": "big"}, "x").startswith("x.size: must be a valid number")
    assert refusal(Grain, {"size": "big"}, "x").endswith("(µm), got 'big'")


def test_a_default_out_of_bounds_is_refused() -> None:
    class Wrong(Step):
        """A step whose default breaks its own bounds."""

        size: float = parameter(7.0, doc="How large.", bounds="<= 5")

    with pytest.raises(ValidationError, match="must be <= 5, got 7"):
        Wrong()


def test_a_long_value_is_shortened() -> None:
    assert len(refusal(Grain, {"size": "x" * 500}, "x")) < 150


def test_a_refusal_is_one_line_and_an_error_of_cellsim_and_of_values() -> None:
    found = refusal(Points, {"kind": "ssi", "a": 1, "b": 2}, "seeds")
    assert "\n" not in found
    assert issubclass(RecipeError, CellsimError)
    assert issubclass(RecipeError, ValueError)


def test_a_ready_step_is_taken_as_it_is() -> None:
    ready = Poisson(density=0.1)
    assert parse(Points, ready, "seeds") is ready
    assert parse(Generator, {"kind": "tissue", "outline": {"kind": "full"}, "seeds": ready}, "g").seeds is ready


def test_values_given_are_not_written_to() -> None:
    values = {"kind": "tissue", "outline": {"kind": "full"}, "seeds": {"kind": "poisson", "density": 1}}
    parse(Generator, values, "g")
    assert values == {"kind": "tissue", "outline": {"kind": "full"}, "seeds": {"kind": "poisson", "density": 1}}


@pytest.mark.parametrize(
    ("word", "said"),
    [("detecter", "; did you mean 'detector'?"), ("xyz", ""), ("", ""), ("Rcm", "; did you mean 'rcm'?")],
)
def test_a_near_miss_is_named(word: str, said: str) -> None:
    assert near_miss(word, ["detector", "rcm"]) == said


def test_where_things_lie_is_no_part_of_what_they_are() -> None:
    values = {"a": {"path": "x.zarr", "digest": "12", "version": "v1"}, "b": [{"path": "kept"}], "path": 3}
    assert identity(values) == {"a": {"digest": "12", "version": "v1"}, "b": [{"path": "kept"}], "path": 3}
    assert identity(Content(path="x", digest="12").model_dump()) == {"digest": "12"}


class Model(BaseModel):
    """A model to be nested."""


@pytest.mark.parametrize(
    ("annotation", "found"),
    [
        (Model, (Model, False)),
        (Model | None, (Model, False)),
        (tuple[Model, ...], (Model, True)),
        (float, (None, False)),
        (tuple[float, ...], (None, True)),
        (float | None, (None, False)),
        (dict[str, float], (None, False)),
    ],
)
def test_models_inside_fields_are_found(annotation: Any, found: Any) -> None:
    assert nested(annotation) == found


def plug_in(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    point = SimpleNamespace(name=name, value=value)
    monkeypatch.setattr(steps, "entry_points", lambda group: [point] if group == Points.room else [])
    kinds.cache_clear()


@pytest.fixture
def _tables_are_read_again() -> Any:
    yield
    kinds.cache_clear()


@pytest.mark.usefixtures("_tables_are_read_again")
def test_another_package_adds_its_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(monkeypatch, "dense", "cellsim.generators.points.ssi:SSI")
    assert list(kinds(Points.room))[-1] == "dense"
    assert find(Points.room, "dense") is SSI


@pytest.mark.usefixtures("_tables_are_read_again")
def test_a_plug_in_may_not_take_a_name_that_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(monkeypatch, "ssi", "elsewhere:SSI")
    message = (
        "cellsim.generators.points: kind 'ssi' is defined by cellsim.generators.points.ssi:SSI and by elsewhere:SSI"
    )
    with pytest.raises(RecipeError) as refused:
        kinds(Points.room)
    assert str(refused.value) == message
