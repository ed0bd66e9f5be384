"""What people read about kinds."""

from __future__ import annotations

from importlib import import_module
from typing import Literal

import pytest

from cellsim.catalogue import ROOMS, describe, find_kind, table_of
from cellsim.distributions import Distribution, Number
from cellsim.errors import InputError
from cellsim.steps import Step, parameter


class Grain(Step):
    """A grain of sand.

    It has a size.
    """

    kind: Literal["grain"] = "grain"
    version: Literal[1] = 1
    size: Number = parameter(unit="µm", doc="How large.", bounds="> 0, <= 5")
    share: Number = parameter(Distribution(law="uniform", values=(0.0, 0.5)), doc="How many.", bounds=">= 0")
    round: bool = parameter(True, doc="Whether round.")


def test_a_kind_is_described_with_units_bounds_and_defaults() -> None:
    assert describe("things", Grain).splitlines() == [
        "grain (things)",
        "",
        "A grain of sand.",
        "",
        "It has a size.",
        "",
        "Fields",
        "  size (µm, > 0, <= 5, required): How large.",
        "  share (>= 0, default {'uniform': [0.0, 0.5]}): How many.",
        "  round (default True): Whether round.",
    ]


@pytest.mark.parametrize("room", ROOMS.values())
def test_a_table_has_a_line_for_every_kind(room: str) -> None:
    table = table_of(room)
    assert list(table) == list(import_module(room).KINDS)
    assert all(line.endswith(".") and "\n" not in line for line in table.values())


def test_a_kind_is_found_in_whatever_room() -> None:
    for title, room in ROOMS.items():
        for kind in table_of(room):
            found, step = find_kind(kind)
            assert found == title
            assert step.model_fields["kind"].default == kind


def test_no_two_rooms_share_a_kind() -> None:
    every = [kind for room in ROOMS.values() for kind in table_of(room)]
    assert len(every) == len(set(every))


def test_an_unknown_kind_is_refused_with_a_near_miss() -> None:
    with pytest.raises(
        InputError, match=r"no kind 'detektor'; did you mean 'detector'\? \(kinds: band, bank, bezier, "
    ):
        find_kind("detektor")
