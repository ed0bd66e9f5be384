"""Diffraction with a mismatch of refractive indices."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from cellsim.translators.psf.born_wolf import BornWolf
from cellsim.translators.psf.gibson_lanni import GibsonLanni


def lens(**fields: Any) -> GibsonLanni:
    values = {"numerical_aperture": 1.2, "wavelength_nm": 520, "depth": 10, "index": 1.515, "specimen_index": 1.38}
    return GibsonLanni(**(values | {"pinhole": False} | fields))


def test_its_path_is_the_one_of_the_paper() -> None:
    """Their equation, with cover glass and immersion as designed and the stage at the focus of small angles."""
    aperture, n, m, glass, depth, immersion = 1.2, 1.38, 1.515, 1.52, 10.0, 150.0
    rho = np.linspace(0, 1, 50)

    def cosine(index: float) -> np.ndarray:
        return np.sqrt(1 - (aperture * rho / index) ** 2)

    thickness = m * (170 / glass - 170 / glass + immersion / m - depth / n)
    paper = n * depth * cosine(n) + m * (thickness - immersion) * cosine(m)
    psf = lens()
    found = psf.path(np.array([-psf.focus]), rho)
    np.testing.assert_allclose(found, paper - paper[0], atol=1e-12)


@pytest.mark.parametrize("fields", [{"depth": 0}, {"specimen_index": 1.515}])
def test_without_depth_or_mismatch_there_is_no_aberration(fields: dict[str, float]) -> None:
    z = np.linspace(0, 3, 31)
    light = lens(**fields).intensity(np.concatenate([-z, z]), np.zeros(1))[:, 0]
    np.testing.assert_allclose(light[:31], light[31:], atol=1e-12)
    assert light[0] == pytest.approx(1)


def test_at_small_angles_it_is_born_and_wolf() -> None:
    z, r = np.linspace(-40, 40, 21), np.linspace(0, 5, 40)
    born = BornWolf(numerical_aperture=0.2, wavelength_nm=520, index=1.38, pinhole=False)
    np.testing.assert_allclose(lens(numerical_aperture=0.2).intensity(z, r), born.intensity(z, r), atol=0.01)


def test_depth_takes_light_from_the_peak_and_makes_one_side_another() -> None:
    z = np.linspace(-5, 5, 401)
    axes = [lens(depth=depth).intensity(z, np.zeros(1))[:, 0] for depth in (0, 5, 10, 20)]
    peaks = [axis.max() for axis in axes]
    assert peaks == sorted(peaks, reverse=True)
    assert peaks[-1] < 0.5
    assert abs(axes[-1] - axes[-1][::-1]).max() > 0.1


def test_the_focus_stays_in_register() -> None:
    z = np.linspace(-8, 8, 801)
    for depth in (5, 20):
        psf = lens(depth=depth, numerical_aperture=1.1)
        axis = psf.intensity(z, np.zeros(1))[:, 0]
        assert abs((axis * z).sum() / axis.sum()) < 0.25
        assert abs(psf.focus) > 0.2, "a planted fault would be seen"


def test_an_aperture_beyond_either_index_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"< index and specimen_index, got 1\.4"):
        lens(numerical_aperture=1.4)
    with pytest.raises(ValidationError, match="numerical_aperture must be < index and specimen_index"):
        lens(index=1.1)
