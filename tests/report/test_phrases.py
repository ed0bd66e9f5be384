"""Every statistic that sets are compared by has its phrase, or reads well without one."""

from __future__ import annotations

from cellsim.evaluate.differences import QUANTITIES, SOLID_NAMES
from cellsim.report.phrases import SAID

BARE = {"eccentricity", "curvature", "concave share of the outline"}  # "Eccentricity is 20 % lower in ..."


def test_every_statistic_has_a_phrase_and_every_phrase_a_statistic() -> None:
    names = {quantity.name for quantity in QUANTITIES.values()} | set(SOLID_NAMES.values())
    assert set(SAID) == names - BARE


def test_more_and_less_are_not_the_same() -> None:
    for more, less in SAID.values():
        assert more != less
        for phrase in (more, less):
            assert "  " not in phrase.format(by="20 %", objects="nuclei")
