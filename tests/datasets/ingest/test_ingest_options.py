"""Options: what is allowed, and the overlap in pixels."""

from __future__ import annotations

import math
from typing import Any

import pytest

from cellsim.datasets.ingest import IngestOptions
from cellsim.errors import InputError


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"shape": (0, 4)}, r"canvas must be two numbers of pixels >= 1 .*got \(0, 4\)"),
        ({"shape": (4,)}, r"canvas must be two numbers"),
        ({"shape": (4, 4, 4, 4)}, r"canvas must be two numbers .* or three"),
        ({"shape": (4, 4, 4), "spacing": (1.0, 1.0)}, r"spacing must be three sizes .* \(z, y, x\), got \(1.0, 1.0\)"),
        ({"shape": (4, 4), "spacing": (1.0, 1.0, 1.0)}, r"spacing must be two sizes"),
        ({"shape": (4, 8, 6), "rotations": True}, "got a canvas of 4 x 8 x 6 px"),
        ({"shape": (4.5, 4)}, r"canvas must be two numbers"),
        ({"spacing": (0.0, 1.0)}, r"spacing must be two sizes of a pixel > 0 .*got \(0.0, 1.0\)"),
        ({"spacing": (math.inf, 1.0)}, "spacing must be"),
        ({"spacing": (1.0,)}, "spacing must be"),
        ({"overlap": 1.0}, r"overlap must be in \[0, 1\), got 1.0"),
        ({"overlap": -0.1}, "overlap must be in"),
        ({"overlap": math.nan}, "overlap must be in"),
        ({"min_objects": -1}, "min_objects must be >= 0, got -1"),
        ({"shape": (4, 4), "overlap": 0.9}, "leaves no step between tiles of 4 px"),
        ({"shape": (1, 64)}, "leaves no step between tiles of 1 px"),
        ({"shape": (64, 32), "rotations": True}, "rotations need a square canvas .* got a canvas of 64 x 32 px"),
        ({"spacing": (1.0, 0.5), "rotations": True}, r"rotations need .* square pixels, .* spacing of \(1.0, 0.5\)"),
    ],
)
def test_what_is_not_allowed_is_refused_with_what_came(values: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        IngestOptions(**values)


def test_the_overlap_is_rounded_up_but_not_by_rounding_errors() -> None:
    assert IngestOptions(overlap=0.25).overlap_px(256) == 64
    assert IngestOptions(overlap=0.25).overlap_px(10) == 3
    assert IngestOptions(overlap=0.07).overlap_px(100) == 7
    assert IngestOptions(overlap=0.0).overlap_px(100) == 0


def test_a_spacing_that_is_not_known_is_recorded_as_assumed() -> None:
    assert IngestOptions().record()["spacing_assumed"] is True
    assert IngestOptions().pixel == (1.0, 1.0)
    assert IngestOptions(spacing=(0.5, 0.25)).record()["spacing_assumed"] is False
    assert IngestOptions(spacing=(0.5, 0.25)).record()["spacing"] == [0.5, 0.25]
