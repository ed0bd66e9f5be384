"""What is written of a study."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cellsim.study.augment import AugmentStudy
from cellsim.study.design import AugmentDesign
from cellsim.study.figure import save_figure
from cellsim.study.page import write_page
from cellsim.study.results import tabulate
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


def test_the_picture_shows_every_arm_and_is_the_same_again(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    paths = [save_figure(tabulate(found), "toy", tmp_path / f"{k}.png") for k, found in enumerate([FOUND, FOUND])]
    assert paths[0] is not None
    assert paths[0].read_bytes() == (tmp_path / "1.png").read_bytes()
    colours = {tuple(c) for c in np.asarray(Image.open(paths[0]).convert("RGB")).reshape(-1, 3)}
    assert {(0x33, 0x33, 0x33), (0x0B, 0x6E, 0x8A), (0xC2, 0x57, 0x1A)} <= colours
    alone = [result for result in FOUND if result.arm == "real"]
    assert save_figure(tabulate(alone), "toy", tmp_path / "alone.png")
    fewer = {tuple(c) for c in np.asarray(Image.open(tmp_path / "alone.png").convert("RGB")).reshape(-1, 3)}
    assert not {(0x0B, 0x6E, 0x8A), (0xC2, 0x57, 0x1A)} & fewer


def test_without_matplotlib_there_is_no_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    _, files = write_page(study(tmp_path))
    assert [path.name for path in files] == ["table.csv", "study.md"]
    assert "augment.png" not in (tmp_path / "study.md").read_text()
