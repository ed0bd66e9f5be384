"""The log: lines, pictures, and nothing twice after a resume."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from cellsim.train.log import Log, grid, read_stats


def test_lines_are_added_and_read(tmp_path: Path) -> None:
    log = Log(tmp_path)
    log.write(4, {"loss": 0.5})
    log.write(8, {"loss": 0.25, "score": 3.0, "seen": 1.0})
    log.close()
    assert read_stats(tmp_path) == [{"seen": 4, "loss": 0.5}, {"seen": 8, "loss": 0.25, "score": 3.0}]


def test_what_came_after_the_checkpoint_is_dropped_and_a_torn_line_too(tmp_path: Path) -> None:
    log = Log(tmp_path)
    for seen in (4, 8, 12):
        log.write(seen, {"loss": float(seen)})
    log.close()
    with (tmp_path / "stats.jsonl").open("a") as file:
        file.write('{"seen": 16, "lo')
    again = Log(tmp_path, 8)
    again.write(12, {"loss": 0.0})
    again.close()
    assert read_stats(tmp_path) == [{"seen": s, "loss": x} for s, x in ((4, 4.0), (8, 8.0), (12, 0.0))]


def test_tensorboard_reads_the_same_numbers(tmp_path: Path) -> None:
    log = Log(tmp_path)
    log.write(4, {"loss": 0.5})
    log.picture("samples/1", np.zeros((4, 4, 3), np.uint8), 4)
    log.close()
    events = next(tmp_path.glob("events.out.tfevents.*")).read_bytes()
    assert b"loss" in events
    assert b"samples" in events


def test_pictures_are_laid_out_about_as_wide_as_high(tmp_path: Path) -> None:
    pictures = [np.full((10, 20, 3), i / 8, np.float32) for i in range(8)]
    sheet = grid(pictures)
    assert sheet.shape == (4 * 14 + 4, 2 * 24 + 4, 3)
    assert [int(sheet[4 + 14 * (i // 2), 4 + 24 * (i % 2), 0]) for i in range(8)] == [
        round(i / 8 * 255) for i in range(8)
    ]
    log = Log(tmp_path)
    log.picture("samples/0004", sheet, 4)
    log.close()
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "samples/0004.png")), sheet)
