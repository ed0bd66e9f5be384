"""Diffraction without aberrations: closed forms in focus and on the axis."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from scipy import special

from cellsim.translators.psf.born_wolf import BornWolf

APERTURE, WAVELENGTH, INDEX = 1.2, 0.52, 1.515  # µm


def lens(**fields: Any) -> BornWolf:
    return BornWolf(**({"numerical_aperture": APERTURE, "wavelength_nm": 1e3 * WAVELENGTH, "index": INDEX} | fields))


def airy(r: np.ndarray) -> np.ndarray:
    v = np.maximum(2 * np.pi * APERTURE * r / WAVELENGTH, 1e-9)
    return (2 * special.j1(v) / v) ** 2


def on_axis(z: np.ndarray) -> np.ndarray:
    return np.sinc(APERTURE**2 * z / (2 * WAVELENGTH * INDEX)) ** 2


@pytest.mark.parametrize("pinhole", [False, True])
def test_in_focus_it_is_the_pattern_of_airy(pinhole: bool) -> None:
    r = np.linspace(0, 20, 2001)
    found = lens(pinhole=pinhole).intensity(np.zeros(1), r)[0]
    np.testing.assert_allclose(found, airy(r) ** (2 if pinhole else 1), atol=1e-12)
    assert abs(found - airy(1.01 * r) ** (2 if pinhole else 1)).max() > 1e-3, "a planted fault"


@pytest.mark.parametrize("pinhole", [False, True])
def test_on_the_axis_it_has_its_closed_form(pinhole: bool) -> None:
    z = np.linspace(-30, 30, 2001)
    found = lens(pinhole=pinhole).intensity(z, np.zeros(1))[:, 0]
    np.testing.assert_allclose(found, on_axis(z) ** (2 if pinhole else 1), atol=1e-12)


def test_every_plane_gets_the_same_light_without_a_pinhole() -> None:
    r = np.linspace(0, 60, 12001)
    light = lens(pinhole=False).intensity(np.array([0.0, 1.0, -4.0]), r) @ r
    np.testing.assert_allclose(light, light[0], rtol=0.01)


@pytest.mark.parametrize(
    ("pinhole", "across", "along"), [(False, 0.514, 1.772), (True, 0.371, 1.276)], ids=["wide-field", "confocal"]
)
def test_widths_at_half_the_height_are_those_of_the_textbooks(pinhole: bool, across: float, along: float) -> None:
    psf, fine = lens(pinhole=pinhole), np.linspace(0, 2, 4001)
    half_across = fine[np.argmax(psf.intensity(np.zeros(1), fine)[0] < 0.5)]
    half_along = fine[np.argmax(psf.intensity(fine, np.zeros(1))[:, 0] < 0.5)]
    assert 2 * half_across == pytest.approx(across * WAVELENGTH / APERTURE, rel=0.01)
    assert 2 * half_along == pytest.approx(along * INDEX * WAVELENGTH / APERTURE**2, rel=0.01)


def test_an_aperture_beyond_the_index_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"numerical_aperture must be < index, got 1.4 and the index 1.33"):
        lens(numerical_aperture=1.4, index=1.33)
    with pytest.raises(ValidationError, match="numerical_aperture must be < index"):
        lens(numerical_aperture={"uniform": [1.2, 1.4]}, index={"uniform": [1.3, 1.5]})
