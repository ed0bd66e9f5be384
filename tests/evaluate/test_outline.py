"""How outlines bend: discs, ellipses, dents, and what is too small to tell."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import ellipe

from cellsim.evaluate.outline import bending
from tests.evaluate.test_crofton import ball


@pytest.mark.parametrize(("radius", "excess"), [(8.0, 0.1), (12.0, 0.05), (20.0, 0.04), (40.0, 0.04)])
def test_the_curvature_of_a_disc_is_one_over_its_radius(radius: float, excess: float) -> None:
    found = bending(ball(radius, (1, 1)), (1, 1))
    assert 0.99 < found.curvature[0] * radius < 1 + excess
    assert found.concave[0] == 0


def test_pixels_need_not_be_square() -> None:
    assert bending(ball(20, (0.5, 1.0)), (0.5, 1.0)).curvature[0] == pytest.approx(0.05, rel=0.05)


@pytest.mark.parametrize("turn", [0.0, 0.4, np.pi / 4])
def test_the_curvature_of_an_ellipse_is_that_of_its_formula(turn: float) -> None:
    a, b = 60.0, 30.0
    t = np.linspace(0, 2 * np.pi, 20001)
    speed = np.hypot(a * np.sin(t), b * np.cos(t))
    assert np.trapezoid(speed, t) == pytest.approx(4 * a * ellipe(1 - b**2 / a**2))
    expected = np.sqrt(np.trapezoid((a * b / speed**3) ** 2 * speed, t) / np.trapezoid(speed, t))
    found = bending(ball(b, (1, 1), 2.0, turn), (1, 1))
    assert found.curvature[0] == pytest.approx(expected, rel=0.06)
    assert found.concave[0] < 0.05


def star(waves: float) -> NDArray[np.uint16]:
    y, x = np.mgrid[:160, :160] - 79.6
    return (np.hypot(y, x) < 50 * (1 + waves * np.cos(5 * np.arctan2(y, x)))).astype(np.uint16)


def test_dents_bend_inwards() -> None:
    t = np.linspace(0, 2 * np.pi, 20001)
    r, r1, r2 = 1 + 0.2 * np.cos(5 * t), -np.sin(5 * t), -5 * np.cos(5 * t)
    inward = r**2 + 2 * r1**2 - r * r2 < 0
    speed = np.hypot(r, r1)
    expected = np.trapezoid(speed * inward, t) / np.trapezoid(speed, t)
    assert bending(star(0.2), (1, 1)).concave[0] == pytest.approx(expected, abs=0.04)
    assert bending(star(0.0), (1, 1)).concave[0] == 0


def test_objects_are_traced_one_by_one() -> None:
    labels = np.zeros((60, 100), np.uint16)
    y, x = np.mgrid[:60, :100] + 0.5
    labels[np.hypot(y - 30, x - 25) < 20] = 3
    labels[(np.hypot(y - 30, x - 60) < 20) & (labels == 0)] = 1
    labels[5, 95] = 2
    found = bending(labels, (1, 1))
    alone = bending((labels == 3).astype(np.uint16), (1, 1))
    assert found.curvature[2] == alone.curvature[0]
    assert np.isnan(found.curvature[1])
    assert found.curvature[0] == bending((labels == 1).astype(np.uint16), (1, 1)).curvature[0]


def test_pixels_that_meet_at_a_corner_are_one_outline() -> None:
    labels = np.zeros((40, 40), np.uint16)
    labels[5:20, 5:20] = labels[20:35, 20:35] = 1
    half = np.zeros_like(labels)
    half[5:20, 5:20] = 1
    assert bending(labels, (1, 1)).concave[0] > 0.05
    assert bending(half, (1, 1)).concave[0] == 0


def test_an_object_that_fills_the_image_is_no_error() -> None:
    assert np.isfinite(bending(np.ones((30, 30), np.uint16), (1, 1)).curvature[0])
    assert len(bending(np.zeros((5, 5), np.uint16), (1, 1)).curvature) == 0
    missing = bending(np.full((12, 12), 2, np.uint16), (1, 1))
    assert np.isnan(missing.curvature[0])
    assert np.isfinite(missing.curvature[1])
