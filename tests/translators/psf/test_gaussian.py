"""The Gaussian point spread function."""

from __future__ import annotations

import numpy as np
import pytest

from cellsim.translators.psf.gaussian import Gaussian


@pytest.mark.parametrize("spacing", [(0.5, 0.25, 0.25), (1.0, 0.3, 0.2), (0.2, 0.5, 0.4)])
@pytest.mark.parametrize("axial", [None, 2.5])
def test_its_widths_are_in_micrometres_whatever_the_voxels(spacing: tuple[float, ...], axial: float | None) -> None:
    shape = tuple(2 * int(9 / step) + 1 for step in spacing)
    image = np.zeros((1, *shape), np.float32)
    image[(0, *(n // 2 for n in shape))] = 1
    found = Gaussian(lateral=1.0, axial=axial)(image, spacing)[0].astype(np.float64)
    assert found.sum() == pytest.approx(1, rel=1e-5)
    for axis, width in enumerate((1.0 if axial is None else axial, 1.0, 1.0)):
        x = spacing[axis] * (np.arange(shape[axis]) - shape[axis] // 2)
        profile = found.sum(axis=tuple(a for a in range(3) if a != axis))
        assert np.sqrt((profile * x**2).sum()) == pytest.approx(width, rel=0.02)


def test_a_plane_has_no_axial_width() -> None:
    image = np.random.default_rng(0).random((2, 20, 30), dtype=np.float32)
    narrow, wide = (Gaussian(lateral=1.0, axial=axial)(image, (0.5, 0.5)) for axial in (0.1, 9.0))
    np.testing.assert_array_equal(narrow, wide)


def test_without_width_nothing_changes() -> None:
    image = np.random.default_rng(0).random((1, 4, 20, 30), dtype=np.float32)
    np.testing.assert_array_equal(Gaussian(lateral=0, axial=0)(image, (1.0, 0.5, 0.5)), image)
