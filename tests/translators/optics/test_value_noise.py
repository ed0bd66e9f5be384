"""Fractal value noise: moments and correlations of interpolated lattices in closed form."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import BSpline

from cellsim.masks.boxes import bounding_boxes
from cellsim.sample import Canvas
from cellsim.seeds import stream
from cellsim.translators.optics.spline import spline_weights
from cellsim.translators.optics.value_noise import (
    Octaves,
    _interpolate,
    _sum_lattices,
    fractal_field,
    object_noise,
)
from tests.statistics import assert_mean, assert_variance

OCTAVES = Octaves(first=1, number=3, persistence=0.7)


def septic(lag: float) -> float:
    """Correlate two cubic B-splines: one of degree seven; at 0 it is 151 / 315."""
    return float(np.nan_to_num(BSpline.basis_element(np.arange(-4, 5), extrapolate=False)(lag)))


def covariance(lags: list[float], persistence: float) -> float:
    """Of octaves of a canvas at pixels that are `lags` steps of the coarsest lattice apart along each axis."""
    weights = persistence ** np.arange(3)
    return sum(
        (w / weights.sum()) ** 2 / 12 * np.prod([septic(lag * 2**k) for lag in lags]) for k, w in enumerate(weights)
    )


@pytest.mark.parametrize("spacing", [(1.0, 2.0), (4.0, 1.0, 1.0)])
def test_a_canvas_has_the_mean_variance_and_correlation_of_its_lattices(spacing: tuple[float, ...]) -> None:
    canvas = Canvas(shape=(4,) * len(spacing), spacing=spacing)
    draws = np.array([fractal_field(canvas, 16.0, 3, 0.7, stream(0, i, "noise")) for i in range(4000)])
    assert draws.dtype == np.float32
    corner = (slice(None), *(0,) * len(spacing))
    here, aside, apart = draws[corner], draws[(*corner[:-1], 3)], draws[(slice(None), 2, *corner[2:])]
    zeros, variance = [0.0] * (len(spacing) - 1), covariance([0.0] * len(spacing), 0.7)
    assert septic(0) == pytest.approx(151 / 315)
    assert_mean(here, 0.5)
    assert_variance(here, variance)
    assert_mean((here - 0.5) * (aside - 0.5), covariance([*zeros, 3 * spacing[-1] / 16], 0.7))
    assert_mean((here - 0.5) * (apart - 0.5), covariance([2 * spacing[0] / 16, *zeros], 0.7))
    with pytest.raises(AssertionError):
        assert_variance(here, 1.25 * variance)
    with pytest.raises(AssertionError):
        assert_mean((here - 0.5) * (aside - 0.5), covariance([*zeros, 2 * spacing[-1] / 16], 0.7) + 0.2 * variance)


@pytest.mark.parametrize("shape", [(1, 8, 12), (5, 8, 1)])
def test_a_box_has_the_variance_and_correlation_of_its_lattices(shape: tuple[int, int, int]) -> None:
    """Against the weights of each lattice alone: that lattices are refined and then summed changes nothing."""
    cells = np.where(np.array(shape) > 1, 2, 0)
    doublings = np.where(cells > 0, np.log2(np.maximum(shape, 2) / 2).astype(int), 0)
    draws = np.empty((6000, *shape), np.float32)
    for i, start in enumerate(stream(0, 0, "boxes").bit_generator.random_raw(len(draws))):
        values, fine = _sum_lattices(cells, doublings, OCTAVES, start)
        for axis in (2, 1, 0):
            values = _interpolate(values, shape[axis], cells[axis] * fine[axis] / shape[axis], 0.0)
        draws[i] = values
    expected = np.zeros((np.prod(shape),) * 2)
    weights = OCTAVES.persistence ** np.arange(3)
    for octave, weight in enumerate(weights / weights.sum()):
        along = np.ones((1, 1))
        for n, c, most in zip(shape, cells, doublings, strict=True):
            nodes, w = spline_weights((np.arange(n) + 0.5) * c * 2 ** min(octave, most) / n)
            matrix = np.zeros((n, nodes.max() + 2))
            matrix[np.arange(n)[:, np.newaxis], nodes + 1] = w
            along = np.kron(along, matrix @ matrix.T if c else np.ones((1, 1)))
        expected += weight**2 / 12 * along
    centred = draws.reshape(len(draws), -1) - 0.5
    for one, other in ((0, 0), (13, 13), (13, 14), (0, 25), (5, 39)):
        assert_mean(centred[:, one], 0.0)
        assert_mean(centred[:, one] * centred[:, other], expected[one, other])
        with pytest.raises(AssertionError):
            assert_mean(centred[:, one] * centred[:, other], expected[one, other] + 0.2 * expected[one, one])


def grid_of_objects(ndim: int) -> np.ndarray:
    """Many objects of one shape, not quite filling their boxes, of 5 and more pixels a side."""
    crop = np.ones((5, 7) if ndim == 2 else (3, 5, 7), bool)
    crop[..., 0, 0] = False
    blocks = [np.where(crop, i + 1, 0) for i in range(400)]
    rows = [np.concatenate(blocks[i : i + 20], axis=-1) for i in range(0, 400, 20)]
    return np.concatenate(rows, axis=-2)[np.newaxis].astype(np.uint16)


@pytest.mark.parametrize("ndim", [2, 3])
def test_every_object_is_stretched_over_its_own_pixels(ndim: int) -> None:
    labels = grid_of_objects(ndim)
    noise = object_noise(labels, Octaves(1, 2, 0.5), stream(0, 0, "noise"))
    assert noise.dtype == np.float32
    assert noise.shape == labels.shape
    assert not noise[labels == 0].any()
    values = [noise[labels == i] for i in range(1, 401)]
    np.testing.assert_allclose([v.min() for v in values], 0, atol=1e-6)
    np.testing.assert_allclose([v.max() for v in values], 1, atol=1e-6)
    pixels = np.array(values)
    for pixel in (0, pixels.shape[1] // 2, -1):  # a lattice turned upside down is as likely
        assert_mean(pixels[:, pixel], 0.5)
        with pytest.raises(AssertionError):
            assert_mean(pixels[:, pixel] + 0.15, 0.5)
    first = pixels[:, 0] - 0.5
    assert_mean(first[1:] * first[:-1], 0.0)  # objects are independent


def test_objects_of_one_name_in_two_planes_have_their_own_noise() -> None:
    labels = np.ones((2, 9, 9), np.uint16)
    one, other = object_noise(labels, Octaves(2, 1, 1.0), stream(0, 0, "noise"))
    assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 0.9
    assert abs(one - other).max() > 0.1


def test_lattices_finer_than_the_pixels_are_left_out() -> None:
    labels = np.ones((1, 8, 8), np.uint16)
    some, more, fewer = (object_noise(labels, Octaves(1, n, 0.9), stream(0, 0, "noise")) for n in (3, 9, 2))
    np.testing.assert_array_equal(some, more)
    assert (some != fewer).any()
    canvas = Canvas(shape=(8, 8), spacing=(1.0, 1.0))
    three, nine = (fractal_field(canvas, 4.0, n, 0.9, stream(0, 0, "noise")) for n in (3, 9))
    np.testing.assert_array_equal(three, nine)


def test_an_object_too_small_to_vary_is_one_half() -> None:
    labels = np.zeros((1, 4, 4), np.uint16)
    labels[0, 1, 2] = 1
    noise = object_noise(labels, OCTAVES, stream(0, 0, "noise"))
    np.testing.assert_array_equal(noise, 0.5 * labels)


def test_boxes_are_tight() -> None:
    labels = np.zeros((3, 9, 9), np.uint16)
    labels[0, 4:6, 7:], labels[2, 1, 2], labels[1:, 8, 0] = 3, 3, 1
    np.testing.assert_array_equal(
        bounding_boxes(labels, 3), [[[1, 3], [8, 9], [0, 1]], [[0, 0]] * 3, [[0, 3], [1, 6], [2, 9]]]
    )


def test_persistence_makes_the_noise_rougher() -> None:
    canvas = Canvas(shape=(64, 64), spacing=(1.0, 1.0))
    smooth, rough = (fractal_field(canvas, 32.0, 5, p, stream(0, 0, "noise")) for p in (0.3, 1.0))
    assert abs(np.diff(rough)).mean() / rough.std() > 2 * abs(np.diff(smooth)).mean() / smooth.std()
