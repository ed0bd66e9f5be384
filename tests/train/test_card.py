"""Model cards."""

from __future__ import annotations

import math

import yaml

from cellsim.train.card import best_of, write_card
from cellsim.train.checkpoint import Clock, Identity

OF = Identity("toy", "d" * 64, {"name": "toy", "objective": {"kind": "toy"}}, "real.zarr v1", "e" * 64)


def test_the_best_is_the_first_of_the_least_or_the_last_without_scores() -> None:
    assert best_of([]) is None
    assert best_of([[4, 2.0], [8, 1.0], [12, 1.0], [16, math.inf]]) == (8, 1.0)
    found = best_of([[4, math.nan], [8, math.nan]])
    assert found is not None
    assert found[0] == 8
    assert best_of([[4, math.nan], [8, 3.0]]) == (8, 3.0)
    assert best_of([[4, math.inf], [8, math.inf]]) == (8, math.inf), "none is better than another"


def test_a_card_says_what_is_known_and_what_is_to_be_filled_in() -> None:
    text = write_card(OF, Clock(1200, 7200.0, {}, [[600, 3.0], [1200, 4.0]]), "flow-texture")
    for said in ("# toy", "real.zarr v1", "eeeeeeeeeeee", "| samples seen | 1,200 |", "2.00 h", "| 600 | 3 |"):
        assert said in text
    assert "the snapshot at 600 samples, flow-texture 3" in text
    assert text.count("fill in before you share") == 2
    assert yaml.safe_load(text.partition("```yaml")[2].partition("```")[0]) == OF.plan


def test_a_card_without_scores_or_snapshots_says_so() -> None:
    assert "Not scored." in write_card(OF, Clock(4, 1.0, {}, [[4, math.nan]]), None)
    assert "the last state; there was no snapshot" in write_card(OF, Clock(4, 1.0), None)
