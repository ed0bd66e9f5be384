"""Straight bands: area, direction, side, depth."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cellsim.generators.outlines.band import Band
from cellsim.sample import Canvas
from cellsim.seeds import stream

CANVAS = Canvas(shape=(120, 200), spacing=(1.0, 0.5))
RNG = stream(0, 0, "x")


def at(region: np.ndarray) -> np.ndarray:
    """Pixels of a region (y, x) in µm, from the middle of the canvas."""
    return (np.argwhere(region) + 0.5) * CANVAS.spacing - np.array(CANVAS.size) / 2


@pytest.mark.parametrize("angle", [0.0, 30.0, 90.0, 135.0])
@pytest.mark.parametrize("offset", [-7.0, 0.0, 5.0])
def test_a_band_is_all_nearer_to_its_line_than_half_the_width(angle: float, offset: float) -> None:
    found = Band(width=11.0, angle=angle, offset=offset)(CANVAS, RNG)
    along = np.array([math.sin(math.radians(angle)), math.cos(math.radians(angle))])
    across = np.array([along[1], -along[0]])
    for inside, places in ((True, at(found)), (False, at(~found))):
        off = abs((places - offset * across) @ across)
        assert ((off <= 5.5 + 1e-9) == inside).all() or abs(off - 5.5).min() < 1e-6


def test_an_offset_moves_it_towards_positive_y() -> None:
    for offset in (-20.0, 20.0):
        assert at(Band(width=4.0, offset=offset)(CANVAS, RNG))[:, 0].mean() == pytest.approx(offset)


def test_it_turns_from_x_to_y() -> None:
    places = at(Band(width=4.0, angle=30.0)(CANVAS, RNG))
    slope = np.polyfit(places[:, 1], places[:, 0], 1)[0]
    assert math.degrees(math.atan(slope)) == pytest.approx(30, abs=1)


def test_in_3d_it_is_the_same_in_every_plane() -> None:
    canvas = Canvas(shape=(5, *CANVAS.shape), spacing=(3.0, *CANVAS.spacing))
    found, flat = (Band(width=8.0, angle=60.0)(c, RNG) for c in (canvas, CANVAS))
    assert (found == flat).all()
    found[0] = False  # an array of its own
    assert found[1].any()


def test_one_that_misses_the_canvas_is_refused() -> None:
    with pytest.raises(ValueError, match="the band does not meet the canvas: offset 300 µm, width 5 µm"):
        Band(width=5.0, offset=300.0)(CANVAS, RNG)
