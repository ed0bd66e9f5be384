"""Fibrous fields: mean, range, direction."""

from __future__ import annotations

import numpy as np
import pytest

from cellsim.sample import Canvas
from cellsim.seeds import stream
from cellsim.translators.optics.fibres import fibrous_field
from tests.statistics import assert_mean

CANVAS = Canvas(shape=(160, 200), spacing=(0.5, 0.4))


def test_fields_have_mean_one_half_and_stay_in_range() -> None:
    apart = Canvas(shape=(45, 50), spacing=(33.7, 41.3))
    fields = np.array([fibrous_field(apart, 0.5, stream(0, i, "fibres")) for i in range(4)])
    assert fields.dtype == np.float32
    assert fields.shape[1:] == apart.shape
    assert ((fields >= 0) & (fields <= 1)).all()
    assert_mean(fields, 0.5)
    with pytest.raises(AssertionError):
        assert_mean(fields, 0.515)


def slopes(field: np.ndarray) -> tuple[float, float]:
    """Eigenvalues of the mean structure tensor over small windows: across fibres and along them."""
    dy, dx = np.gradient(field, *CANVAS.spacing)
    across = along = 0.0
    for window in np.ndindex(8, 8):
        here = tuple(slice(20 * k, 20 * k + 20) for k in window)
        tensor = [[(dy[here] ** 2).mean(), (dy * dx)[here].mean()], [(dy * dx)[here].mean(), (dx[here] ** 2).mean()]]
        small, large = np.linalg.eigvalsh(tensor)
        across, along = across + large, along + small
    return across, along


def test_fibres_are_drawn_out() -> None:
    across, along = np.mean([slopes(fibrous_field(CANVAS, 2.0, stream(1, i, "fibres"))) for i in range(6)], axis=0)
    assert across > 3 * along
    noise = np.random.default_rng(0).random(CANVAS.shape)
    across, along = slopes(noise)
    assert across < 2 * along


def test_every_direction_is_as_likely() -> None:
    """Of the square of the slope, as much lies along y as along x; in one field it does not."""
    shares = []
    for i in range(100):
        dy, dx = np.gradient(fibrous_field(Canvas(shape=(60, 60), spacing=(0.5, 0.5)), 2.0, stream(2, i, "fibres")))
        shares.append((dy**2).sum() / ((dy**2).sum() + (dx**2).sum()))
    assert_mean(shares, 0.5)
    assert np.std(shares) > 0.15


def test_wider_fibres_are_smoother() -> None:
    fine, coarse = (fibrous_field(CANVAS, width, stream(3, 0, "fibres")) for width in (1.0, 4.0))
    assert abs(np.diff(fine)).mean() > 2 * abs(np.diff(coarse)).mean()
