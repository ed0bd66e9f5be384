"""`cellsim study augment`: what it prints, writes and refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

import cellsim
from cellsim.cli import main
from cellsim.study import segmenters
from tests.study.conftest import recipe, train_threshold


@pytest.fixture
def real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A small study in the working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(segmenters.SEGMENTERS, "threshold", train_threshold)
    cellsim.make(recipe(1), 8, "real.zarr", workers=1)
    Path("toy.yaml").write_text(yaml.safe_dump(recipe(8).dump()))
    sizes = ["--sizes", "2", "--seeds", "1", "--synthetic", "2", "--steps", "3", "--segmenter", "threshold"]
    return ["study", "augment", "--recipe", "toy.yaml", "--data", "real.zarr", *sizes, "-o", "out"]


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    out, err = capsys.readouterr()
    return int(stop.value.code or 0), out, err


def test_a_table_and_its_files(capsys: Any, real: list[str]) -> None:
    code, out, err = run(capsys, *real)
    assert (code, err) == (0, "")
    for words in ("| any | synthetic | 1 |", "| 2 | real | 1 |", "| 2 | real+synthetic | 1 |", "out/table.csv"):
        assert words in out
    assert Path("out/study.md").exists()
    assert run(capsys, *real)[1] == out


def test_what_has_seen_the_test_images_is_told(capsys: Any, real: list[str]) -> None:
    bank = "{kind: bank, dataset: real.zarr}"
    code, _, err = run(capsys, *real, "--set", f"generator.shape={bank}")
    assert code == 0
    assert "warning: generator.shape.dataset: objects are taken from the data set that is tested on" in err


def test_what_cannot_be_is_refused(capsys: Any, real: list[str]) -> None:
    assert run(capsys, *real, "--sizes", "two")[2] == "cellsim: --sizes must be whole numbers as 2,4,8, got 'two'\n"
    assert "a fitted one has nothing to change" in run(capsys, *real, "-r", "fit", "--set", "seed=1")[2]
    assert "no segmenter 'unett'; did you mean 'unet'" in run(capsys, *real, "--segmenter", "unett")[2]
    assert run(capsys, "study", "augment", "--help")[0] == 0
