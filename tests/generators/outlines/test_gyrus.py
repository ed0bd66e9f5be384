"""The dentate gyrus: length, opening, curvature of the crest, direction, chance."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import ndimage

from cellsim.distributions import Distribution
from cellsim.generators.outlines.gyrus import Gyrus
from cellsim.sample import Canvas
from cellsim.seeds import Rng, stream
from tests.statistics import assert_same_distribution, assert_variance

CANVAS = Canvas(shape=(300, 360), spacing=(4.0, 3.0))
PLAIN = {"blade": 400.0, "width": 50.0, "opening": 40.0, "crest": 60.0, "waviness": 0.0, "direction": 0.0}


def rng(index: int = 0) -> Rng:
    return stream(0, index, "gyrus")


def curve(gyrus: Gyrus, index: int = 0) -> np.ndarray:
    """Points of the middle line (y, x), 0.5 µm apart, with the crest in the middle."""
    s = np.arange(-400, 400, 0.5)
    return gyrus._curve(s, 0.5, rng(index))


def heading(points: np.ndarray) -> np.ndarray:
    """Angle of the tangent in degrees."""
    return np.degrees(np.unwrap(np.arctan2(*np.diff(points, axis=0).T[::-1])))


@pytest.mark.parametrize("opening", [0.0, 40.0, 90.0])
def test_the_blades_meet_at_the_angle_of_the_opening(opening: float) -> None:
    angle = heading(curve(Gyrus(**PLAIN | {"opening": opening})))
    assert 180 - (angle[-1] - angle[0]) == pytest.approx(opening, abs=0.5)


@pytest.mark.parametrize("crest", [30.0, 60.0])
def test_the_crest_has_its_radius_of_curvature(crest: float) -> None:
    angle = np.radians(heading(curve(Gyrus(**PLAIN | {"crest": crest}))))
    assert 0.5 / np.diff(angle).max() == pytest.approx(crest, rel=0.01)


def test_the_layer_is_one_piece_as_wide_as_asked() -> None:
    for i in range(10):
        found = Gyrus(**PLAIN | {"waviness": 8.0, "direction": None})(CANVAS, rng(i))
        assert ndimage.label(found)[1] == 1
        thickest = 2 * ndimage.distance_transform_edt(found, sampling=CANVAS.spacing).max()
        assert 44 < thickest < 60
        ends = 0.5 * math.pi * (0.6 * 25) ** 2 * 2
        area = found.sum() * 12.0
        assert area == pytest.approx(800 * 50 * (1 - 0.4 / 3) + ends, rel=0.03)


@pytest.mark.parametrize("direction", [0.0, 90.0, 200.0])
def test_it_opens_where_it_should_from_the_middle_of_the_canvas(direction: float) -> None:
    found = Gyrus(**PLAIN | {"direction": direction})(CANVAS, rng())
    places = (np.argwhere(found) + 0.5) * CANVAS.spacing - np.array(CANVAS.size) / 2
    there = np.array([math.sin(math.radians(direction)), math.cos(math.radians(direction))])
    on, across = places @ there, places @ np.array([there[1], -there[0]])
    tips, crest = across[on > on.max() - 40], across[on < on.min() + 40]
    assert tips.std() > 4 * crest.std()
    assert tips.mean() == pytest.approx(crest.mean(), abs=10)
    middle = (places.min(axis=0) + places.max(axis=0)) / 2
    assert abs(middle).max() < 25


def test_without_a_direction_each_is_as_likely() -> None:
    gyrus, angles = Gyrus(**PLAIN | {"direction": None, "width": 6.0}), []
    canvas = Canvas(shape=(60, 60), spacing=(20.0, 20.0))
    for i in range(400):
        places = np.argwhere(gyrus(canvas, rng(i))) - 29.5
        angles.append(math.atan2(*places.mean(axis=0)) / (2 * math.pi) % 1)
    assert_same_distribution(angles, lambda u: np.clip(u, 0, 1))
    with pytest.raises(AssertionError):
        assert_same_distribution(np.array(angles) ** 1.4, lambda u: np.clip(u, 0, 1))


def test_the_waviness_is_the_standard_deviation_of_the_tangent_s_angle() -> None:
    plain = heading(curve(Gyrus(**PLAIN)))
    off = np.array([heading(curve(Gyrus(**PLAIN | {"waviness": 8.0}), i)) - plain for i in range(600)])
    for at in (0, 400, 800, 1300):
        assert_variance(off[:, at], 64.0)
        with pytest.raises(AssertionError):
            assert_variance(off[:, at], 100.0)


def test_each_blade_has_a_length_of_its_own() -> None:
    law = Distribution(law="choice", values=(100.0, 500.0))
    sizes = {int(Gyrus(**PLAIN | {"blade": law})(CANVAS, rng(i)).sum() / 100) for i in range(20)}
    assert len(sizes) == 3


def test_one_that_is_larger_than_the_canvas_is_cut() -> None:
    found = Gyrus(**PLAIN)(Canvas(shape=(40, 40), spacing=(3.0, 3.0)), rng())
    assert found.shape == (40, 40)
