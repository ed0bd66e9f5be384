"""`cellsim mix` and `cellsim curate`, as they are called."""

from __future__ import annotations

from pathlib import Path

import pytest

import cellsim
from cellsim.cli import main
from tests.recipes import small_recipe


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    cellsim.make(small_recipe(), 12, "synth.zarr", workers=1)
    cellsim.make(small_recipe(name="real", seed=3), 4, "real.zarr", workers=1)
    return tmp_path


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(words)
    return int(end.value.code or 0)


@pytest.mark.parametrize("copy", [[], ["--copy"]])
def test_mix_says_what_it_took(folder: Path, copy: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run("mix", "real.zarr", "synth.zarr@v1", "--ratio", "1:2", "-o", "mix.zarr", *copy) == 0
    printed = capsys.readouterr().out
    assert "4 of 4 samples of real.zarr" in printed
    assert "8 of 12 samples of synth.zarr@v1" in printed
    assert ("copied" if copy else "by reference") in printed
    assert len(cellsim.open_dataset("mix.zarr")) == 12
    assert run("verify", "mix.zarr") == 0
    assert run("info", "mix.zarr") == 0
    assert "real.zarr v1" in capsys.readouterr().out


def test_curate_drops_by_condition_and_by_list(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bad.txt").write_text("3\n\n5  # blurred\n")
    assert run("curate", "synth.zarr", "--drop-list", "bad.txt") == 0
    assert "synth.zarr v2: 10 samples of v1 (dropped 2 by a list)" in capsys.readouterr().out
    (folder / "good.txt").write_text("0\n1\n2\n")
    assert run("curate", "synth.zarr@v1", "--keep-list", "good.txt") == 0
    assert "v3: 3 samples of v1" in capsys.readouterr().out
    assert run("versions", "synth.zarr") == 0
    assert "v1, dropped 2 by a list" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["curate", "synth.zarr", "--drop-if", "size < 3"],
            "no number of the samples is called 'size' (objects, cover",
        ),
        (["curate", "synth.zarr", "--drop-list", "words.txt"], "must have the index of a sample on each line"),
        (["mix", "real.zarr", "synth.zarr", "--ratio", "1/2", "-o", "m.zarr"], "such as 1:5, got '1/2'"),
    ],
)
def test_a_mistake_is_one_line(
    folder: Path, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "words.txt").write_text("first\n")
    assert run(*words) == 1
    error = capsys.readouterr().err
    assert message in error
    assert len(error.strip().splitlines()) == 1
