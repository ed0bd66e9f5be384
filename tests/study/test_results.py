"""Results on disk, and what they are together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cellsim.study.results import RESULTS, Result, as_csv, as_markdown, read_results, spread, tabulate, write_results

FOUND = [
    Result("synthetic", 0, 0, 0.5, 0.3, 0.6),
    Result("real", 2, 0, 0.4, 0.2, 0.5),
    Result("real+synthetic", 2, 0, 0.6, 0.3, 0.7),
    Result("synthetic", 0, 1, 0.3, 0.1, 0.4),
    Result("real", 2, 1, 0.6, 0.4, 0.7),
    Result("real+synthetic", 2, 1, 0.5, 0.3, 0.6),
]


def test_results_come_back_from_disk(tmp_path: Path) -> None:
    assert read_results(tmp_path) == {}
    write_results(tmp_path, FOUND)
    assert list(read_results(tmp_path).values()) == FOUND


def test_a_line_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    write_results(tmp_path, FOUND)
    path = tmp_path / RESULTS
    path.write_bytes(path.read_bytes()[:-20])
    assert list(read_results(tmp_path).values()) == FOUND[:-1]


def test_spread_is_that_of_a_sample() -> None:
    assert spread([1.0, 3.0]) == pytest.approx((2.0, np.sqrt(2)))
    assert spread([4.0]).mean == 4
    assert np.isnan(spread([4.0]).deviation)
    assert str(spread([0.5])) == "0.500"


def test_gains_are_taken_seed_by_seed() -> None:
    rows = {(row.arm, row.size): row for row in tabulate(FOUND)}
    both = rows["real+synthetic", 2]
    assert both.scores["ap50"].mean == pytest.approx(0.55)
    assert both.gains["ap50"] == pytest.approx((0.05, np.sqrt(0.045)))  # of +0.2 and -0.1
    assert rows["real", 2].gains == {}
    assert rows["synthetic", 0].gains == {}
    assert tabulate(FOUND[::-1]) == tabulate(FOUND), "whatever their order"


def test_tables_say_all() -> None:
    text = as_markdown(tabulate(FOUND))
    assert "| any | synthetic | 2 | 0.400 ± 0.141 |" in text
    assert "| 2 | real+synthetic | 2 | 0.550 ± 0.071 |" in text
    assert "+0.050 ± 0.212" in text
    lines = as_csv(FOUND).splitlines()
    assert lines[0] == "arm,size,seed,ap50,ap,f1"
    assert lines[2] == "real,2,0,0.400000,0.200000,0.500000"
    assert len(lines) == 7


def test_losses_are_shown_as_losses() -> None:
    worse = [Result("real", 2, 0, 0.5, 0.5, 0.5), Result("synthetic", 2, 0, 0.3, 0.3, 0.3)]
    assert "| −0.200 |" in as_markdown(tabulate(worse))
