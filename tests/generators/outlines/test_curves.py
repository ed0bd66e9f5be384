"""Bands along random curves: width, persistence, from border to border."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from cellsim.generators.outlines.curves import Curves, _grow
from cellsim.sample import Canvas
from cellsim.seeds import Rng, stream
from tests.statistics import assert_mean, assert_same_distribution

CANVASES = {2: Canvas(shape=(90, 120), spacing=(1.0, 0.8)), 3: Canvas(shape=(30, 40, 50), spacing=(2.0, 1.0, 1.0))}


def rng(index: int) -> Rng:
    return stream(0, index, "curves")


def curve(ndim: int, index: int, persistence: float = 40.0, beyond: float = 3.0) -> NDArray[np.float64]:
    return Curves(width=6.0, persistence=persistence).curve(CANVASES[ndim], beyond, rng(index))


@pytest.mark.parametrize("ndim", [2, 3])
def test_a_curve_runs_from_border_to_border_in_equal_steps(ndim: int) -> None:
    size = np.array(CANVASES[ndim].size)
    for i in range(20):
        points = curve(ndim, i)
        np.testing.assert_allclose(np.linalg.norm(np.diff(points, axis=0), axis=1), min(CANVASES[ndim].spacing) / 2)
        outside = ((points < -3) | (points > size + 3)).any(axis=1)
        assert outside[[0, -1]].all()
        assert not outside[1:-1].any()
        assert ((points >= 0) & (points <= size)).all(axis=1).any()


@pytest.mark.parametrize("ndim", [2, 3])
def test_tangents_forget_their_direction_over_the_persistence_length(ndim: int) -> None:
    persistence, box = 30.0, np.full(3, 100.0) * ([0, 1, 1] if ndim == 2 else 1)
    step, turn = 1.0, math.sqrt(2 / persistence)
    curves = [_grow(rng(i), (box / 2, box), (box, 0.0), (step, turn)) for i in range(1500)]
    for steps in (10, 30):  # fewer than lead out of the box
        cosine = [tangent[0] @ tangent[steps] for tangent in (np.diff(points[:50], axis=0) for points in curves)]
        assert_mean(cosine, math.exp(-steps / persistence))
        with pytest.raises(AssertionError):  # the persistence length of the other number of axes
            assert_mean(cosine, math.exp(-steps / persistence * (2 if ndim == 2 else 0.5)))


def test_a_stiff_curve_is_straight_and_has_any_direction() -> None:
    chords = []
    for i in range(300):
        points = curve(2, i, persistence=1e7)
        ends = points[-1] - points[0]
        assert np.linalg.norm(ends) == pytest.approx(0.4 * (len(points) - 1), rel=1e-3)
        chords.append(math.atan2(*ends) % math.pi / math.pi)
    assert_same_distribution(chords, lambda u: np.clip(u, 0, 1))
    with pytest.raises(AssertionError):
        assert_same_distribution(np.array(chords) ** 1.5, lambda u: np.clip(u, 0, 1))


@pytest.mark.parametrize("ndim", [2, 3])
def test_a_band_is_all_nearer_to_the_curve_than_half_its_width(ndim: int) -> None:
    canvas = CANVASES[ndim]
    for i in range(3):
        region = Curves(width=6.0, persistence=40.0)(canvas, rng(i))
        points = curve(ndim, i)
        at = (np.indices(canvas.shape).reshape(ndim, -1).T + 0.5) * canvas.spacing
        near = np.min([np.linalg.norm(at - point, axis=1) for point in points], axis=0).reshape(canvas.shape)
        assert region[near <= 2.9].all()
        assert not region[(near > 3.0)].any() or (near[region] < 3.0 + 1e-9).mean() > 0.999


@pytest.mark.parametrize("ndim", [2, 3])
def test_a_band_thinner_than_a_pixel_is_an_unbroken_line(ndim: int) -> None:
    region = Curves(width=0.01, persistence=50.0)(CANVASES[ndim], rng(1))
    every = np.ones((3,) * ndim)
    line = Curves(width=3.0, persistence=50.0)(CANVASES[ndim], rng(1))
    assert ndimage.label(region, every)[1] <= ndimage.label(line, every)[1] + 1
    assert 0 < region.sum() < line.sum()


def test_every_curve_adds_to_the_region() -> None:
    one, many = (
        np.mean([Curves(number=n, width=4.0, persistence=60.0)(CANVASES[2], rng(i)).mean() for i in range(40)])
        for n in (1, 4)
    )
    assert 2.5 * one < many < 4.2 * one


def test_a_curve_that_winds_without_end_is_cut_off() -> None:
    canvas = Canvas(shape=(60, 60), spacing=(1.0, 1.0))
    points = Curves(width=1.0, persistence=1.0).curve(canvas, 1.0, rng(0))
    assert len(points) <= 2 * (20 * math.hypot(60, 60) / 0.5 + 1)
