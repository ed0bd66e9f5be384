"""The whole canvas."""

from __future__ import annotations

from cellsim.generators.outlines.full import Full
from cellsim.sample import Canvas
from cellsim.seeds import stream


def test_all_of_the_canvas_is_tissue_and_nothing_is_drawn() -> None:
    rng, untouched = stream(0, 0, "full"), stream(0, 0, "full")
    assert Full()(Canvas(shape=(3, 4, 5), spacing=(1.0, 1.0, 1.0)), rng).all()
    assert rng.random() == untouched.random()
