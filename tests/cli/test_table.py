"""How the command line lays out facts."""

from __future__ import annotations

from cellsim.cli.table import table


def test_names_are_aligned_to_the_right() -> None:
    assert table([("a", "one"), ("long", "two")]) == "    a  one\n long  two"
