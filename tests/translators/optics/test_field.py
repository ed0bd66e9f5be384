"""Smooth random fields: normal at each pixel, correlated as cubic B-splines are."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.interpolate import BSpline

from cellsim.sample import Canvas
from cellsim.seeds import stream
from cellsim.translators.optics.field import smooth_field
from tests.statistics import assert_mean, assert_same_distribution, assert_variance


def correlation(lag: float) -> float:
    """Of two points `lag` grid steps apart: of the splines that reach both, over all shifts of the grid."""
    knots, phases = np.arange(-8.0, 9.0), (np.arange(500) + 0.5) / 500
    spline = BSpline.basis_element([-2, -1, 0, 1, 2], extrapolate=False)
    here, there = (np.nan_to_num(spline(phases[:, np.newaxis] + at - knots)) for at in (0.0, lag))
    return float(((here * there).sum(1) / np.sqrt((here**2).sum(1) * (there**2).sum(1))).mean())


@pytest.mark.parametrize(
    "canvas", [Canvas(shape=(3, 5), spacing=(1.0, 2.0)), Canvas(shape=(2, 3, 4), spacing=(3.0, 1.0, 1.0))]
)
@pytest.mark.parametrize("scale", [1.3, 40.0])
def test_every_pixel_is_standard_normal(canvas: Canvas, scale: float) -> None:
    fields = np.array([smooth_field(canvas, scale, stream(0, i, "field")).ravel() for i in range(3000)])
    assert fields.dtype == np.float32
    for pixel in (0, fields.shape[1] // 2, -1):
        assert_mean(fields[:, pixel], 0.0)
        assert_variance(fields[:, pixel], 1.0)
        assert_same_distribution(fields[:, pixel], stats.norm.cdf)
        with pytest.raises(AssertionError):
            assert_variance(fields[:, pixel], 1.2)


def test_correlation_falls_off_over_the_scale() -> None:
    scale, spacing = 8.0, (2.0, 0.5)  # µm
    canvas = Canvas(shape=(20, 70), spacing=spacing)
    fields = np.array([smooth_field(canvas, scale, stream(1, i, "field")) for i in range(4000)])
    for steps in (0.5, 1.0, 1.5):
        down, right = (round(steps * scale / s) for s in spacing)
        for product in (fields[:, 0, 0] * fields[:, down, 0], fields[:, 1, 1] * fields[:, 1, 1 + right]):
            assert_mean(product, correlation(steps))
            with pytest.raises(AssertionError):
                assert_mean(product, correlation(steps + 0.5))
    assert_mean(fields[:, 0, 0] * fields[:, 0, 64], 0.0)  # four steps: no spline reaches that far


def test_a_field_has_the_shape_of_its_canvas() -> None:
    for shape in ((1, 1), (7, 1), (2, 3, 1)):
        assert smooth_field(Canvas(shape=shape, spacing=(1.0,) * len(shape)), 5.0, stream(0, 0, "x")).shape == shape


def test_a_field_is_smooth() -> None:
    field = smooth_field(Canvas(shape=(100, 100), spacing=(1.0, 1.0)), 50.0, stream(0, 0, "smooth"))
    assert abs(np.diff(field, axis=0)).max() < 0.15
    assert abs(np.diff(field, n=2, axis=1)).max() < 0.02
