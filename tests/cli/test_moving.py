"""`cellsim push` and `cellsim pull`, as they are called."""

from __future__ import annotations

from pathlib import Path

import pytest

import cellsim
from cellsim.cli import main
from tests.recipes import small_recipe


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(words)
    return int(end.value.code or 0)


def test_push_and_pull_say_what_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    cellsim.make(small_recipe(), 4, "a.zarr", workers=1)
    cellsim.make(small_recipe(), 70, "a.zarr", workers=1)
    assert run("push", "a.zarr", "shared/a.zarr") == 0
    assert "shared/a.zarr has v1, v2: " in capsys.readouterr().out
    assert run("pull", "shared/a.zarr@v1", "-o", "b.zarr") == 0
    assert "b.zarr has v1: " in capsys.readouterr().out
    assert cellsim.open_dataset("b.zarr").version == cellsim.open_dataset("a.zarr", "v1").version
    assert run("pull", "shared/a.zarr@v1", "-o", "b.zarr") == 0
    assert "b.zarr has v1 already" in capsys.readouterr().out
    assert run("pull", "shared/a.zarr@v7", "-o", "b.zarr") == 1
    assert "no version 'v7' (versions: v1, v2)" in capsys.readouterr().err
