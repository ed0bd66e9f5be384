"""`cellsim evaluate`: what it prints and writes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cellsim.cli import evaluating, main
from cellsim.cli.evaluating import telling_lines
from cellsim.errors import InputError
from cellsim.evaluate.comparison import CompareOptions, Comparison
from tests.report.findings import comparison, copies, data_sets, difference, distance


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    """Known findings."""
    return comparison(tmp_path_factory.mktemp("sets"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two small sets in the working folder."""
    monkeypatch.chdir(tmp_path)
    data_sets(tmp_path)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    out, err = capsys.readouterr()
    return int(stop.value.code or 0), out, err


def test_a_page_and_its_numbers_are_made_and_told(capsys: Any, folder: Path) -> None:
    code, out, _ = run(capsys, "evaluate", "real.zarr", "synthetic.zarr", "-o", "report")
    assert code == 0
    for word in ("- The synthetic set", "6 images of 'first' v1", "note", "report/report.html", "report/report.json"):
        assert word in out
    written = json.loads((folder / "report/report.json").read_text(encoding="utf-8"))
    assert written["real"]["name"] == "first"
    assert {one["statistic"] for one in written["differences"]} >= {"area", "elongation"}
    assert "<h2>What differs most</h2>" in (folder / "report/report.html").read_text(encoding="utf-8")


def test_ten_lines_tell_most(found: Comparison) -> None:
    many = tuple(difference(f"form {k}", effect=2.0 - 0.1 * k) for k in range(20))
    far = tuple(distance(found=3.0 + k)._replace(features=f"kind {k}") for k in range(6))
    lines = telling_lines(replace(found, differences=many, distances=far, copies=(copies(1, 2),)))
    assert len(lines) == 10
    assert lines[0].startswith("The synthetic set differs")
    assert [line.split(" is ")[0] for line in lines[1:5]] == [f"Form {k}" for k in range(4)]
    assert [line.split(":")[0] for line in lines[5:9]] == [f"Images, by kind {k}" for k in (5, 4, 3, 2)]
    assert "may be copies" in lines[9]


def test_one_distance_of_each_kind_of_features_is_told(found: Comparison) -> None:
    lines = telling_lines(replace(found, distances=(distance(found=3.0), distance("kernel distance", 9.0))))
    assert [line for line in lines if "distance" in line] == [lines[-1]]
    assert "kernel distance 9" in lines[-1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["real.zarr", "none.zarr", "-o", "report"], "no data set at none.zarr"),
        (["real.zarr", "synthetic.zarr", "-o", "report", "--images", "1"], "images must be >= 2, got 1"),
        (["real.zarr", "synthetic.zarr", "-o", "report", "--structure", "glands"], "no structure 'glands'"),
        (["real.zarr", "synthetic.zarr", "-o", "report", "--real-version", "v9"], "v9"),
        (["real.zarr", "synthetic.zarr", "-o", "real.zarr/zarr.json"], "is a file"),
    ],
)
def test_what_is_refused_is_one_line(capsys: Any, folder: Path, arguments: list[str], said: str) -> None:
    code, out, err = run(capsys, "evaluate", *arguments)
    assert (code, out) == (1, "")
    assert said in err
    assert len(err.splitlines()) == 1
    assert not (folder / "report").exists()


def test_the_file_of_weights_of_a_network_may_be_named(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[object] = []

    def look(real: object, synthetic: object, options: CompareOptions, **_: object) -> None:
        given.append(options.features)
        raise InputError("enough")

    monkeypatch.setattr(evaluating, "compare", look)
    command = ["evaluate", "real.zarr", "synthetic.zarr", "-o", "report", "--features", "texture, inception=a/b.pth"]
    assert run(capsys, *command)[0] == 1
    assert given == [("texture", {"kind": "inception", "weights": "a/b.pth"})]
