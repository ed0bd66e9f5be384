"""Real and synthetic statistics, side by side."""

from __future__ import annotations

import numpy as np
import pytest

from cellsim.evaluate.summary import STATISTICS, Table
from cellsim.fitting.closeness import closeness, listing


def table(values: dict[str, list[float]]) -> Table:
    empty = {statistic.name: np.full(2, np.nan) for statistic in STATISTICS} | {"pairs": np.ones(2)}
    return empty | {name: np.array(numbers) for name, numbers in values.items()}


def test_a_set_is_close_to_itself() -> None:
    one = table({"objects": [10, 40], "cover": [0.1, 0.3]})
    rows = closeness(one, one)
    assert [row.statistic for row in rows] == ["objects", "cover"]
    assert all(row.difference == 0 for row in rows)
    assert rows[0].real == pytest.approx(20)


def test_a_difference_is_relative_to_the_spread_between_images() -> None:
    (row,) = closeness(table({"cover": [0.1, 0.3]}), table({"cover": [0.3, 0.5]}))
    assert row.difference == pytest.approx(2)
    (row,) = closeness(table({"objects": [10, 1000]}), table({"objects": [1000, 1000]}))
    assert row.difference == pytest.approx(1)
    assert row.fitted_spread == 0


def test_images_that_are_all_alike_have_no_scale() -> None:
    (row,) = closeness(table({"cover": [0.2, 0.2]}), table({"cover": [0.3, 0.5]}))
    assert np.isnan(row.difference)
    assert listing([row]).endswith(" -")


def test_the_listing_has_a_line_a_statistic() -> None:
    one = table({"objects": [10, 40], "radius": [4.0, 5.0]})
    lines = listing(closeness(one, one)).splitlines()
    assert len(lines) == 3
    assert len({len(line) for line in lines}) == 1
    assert "radius (µm)" in lines[2]
    assert "+0.00 sd" in lines[1]
