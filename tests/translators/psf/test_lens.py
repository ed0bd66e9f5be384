"""From the pattern of a lens to the voxels of an image."""

from __future__ import annotations

import numpy as np
import pytest

from cellsim.translators.psf.born_wolf import BornWolf
from cellsim.translators.psf.gibson_lanni import GibsonLanni
from cellsim.translators.psf.lens import Lens, over_pixels, transfer

CONFOCAL = BornWolf(numerical_aperture=1.0, wavelength_nm=600, index=1.33)
WIDE = BornWolf(numerical_aperture=1.0, wavelength_nm=600, index=1.33, pinhole=False)
DEEP = GibsonLanni(numerical_aperture=1.0, wavelength_nm=600, depth=20)


def image_of_a_point(lens: Lens, shape: tuple[int, ...], spacing: tuple[float, ...]) -> np.ndarray:
    image = np.zeros((1, *shape), np.float32)
    image[(0, *(n // 2 for n in shape))] = 1
    return lens(image, spacing)[0].astype(np.float64)


@pytest.mark.parametrize("lens", [CONFOCAL, DEEP], ids=lambda lens: lens.kind)
def test_a_point_becomes_the_pattern(lens: Lens) -> None:
    shape, spacing = (81, 61, 61), (0.08, 0.03, 0.03)
    found = image_of_a_point(lens, shape, spacing)
    z, x = (step * (np.arange(n) - n // 2) for n, step in zip(shape[1:], spacing[1:], strict=True))
    z = spacing[0] * (np.arange(81) - 40)
    pattern = lens.intensity(-z, abs(x))  # a plane beyond the point has it before its focus
    np.testing.assert_allclose(found[:, 30] / found.max(), pattern / pattern.max(), atol=0.01)
    assert found.sum() == pytest.approx(1, rel=5e-3)
    if lens is DEEP:
        assert abs(pattern[::-1] / pattern.max() - found[:, 30] / found.max()).max() > 0.04, "a planted fault"


def test_a_plane_has_the_pattern_in_focus() -> None:
    found = image_of_a_point(WIDE, (101, 101), (0.03, 0.03))
    pattern = WIDE.intensity(np.zeros(1), 0.03 * abs(np.arange(101.0) - 50))[0]
    np.testing.assert_allclose(found[50] / found.max(), pattern, atol=0.02)


@pytest.mark.parametrize("lens", [CONFOCAL, WIDE, DEEP], ids=["confocal", "wide", "deep"])
def test_large_voxels_have_the_mean_over_small_ones(lens: Lens) -> None:
    fine = image_of_a_point(lens, (105, 105, 105), (0.2, 0.1, 0.1))
    coarse = image_of_a_point(lens, (21, 21, 21), (1.0, 0.5, 0.5))
    binned = fine.reshape(21, 5, 21, 5, 21, 5).sum(axis=(1, 3, 5))
    np.testing.assert_allclose(coarse, binned, atol=0.003 * binned.max())
    assert abs(coarse - fine[2::5, 2::5, 2::5] * 125).max() > 0.1 * binned.max(), "a planted fault"


def test_the_pattern_is_in_micrometres_whatever_the_voxels() -> None:
    widths = []
    for spacing in ((0.25, 0.1, 0.1), (0.5, 0.2, 0.05)):
        shape = tuple(int(size / step) // 2 * 2 + 1 for size, step in zip((20, 6, 6), spacing, strict=True))
        found = image_of_a_point(CONFOCAL, shape, spacing)
        for axis in (0, 1, 2):
            x = spacing[axis] * (np.arange(shape[axis]) - shape[axis] // 2)
            profile = found.sum(axis=tuple(a for a in range(3) if a != axis))
            near = abs(x) < (3 if axis == 0 else 1)
            widths.append(np.sqrt((profile * x**2)[near].sum() / profile[near].sum()))
    z1, y1, x1, z2, y2, x2 = widths
    assert y1 == pytest.approx(x1, rel=1e-4)
    np.testing.assert_allclose([y2, x2], [y1, x1], rtol=0.06)
    assert z2 == pytest.approx(z1, rel=0.06)
    assert z1 > 2.5 * y1


def test_the_transfer_function_is_computed_once() -> None:
    transfer.cache_clear()
    for _ in range(3):
        image_of_a_point(CONFOCAL.model_copy(), (5, 9, 9), (1.0, 0.5, 0.5))
    assert transfer.cache_info().misses == 1
    assert not transfer(CONFOCAL, (5, 9, 9), (1.0, 0.5, 0.5)).flags.writeable


def test_means_over_pixels_are_integrals() -> None:
    r = np.arange(0, 30, 0.02)
    means = over_pixels(np.exp(-(r**2) / 8)[np.newaxis], 0.02, (12, 9), (1.0, 1.5), 4.0)[0]
    whole = 4 * means.sum() - 2 * means[0].sum() - 2 * means[:, 0].sum() + means[0, 0]  # all four quarters
    assert means.shape == (13, 10)
    assert whole * 1.5 == pytest.approx(8 * np.pi, rel=1e-4)
    assert means[0, 0] == pytest.approx(
        np.exp(-((np.mgrid[-0.5:0.5:101j, -0.75:0.75:101j] ** 2).sum(0)) / 8).mean(), rel=1e-3
    )
    assert over_pixels(np.ones((1, 10)), 0.1, (5, 5), (1.0, 1.0), 4.0)[0, 3].max() == 0, "dark beyond the radii"
