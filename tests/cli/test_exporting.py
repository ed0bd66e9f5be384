"""`cellsim export`, `cellsim import`, `cellsim card`: parse, call, print."""

from __future__ import annotations

from pathlib import Path

import pytest

import cellsim
from cellsim.cli import main
from tests.datasets.export.sets import assert_same_samples, save_set


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as end:
        main([str(argument) for argument in arguments])
    return int(end.value.code or 0)


def test_there_and_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dataset, out = save_set(tmp_path / "set.zarr", 9), tmp_path / "out"
    there = (
        "export",
        tmp_path / "set.zarr",
        "--format",
        "coco",
        "-o",
        out,
        "--split",
        "0.4/0.3/0.3",
        "--version",
        "v1",
    )
    assert run(*there) == 0
    said = capsys.readouterr().out
    assert f"folder  {out}, coco" in said
    assert "samples  9 (9 written now, 0 were there)" in said
    assert "split  train " in said
    assert run(*there) == 0
    assert "samples  9 (0 written now, 9 were there)" in capsys.readouterr().out
    assert run("import", out, "--format", "coco", "-o", tmp_path / "back.zarr", "--no-gallery") == 0
    assert_same_samples(cellsim.open_dataset(tmp_path / "back.zarr"), dataset)


def test_images_are_cut_where_a_canvas_is_given(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_set(tmp_path / "set.zarr")
    assert run("export", tmp_path / "set.zarr", "--format", "stardist", "-o", tmp_path / "out", "--workers", 1) == 0
    there = ("--format", "stardist", "-o", tmp_path / "back.zarr", "--canvas", 16, "--spacing", 0.7)
    assert run("import", tmp_path / "out", *there) == 0
    spec = cellsim.open_dataset(tmp_path / "back.zarr").spec
    assert (spec.shape, spec.spacing) == ((16, 16), (0.7, 0.7))
    assert (tmp_path / "back.zarr.png").is_file()


def test_a_card_is_printed_or_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_set(tmp_path / "set.zarr")
    assert run("card", tmp_path / "set.zarr") == 0
    printed = capsys.readouterr().out
    assert printed.startswith("# set\n")
    assert run("card", tmp_path / "set.zarr", "-o", tmp_path / "card.md") == 0
    assert "card.md and card.png" in capsys.readouterr().out
    assert (tmp_path / "card.md").read_text().partition("## How")[2] == printed.partition("## How")[2]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--format", "coco", "--split", "0.8:0.2"], "--split takes shares such as 0.8/0.2"),
        (["--format", "coco", "--split", "0.8/0.1"], "that add up to 1, such as 0.8/0.1/0.1, got 0.8/0.1"),
        (["--format", "jpeg"], "'jpeg' is not one of 'cellpose'"),
        (["--format", "tiff", "--version", "v3"], "has no version 'v3' (versions: v1)"),
    ],
)
def test_a_mistake_is_one_line(
    options: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_set(tmp_path / "set.zarr")
    assert run("export", tmp_path / "set.zarr", "-o", tmp_path / "out", *options) != 0
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
