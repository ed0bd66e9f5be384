"""Colonies: disks and balls of their radius, anywhere on the canvas."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from cellsim.distributions import Distribution
from cellsim.generators.outlines.colonies import Colonies
from cellsim.sample import Canvas
from cellsim.seeds import stream
from tests.statistics import assert_mean

SQUARE = Canvas(shape=(100, 100), spacing=(1.0, 1.0))


def regions(outline: Colonies, canvas: Canvas, n: int) -> list[Any]:
    return [outline(canvas, stream(0, i, "colonies")) for i in range(n)]


def touches_border(region: Any) -> bool:
    faces = [np.take(region, side, axis) for axis in range(region.ndim) for side in (0, -1)]
    return any(bool(face.any()) for face in faces)


@pytest.mark.parametrize(
    "canvas", [Canvas(shape=(200, 300), spacing=(1.0, 0.5)), Canvas(shape=(50, 60, 70), spacing=(2.0, 1.5, 1.0))]
)
def test_a_colony_is_a_disk_or_a_ball(canvas: Canvas) -> None:
    found = regions(Colonies(number=1, radius=15.0), canvas, 60)
    whole = [region for region in found if not touches_border(region)]
    assert len(whole) > 5
    content = math.pi * 15**2 if canvas.ndim == 2 else 4 / 3 * math.pi * 15**3
    for region in whole:
        at = np.argwhere(region) * canvas.spacing
        assert len(at) * math.prod(canvas.spacing) == pytest.approx(content, rel=0.02)
        assert np.linalg.norm(at - at.mean(axis=0), axis=1).max() < 15.5


def test_colonies_stand_anywhere_and_have_a_radius_each() -> None:
    law = Distribution(law="choice", values=(4.0, 6.0))
    inner = np.array(regions(Colonies(number=1, radius=law), SQUARE, 600))[:, 20:80, 20:80].mean(axis=(1, 2))
    expected = np.pi * (4**2 + 6**2) / 2 / 100**2  # a point is in a disk of random centre with this chance
    assert_mean(inner, expected)
    with pytest.raises(AssertionError):
        assert_mean(inner, 1.5 * expected)


def test_each_colony_adds_to_the_region() -> None:
    one, many = (np.mean([r.mean() for r in regions(Colonies(number=n, radius=8.0), SQUARE, 100)]) for n in (1, 5))
    assert 4 * one < many < 5 * one


def test_a_colony_smaller_than_a_pixel_is_one_pixel() -> None:
    assert all(region.sum() == 1 for region in regions(Colonies(number=1, radius=0.01), SQUARE, 20))


def test_no_colonies_are_the_whole_canvas() -> None:
    assert all(region.all() for region in regions(Colonies(number=0, radius=5.0), SQUARE, 3))
