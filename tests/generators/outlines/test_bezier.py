"""Tissue islands: their area, number and place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from cellsim.generators.outlines.bezier import Bezier
from cellsim.masks.polygons import polygon_area
from cellsim.sample import Canvas
from cellsim.seeds import stream
from tests.statistics import assert_mean

CANVAS = Canvas(shape=(120, 90), spacing=(0.75, 1.25))


@given(area=st.floats(1, 1e4), corners=st.integers(3, 20), roughness=st.floats(0, 0.49), seed=st.integers(0, 999))
def test_an_island_encloses_its_area(area: float, corners: int, roughness: float, seed: int) -> None:
    outline = Bezier(cover=0.5, corners=corners, roughness=roughness)
    assert polygon_area(outline.island(area, stream(0, seed, "island"))) == pytest.approx(area)


def test_one_island_covers_what_was_asked() -> None:
    outline = Bezier(cover=0.2)
    for i in range(60):
        assert outline(CANVAS, stream(0, i, "bezier")).mean() == pytest.approx(0.2, rel=0.04)


def test_the_middle_of_one_island_is_near_that_of_the_canvas() -> None:
    middles = [ndimage.center_of_mass(Bezier(cover=0.1)(CANVAS, stream(1, i, "bezier"))) for i in range(200)]
    for at, n in zip(np.transpose(middles), CANVAS.shape, strict=True):
        assert_mean(at / (n - 1), 0.5)
        assert abs(at / (n - 1) - 0.5).max() < 0.2
        with pytest.raises(AssertionError):
            assert_mean(at / (n - 1), 0.52)


def test_several_islands_share_the_cover_and_stand_anywhere() -> None:
    outline = Bezier(cover=0.1, islands=5)
    drawn = [outline(CANVAS, stream(2, i, "bezier")) for i in range(200)]
    assert {int(ndimage.label(mask)[1]) for mask in drawn} <= set(range(1, 6))
    assert max(mask.mean() for mask in drawn) < 0.11  # less where they overlap or are cut
    seen = np.mean(drawn, axis=0)
    assert seen.min() > 0
    assert seen[50:70, 35:55].mean() < 0.15


def test_without_roughness_the_outline_is_round() -> None:
    mask = Bezier(cover=0.3, roughness=0.0, corners=12)(CANVAS, stream(0, 0, "bezier"))
    y, x = (np.argwhere(mask) * CANVAS.spacing).T
    radius = np.hypot(y - y.mean(), x - x.mean()).max()
    assert radius == pytest.approx(np.sqrt(0.3 * np.prod(CANVAS.size) / np.pi), rel=0.1)
