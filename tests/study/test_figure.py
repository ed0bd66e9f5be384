"""The picture of a study."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cellsim.study.figure import save_figure
from cellsim.study.results import Result, tabulate
from tests.study.test_results import FOUND

GREY, BLUE, BROWN = (0x33, 0x33, 0x33), (0x0B, 0x6E, 0x8A), (0xC2, 0x57, 0x1A)


def colours(found: list[Result], path: Path) -> set[tuple[int, ...]]:
    pytest.importorskip("matplotlib")
    assert save_figure(tabulate(found), "toy", path) == path
    return {tuple(map(int, c)) for c in np.asarray(Image.open(path).convert("RGB")).reshape(-1, 3)}


def test_the_picture_shows_every_arm(tmp_path: Path) -> None:
    assert {GREY, BLUE, BROWN} <= colours(FOUND, tmp_path / "all.png")
    alone = [result for result in FOUND if result.arm == "real"]
    assert not {BLUE, BROWN} & colours(alone, tmp_path / "alone.png")


def test_it_is_the_same_again(tmp_path: Path) -> None:
    for name in ("one.png", "other.png"):
        colours(FOUND, tmp_path / name)
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "other.png").read_bytes()


def test_one_seed_is_enough_for_a_picture(tmp_path: Path) -> None:
    found = [Result(arm, size, 0, 0.3, 0.2, 0.4) for size in (2, 8) for arm in ("real", "real+synthetic", "synthetic")]
    assert {GREY, BLUE, BROWN} <= colours(found, tmp_path / "one.png")
