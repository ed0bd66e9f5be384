"""The forms of objects: disks, ellipses, stars and what the border cuts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from cellsim.evaluate.morphology import FEWEST, morphology, rim, touching, whole_weights
from tests.statistics import assert_mean

Labels = NDArray[np.uint16]


def star(radius: float, stretch: float = 1.0, rough: float = 0.0, turn: float = 0.0) -> Labels:
    """One object on 128 x 128 pixels: an ellipse with waves of three on its outline."""
    y, x = np.mgrid[:128, :128] - 63.7
    v, u = np.cos(turn) * y - np.sin(turn) * x, np.sin(turn) * y + np.cos(turn) * x
    u, v = u / np.sqrt(stretch), v * np.sqrt(stretch)
    edge = radius * (1 + np.sqrt(2) * rough * np.cos(5 * np.arctan2(v, u)))
    return (np.hypot(v, u) < edge).astype(np.uint16)


def test_a_disk_is_round_and_smooth() -> None:
    forms = morphology(star(30), (1.0, 1.0))
    assert len(forms) == 1
    assert forms.radius[0] == pytest.approx(30, rel=0.005)
    assert forms.elongation[0] == pytest.approx(1, abs=0.01)
    assert forms.roughness[0] < 0.015
    np.testing.assert_allclose(forms.centre[0], 64.2, atol=0.1)
    assert forms.whole.all()
    assert not forms.touching.any()


@given(stretch=st.floats(1, 3), turn=st.floats(0, np.pi))
def test_elongation_is_found_in_any_direction(stretch: float, turn: float) -> None:
    forms = morphology(star(20, stretch, turn=turn), (1.0, 1.0))
    assert forms.elongation[0] == pytest.approx(stretch, rel=0.03)
    assert forms.roughness[0] < 0.03


@pytest.mark.parametrize("rough", [0.05, 0.1, 0.15])
def test_roughness_is_that_of_the_outline(rough: float) -> None:
    assert morphology(star(40, rough=rough), (1.0, 1.0)).roughness[0] == pytest.approx(rough, rel=0.1)


def test_pixels_need_not_be_square() -> None:
    y, x = np.mgrid[:60, :120]
    disk = (((y - 30) * 2.0) ** 2 + (x - 60.0) ** 2 < 40**2).astype(np.uint16)
    forms = morphology(disk, (2.0, 1.0))
    assert forms.radius[0] == pytest.approx(40, rel=0.01)
    assert forms.elongation[0] == pytest.approx(1, abs=0.03)
    assert forms.extent[0] == pytest.approx([80, 80], abs=2)


def test_objects_at_the_border_are_not_whole_and_neighbours_touch() -> None:
    labels = np.zeros((20, 20), np.uint16)
    labels[0:6, 3:9], labels[6:12, 9:15], labels[14:19, 2:7] = 1, 2, 3
    forms = morphology(labels, (1.0, 1.0))
    np.testing.assert_array_equal(forms.whole, [False, True, True])
    np.testing.assert_array_equal(forms.touching, [True, True, False])  # the first two meet at a corner
    np.testing.assert_array_equal(forms.area, [36, 36, 25])


def test_the_form_of_a_few_pixels_is_not_told() -> None:
    labels = np.zeros((9, 9), np.uint16)
    labels[4, 2:7] = 1
    assert labels.sum() < FEWEST
    forms = morphology(labels, (1.0, 1.0))
    assert np.isnan([forms.elongation[0], forms.roughness[0]]).all()
    assert forms.area[0] == 5


def test_an_empty_image_has_no_objects() -> None:
    labels = np.zeros((8, 8), np.uint16)
    assert len(morphology(labels, (1.0, 1.0))) == 0
    assert not rim(labels).any()
    assert touching(labels, 0).shape == (0,)


def discs_in_a_window(seed: int, planted: bool = False) -> tuple[float, float]:
    """Mean radius of whole discs of radius 4 or 16, half of each: weighted, unless a fault is planted."""
    rng = np.random.default_rng(seed)
    sums = np.zeros(2)
    for _ in range(400):
        radius = rng.choice([4.0, 16.0])
        centre = rng.uniform(-16, 80, 2)
        y, x = np.mgrid[:64, :64] + 0.5
        labels = ((y - centre[0]) ** 2 + (x - centre[1]) ** 2 < radius**2).astype(np.uint16)
        forms: Any = morphology(labels, (1.0, 1.0))
        weight = forms.whole * 1.0 if planted else whole_weights(forms, (64, 64))
        sums += [weight.sum(), (weight * forms.radius).sum()]
    return float(sums[1] / sums[0]), float(sums[0])


def test_weights_undo_the_loss_of_large_objects_at_the_border() -> None:
    assert_mean([discs_in_a_window(seed)[0] for seed in range(8)], 10)


def test_without_weights_large_objects_are_missed() -> None:
    with pytest.raises(AssertionError):
        assert_mean([discs_in_a_window(seed, planted=True)[0] for seed in range(8)], 10)


def test_bodies_are_measured_like_forms() -> None:
    z, y, x = np.ogrid[-12:12:24j, -20:20:40j, -20:20:40j]
    body = ((z / 9) ** 2 + (y / 9) ** 2 + (x / 18) ** 2 < 1).astype(np.uint16)
    forms = morphology(body, (24 / 23, 40 / 39, 40 / 39))
    assert forms.area[0] == pytest.approx(4 / 3 * np.pi * 9 * 9 * 18, rel=0.01)
    assert forms.radius[0] == pytest.approx((9 * 9 * 18) ** (1 / 3), rel=0.005)
    assert forms.elongation[0] == pytest.approx(2, rel=0.02)
    assert forms.eccentricity[0] == pytest.approx(np.sqrt(3) / 2, rel=0.01)
    assert abs(forms.axis[0]) == pytest.approx([0, 0, 1], abs=0.01)
    assert forms.roughness[0] < 0.05
    assert forms.whole.all()
    assert forms.centre.shape == (1, 3)


def test_bodies_touch_across_corners() -> None:
    labels = np.zeros((6, 6, 6), np.uint16)
    labels[1:3, 1:3, 1:3], labels[3:5, 3:5, 3:5], labels[1, 4, 1] = 1, 2, 3
    np.testing.assert_array_equal(touching(labels, 3), [True, True, False])
    assert rim(labels).sum() == 17


@given(turn=st.floats(0, np.pi))
def test_the_longest_axis_points_along_the_object(turn: float) -> None:
    axis = morphology(star(20, 2.5, turn=turn), (1.0, 1.0)).axis[0]
    assert abs(axis @ [np.sin(turn), np.cos(turn)]) == pytest.approx(1, abs=0.002)


def test_numbers_that_no_pixel_has_are_no_error() -> None:
    labels = np.zeros((12, 12), np.uint16)
    labels[3:9, 3:9] = 2
    forms = morphology(labels, (1.0, 1.0))
    np.testing.assert_array_equal(forms.area, [0, 36])
    np.testing.assert_array_equal(forms.whole, [False, True])
