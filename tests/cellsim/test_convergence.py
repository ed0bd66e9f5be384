"""The check of Markov chains: it passes chains that have settled, and not those that were cut short."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from cellsim.cli import main
from cellsim.convergence import STEADY, _drift, convergence
from cellsim.recipe import Recipe

STRAUSS = {"kind": "strauss", "density": 0.01, "distance": 8.0, "gamma": 0.05}


def recipe(**seeds: Any) -> Recipe:
    return Recipe.parse(
        {
            "canvas": {"shape": [80, 80], "spacing": [1, 1]},
            "generator": {"kind": "tissue", "outline": {"kind": "full"}, "seeds": STRAUSS | seeds},
        }
    )


def test_a_settled_chain_is_reported_with_its_acceptance() -> None:
    (found,) = convergence(recipe())
    assert (found.path, found.kind) == ("generator.seeds", "strauss")
    assert found.settled
    assert found.steps > 500
    assert found.points == pytest.approx(64, rel=0.1)
    assert all(0.05 < share < 1 for share in found.accepted)


def test_a_chain_cut_short_is_seen() -> None:
    dense = {"density": 0.0115, "gamma": 0.0}
    assert convergence(recipe(**dense))[0].settled
    assert not convergence(recipe(**dense, length=0.02))[0].settled


def test_parameters_that_vary_are_drawn_for_each_chain() -> None:
    (found,) = convergence(recipe(density={"uniform": [0.004, 0.01]}))
    assert found.settled
    assert found.points == pytest.approx(45, rel=0.15)


def test_other_processes_have_no_chain() -> None:
    values = recipe().dump()
    values["generator"]["seeds"] = {"kind": "poisson", "density": 0.01}
    assert convergence(Recipe.parse(values)) == []


def test_drift_is_in_standard_errors() -> None:
    noise = np.random.default_rng(0).standard_normal((200, 64))
    assert abs(_drift(list(noise))) < STEADY
    assert _drift(list(noise + np.linspace(0, 1, 64))) > STEADY
    assert _drift([np.ones(64)] * 5) == 0.0


def test_check_prints_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "strauss.yaml"
    path.write_text(yaml.safe_dump(recipe().dump()))
    with pytest.raises(SystemExit) as end:
        main(["check", str(path)])
    assert end.value.code == 0
    printed = capsys.readouterr().out
    assert "generator.seeds (strauss)" in printed
    assert "; settled (drift" in printed
