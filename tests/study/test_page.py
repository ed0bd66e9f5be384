"""What is written of a study."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from cellsim.study.augment import AugmentStudy
from cellsim.study.design import AugmentDesign
from cellsim.study.page import write_page
from tests.study.test_results import FOUND


def study(folder: Path, *warnings: str) -> AugmentStudy:
    return AugmentStudy(AugmentDesign((2,), 2), "nuclei, the recipe 'toy'", tuple(FOUND), 40, warnings, folder)


def test_a_table_a_picture_and_a_page_are_written(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    text, files = write_page(study(tmp_path, "weights: these saw the test images"))
    assert [path.name for path in files] == ["table.csv", "study.md", "augment.png"]
    page = (tmp_path / "study.md").read_text()
    for words in ("40 test images", "1,000 steps", "200\nsynthetic", "- weights: these saw", text, "augment.png"):
        assert words in page
    assert (tmp_path / "table.csv").read_text().count("\n") == 7


def test_without_matplotlib_there_is_no_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    _, files = write_page(study(tmp_path))
    assert [path.name for path in files] == ["table.csv", "study.md"]
    assert "augment.png" not in (tmp_path / "study.md").read_text()
