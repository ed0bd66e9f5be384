"""The JSON beside a page: strict, complete, with the sentences of the page."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from zarr.storage import MemoryStore

from cellsim.evaluate.comparison import Comparison
from cellsim.report.numbers import as_json, plain, summaries
from tests.report.findings import difference


def strict(text: str) -> Any:
    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    return json.loads(text, parse_constant=refuse)


def test_all_numbers_are_there_and_what_is_unknown_is_null(found: Comparison) -> None:
    one = difference("x", p=np.nan, wasserstein=np.inf)
    written = strict(as_json(replace(found, differences=(one,)), "cellsim evaluate a b"))
    assert written["command"] == "cellsim evaluate a b"
    (known,) = written["differences"]
    assert known["effect"] == -0.95
    assert known["p"] is None
    assert known["wasserstein"] is None
    assert known["real"] == pytest.approx(one.real.tolist(), rel=1e-5)
    assert known["summary"]["synthetic"]["median"] == 80
    assert known["sentence"].startswith("X is 20")
    assert written["distances"][0]["floor"] == {"value": 1.0, "low": 0.5, "high": 2.0}
    assert written["curves"][0]["synthetic"][-1] == 1.0
    assert written["copies"][0]["nearest"] == [5, 4, 3, 2, 1, 0]
    assert written["copies"][0]["among_real"] == [2.0, 3.0, 4.0, None]
    assert written["real"]["indices"] == [0, 1, 2, 3, 4, 5]
    assert written["real"]["digest"] == found.real.digest
    assert written["synthetic"]["recipe"]["name"] == "second"
    assert written["verdict"].startswith("The synthetic set differs")


def test_values_are_turned_into_plain_ones() -> None:
    values = {1: (np.float32(0.1), np.int64(3)), "a": Path("x"), "b": True, "c": 1.23456789}
    assert plain(values) == {"1": [0.1, 3], "a": "x", "b": True, "c": 1.23457}
    assert isinstance(plain(MemoryStore()), str)


def test_an_empty_set_has_no_quartiles() -> None:
    both = summaries(difference(real=np.zeros(0)))
    assert both["real"]["n"] == 0
    assert np.isnan(both["real"]["median"])
