"""Outlines of SIMCEP: their moments in closed form, their size, their fidelity to the original."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cellsim.errors import RecipeError
from cellsim.generators.base import Placement, Shape
from cellsim.generators.shapes.simcep import Simcep
from cellsim.masks.closed_splines import closed_splines
from cellsim.masks.polygons import polygon_area
from cellsim.seeds import Rng, stream
from cellsim.steps import parse
from tests.masks.test_closed_splines import area_of_spline
from tests.statistics import assert_mean, assert_same_distribution, assert_variance


def rng(index: int = 0) -> Rng:
    return stream(0, index, "simcep")


def areas(n: int = 400, spacing: tuple[float, float] = (0.5, 0.5), **fields: Any) -> NDArray[np.float64]:
    """Content of drawn objects, in µm²."""
    centres = rng(1).random((n, 2)) * 100
    crops = Simcep(**fields)(Placement(centres), spacing, rng())
    return np.add.reduceat(crops.pixels, crops.start[:-1], dtype=int) * spacing[0] * spacing[1]


def moments(crop: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Second central moments of an object, in pixels."""
    return np.cov(np.argwhere(crop).T, bias=True) + np.eye(2) / 12


def test_vertices_are_pushed_and_turned_as_the_formula_says() -> None:
    drawn = Simcep(radius=1, alpha=0.2, beta=0.3).corners(60_000, rng())
    angle = 2 * np.pi * np.arange(10) / 10
    turned = np.sin(0.3) / 0.3  # the mean of cos(t + 0.3 u) over that of cos t
    for k in (0, 1, 4):
        x, y = drawn[:, k, 1], drawn[:, k, 0]
        assert_mean(x, turned * np.cos(angle[k]))
        assert_mean(y, turned * np.sin(angle[k]))
        spread = 0.5 + 0.5 * np.cos(2 * angle[k]) * np.sin(0.6) / 0.6 - (turned * np.cos(angle[k])) ** 2
        assert_variance(x, 0.2**2 / 3 + spread)
        assert_mean(x * y - turned**2 * np.cos(angle[k]) * np.sin(angle[k]), 0.0)  # independent draws
    assert_same_distribution(Simcep(radius=1, alpha=0.2, beta=0).corners(9000, rng())[:, 0, 0] / 0.4 + 0.5, _uniform)
    with pytest.raises(AssertionError, match="sd from"):
        assert_mean(drawn[:, 0, 1], 1.0)


def _uniform(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.clip(x, 0, 1)


def test_without_turns_the_mean_area_is_that_of_the_regular_polygon_whatever_the_push() -> None:
    for alpha in (0.1, 0.3):
        shape = Simcep(radius=1, alpha=alpha, beta=0)
        found = [polygon_area(outline) for outline in closed_splines(shape.corners(4000, rng()), 8)]
        assert_mean(found, area_of_spline(10) * (1 - _chords(8)))
    with pytest.raises(AssertionError, match="sd from"):
        assert_mean(found, 1.05 * np.pi)


def _chords(steps: int) -> float:
    """Share of the area that chords cut off."""
    angle = 2 * np.pi * np.arange(10) / 10
    corners = np.stack([np.sin(angle), np.cos(angle)], axis=1)[np.newaxis]
    return 1 - polygon_area(closed_splines(corners, steps)[0]) / area_of_spline(10)


@pytest.mark.parametrize(("alpha", "beta"), [(0.0, 0.0), (0.3, 0.0), (0.1, 0.4)])
@pytest.mark.parametrize("spacing", [(0.5, 0.5), (1.0, 0.4)])
def test_the_radius_is_that_of_the_mean_content(alpha: float, beta: float, spacing: tuple[float, float]) -> None:
    found = areas(1500, spacing, radius=6.0, alpha=alpha, beta=beta, elongation=1.4)
    assert_mean(found, np.pi * 36)


def test_an_even_outline_is_a_disk_and_a_stretched_one_an_ellipse() -> None:
    for elongation in (1.0, 2.0):
        shape = Simcep(radius=20, alpha=0, beta=0, elongation=elongation, vertices=20)
        crops = shape(Placement(np.full((20, 2), 50.3)), (1.0, 1.0), rng())
        for i in range(20):
            axes = 2 * np.sqrt(np.linalg.eigvalsh(moments(crops.crop(i))))
            np.testing.assert_allclose(axes, [20 / np.sqrt(elongation), 20 * np.sqrt(elongation)], rtol=0.01)


def test_compat_is_the_radius_before_the_spline() -> None:
    assert_mean(areas(1500, radius=6.0, alpha=0.05, beta=0, compat="simcep"), area_of_spline(10) * 36)
    turned = areas(1500, radius=6.0, alpha=0, beta=0.4, compat="simcep").mean() / np.pi / 36
    assert turned == pytest.approx((np.sin(0.4) / 0.4) ** 2, abs=0.015)  # nearly, for its spline is not linear


def test_outlines_are_smooth_enough_at_any_size() -> None:
    for radius in (1.0, 30.0, 200.0):
        shape = Simcep(radius=radius, alpha=0, beta=0)
        steps = shape._steps(radius)
        angle = np.pi / (10 * steps)
        assert radius * (1 - np.cos(angle)) < 0.02
        assert steps < 60


def test_batches_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    placement = Placement(rng(2).random((50, 2)) * 60)
    shape = Simcep(radius=4, alpha=0.2)
    whole = shape(placement, (1.0, 1.0), rng())
    monkeypatch.setattr("cellsim.generators.shapes.simcep.BATCH", 7)
    for one, other in zip(shape(placement, (1.0, 1.0), rng()).arrays, whole.arrays, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_scale_is_a_factor_on_all_radii() -> None:
    placement = Placement(rng(2).random((50, 2)) * 60)
    one, other = (Simcep(radius=radius, scale=scale) for radius, scale in ((6, 1), (4, 1.5)))
    for a, b in zip(one(placement, (1.0, 1.0), rng()).arrays, other(placement, (1.0, 1.0), rng()).arrays, strict=True):
        np.testing.assert_array_equal(a, b)
    varied = parse(Shape, {"kind": "simcep", "radius": {"uniform": [2, 4]}, "scale": {"uniform": [0.5, 3]}}, "shape")
    assert varied.extent == (1, 12)


def test_bad_parameters_are_refused_with_their_place() -> None:
    for values, said in (
        ({"radius": -1}, r"shape.radius: must be > 0 µm, got -1"),
        ({"radius": 5, "alpha": -0.1}, r"shape.alpha: must be >= 0, got -0.1"),
        ({"radius": 5, "vertices": 3}, r"shape.vertices: must be >= 4, got 3"),
        ({"radius": 5, "compat": "original"}, r"shape.compat: must be 'simcep', got 'original'"),
    ):
        with pytest.raises(RecipeError, match=said):
            parse(Shape, {"kind": "simcep", **values}, "shape")
