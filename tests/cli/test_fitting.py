"""`cellsim fit-recipe`: what it prints and writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

import cellsim
from cellsim.cli import main
from cellsim.recipe import Recipe
from tests.fitting.test_fit import KNOWN


@pytest.fixture
def real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A small data set in the working folder."""
    monkeypatch.chdir(tmp_path)
    values = KNOWN | {"canvas": {"shape": [64, 64], "spacing": [0.5, 0.5]}}
    cellsim.make(Recipe.parse(values), 4, "real.zarr", workers=1)
    return "real.zarr"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    out, err = capsys.readouterr()
    return int(stop.value.code or 0), out, err


def test_a_recipe_a_table_and_a_gallery_are_made(capsys: Any, real: str) -> None:
    code, out, _ = run(capsys, "fit-recipe", real, "--rounds", "1", "-o", "fitted.yaml")
    assert code == 0
    for word in ("statistic", "difference", "radius (µm)", "clumping", "fitted.yaml", "fitted.png", "4 images"):
        assert word in out
    assert Path("fitted.png").stat().st_size > 1000
    assert yaml.safe_load(Path("fitted.yaml").read_text())["name"] == "fitted"
    code, out, _ = run(capsys, "make", "-r", "fitted.yaml", "-n", "2", "--no-gallery")
    assert code == 0


def test_what_is_refused_is_one_line(capsys: Any, real: str) -> None:
    code, out, err = run(capsys, "fit-recipe", real, "--kind", "simcap", "-o", "fitted.yaml")
    assert (code, out) == (1, "")
    assert err == "cellsim: no model 'simcap'; did you mean 'simcep'? (models: simcep)\n"
    assert not Path("fitted.yaml").exists()


def test_a_folder_that_is_not_there_is_told_before_the_work(capsys: Any, real: str) -> None:
    code, _, err = run(capsys, "fit-recipe", real, "-o", "none/fitted.yaml")
    assert code == 1
    assert "no folder none" in err
