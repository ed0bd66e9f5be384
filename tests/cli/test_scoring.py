"""`cellsim score`: what it prints, writes and refuses."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cellsim.cli import main
from cellsim.cli.scoring import thresholds_of
from cellsim.errors import InputError
from cellsim.evaluate.instances import DSB
from cellsim.evaluate.scoring import score
from tests.evaluate.segmentations import pair


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two folders of label images in the working folder, truth and found."""
    monkeypatch.chdir(tmp_path)
    for seed in range(3):
        for name, labels in zip(("truth", "found"), pair(seed), strict=True):
            Path(name).mkdir(exist_ok=True)
            Image.fromarray(labels).save(f"{name}/field{seed}.png")
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    out, err = capsys.readouterr()
    return int(stop.value.code or 0), out, err


def test_a_table_is_printed_and_all_numbers_are_written(capsys: Any, folders: Path) -> None:
    code, out, _ = run(capsys, "score", "truth", "found", "-o", "scores.json", "--distance", "3")
    assert code == 0
    scores = score("truth", "found", distance=3.0)
    mean = np.mean([one.f1 for one in scores.at(0.5)])
    line = next(line for line in out.splitlines() if line.startswith("IoU 0.5 "))
    assert line.split()[4] == f"{mean:.4f}"
    written = json.loads(Path("scores.json").read_text())
    assert [row["image"] for row in written["images"]] == ["field0", "field1", "field2"]
    assert written["together"][0]["iou"][0]["macro"]["f1"] == pytest.approx(mean)
    assert [row["threshold"] for row in written["together"][0]["iou"]] == list(DSB)


def test_a_csv_has_a_row_for_each_image(capsys: Any, folders: Path) -> None:
    code, out, _ = run(capsys, "score", "truth", "found", "-o", "scores.csv", "--thresholds", "0.5,0.75")
    assert code == 0
    assert "IoU 0.75" in out
    assert "IoU 0.9" not in out
    with Path("scores.csv").open() as file:
        rows = list(csv.DictReader(file))
    scores = score("truth", "found", thresholds=[0.5, 0.75])
    assert [float(row["f1@0.75"]) for row in rows] == [one.f1 for one in scores.at(0.75)]


def test_images_without_objects_count_as_is_said(capsys: Any, folders: Path) -> None:
    for name in ("truth", "found"):
        Image.fromarray(np.zeros((8, 8), np.uint16)).save(f"{name}/blank.png")
    found = [run(capsys, "score", "truth", "found", "--empty", empty)[1] for empty in ("1", "0", "skip")]
    values = [float(text.split("PQ")[1].split()[0]) for text in found]
    assert values[0] - values[1] == pytest.approx(1 / 4, abs=2e-4)
    assert values[2] == pytest.approx(values[1] * 4 / 3, abs=2e-4)


@pytest.mark.parametrize(
    ("text", "values"),
    [("0.5", (0.5,)), ("0.5,0.75, 0.9", (0.5, 0.75, 0.9)), ("0.5:0.9:0.05", DSB), ("0.5:0.6:0.1", (0.5, 0.6))],
)
def test_thresholds_are_numbers_or_a_range(text: str, values: tuple[float, ...]) -> None:
    assert thresholds_of(text) == values


@pytest.mark.parametrize("text", ["", "half", "0.5:0.9", "0.5:0.9:0", "1:2:3:4"])
def test_other_thresholds_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="--thresholds must be numbers as"):
        thresholds_of(text)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("truth", "none"), "no data set at none"),
        (("truth", "found", "-o", "scores.txt"), "to a .json or .csv file, got scores.txt"),
        (("truth", "found", "-o", "none/scores.csv"), "no folder none"),
        (("truth", "found", "--thresholds", "2"), "> 0 and at most 1, got 2.0"),
        (("truth", "found", "--distance", "-1"), "distance must be >= 0 µm, got -1"),
    ],
)
def test_what_is_refused_is_one_line(capsys: Any, folders: Path, arguments: tuple[str, ...], words: str) -> None:
    code, out, err = run(capsys, "score", *arguments)
    assert (code, out) == (1, "")
    assert err.startswith("cellsim: ")
    assert words in err
    assert err.count("\n") == 1
