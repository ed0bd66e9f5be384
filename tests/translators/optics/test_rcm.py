"""Reflectance confocal microscopy: levels, factors of mean one, widths."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cellsim.masks.boundaries import boundaries
from cellsim.sample import Sample
from cellsim.seeds import stream
from cellsim.translators.optics.blur import blur
from cellsim.translators.optics.rcm import ReflectanceConfocal
from tests.statistics import assert_mean, assert_variance

PLAIN = {"psf": 0.0, "cell_variation": 0.0, "heterogeneity": 0.0, "speckle": 0.0, "defocus": 0.0}


def two_cells() -> Sample:
    labels = np.zeros((1, 20, 24), np.uint16)
    labels[0, 4:16, 3:12], labels[0, 4:16, 12:20] = 1, 2
    return Sample(labels, (0.5, 1.0))


def render(sample: Sample, index: int = 0, **fields: Any) -> np.ndarray:
    image = ReflectanceConfocal(**(PLAIN | fields))(sample, stream(0, index, "rcm")).image
    assert image is not None
    return image[0]


def test_without_noise_the_levels_are_the_parameters() -> None:
    sample = two_cells()
    image = render(sample, groove=0.1, cytoplasm=0.25, membrane=0.5, membrane_width=1.5)  # two mean pixels
    labels = sample.labels[0]
    border = boundaries(labels)
    np.testing.assert_array_equal(image[border], np.float32(0.75))
    np.testing.assert_array_equal(image[~border & (labels == 0)], np.float32(0.1))
    np.testing.assert_array_equal(image[~border & (labels > 0)], np.float32(0.25))


@pytest.mark.parametrize("spacing", [0.25, 0.5, 2.0])
def test_a_membrane_adds_as_much_light_whatever_the_size_of_pixels(spacing: float) -> None:
    labels = np.full((1, 1, 12), 1, np.uint16)
    labels[..., 6:] = 2
    image = render(Sample(labels, (spacing, spacing)), cytoplasm=0.2, membrane=0.4, membrane_width=0.8)
    assert (image - 0.2).sum() * spacing == pytest.approx(0.4 * 0.8, rel=1e-5)


def test_the_point_spread_function_is_in_micrometres() -> None:
    sharp = render(two_cells())
    np.testing.assert_array_equal(render(two_cells(), psf=1.5), blur(sharp, (3.0, 1.5)))


def factors(**fields: Any) -> np.ndarray:
    """What pixels of the groove are multiplied by that have no node of a field in common."""
    groove = Sample(np.zeros((1, 260, 260), np.uint16), (100.0, 100.0))
    return render(groove, groove=0.5, **fields)[::4, ::4].ravel() / 0.5


@pytest.mark.parametrize(("field", "spread"), [("speckle", 0.3), ("speckle", 1.0), ("heterogeneity", 0.35)])
def test_speckle_and_heterogeneity_are_factors_of_mean_one(field: str, spread: float) -> None:
    found = factors(**{field: spread})
    assert_mean(found, 1.0)
    if field == "speckle":  # its contrast is sd over mean
        assert_variance(found, spread**2)
    else:  # its spread is that of the logarithm
        assert_variance(np.log(found), spread**2)
        assert_mean(np.log(found), -(spread**2) / 2)
    with pytest.raises(AssertionError):
        assert_mean(found, 1.0 + 0.15 * spread)


def test_both_together_are_of_mean_one() -> None:
    found = factors(speckle=0.4, heterogeneity=0.3)
    assert_mean(found, 1.0)
    assert_variance(np.log(found), np.log1p(0.4**2) + 0.3**2)


def test_cells_differ_in_brightness_by_a_lognormal_factor() -> None:
    labels = np.zeros((1, 6, 3 * 2000), np.uint16)
    for i in range(2000):
        labels[0, :, 3 * i : 3 * i + 3] = i + 1
    middles = render(Sample(labels, (1.0, 1.0)), cytoplasm=0.2, cell_variation=0.25)[3, 1::3]
    assert_mean(np.log(middles), np.log(0.2))
    assert_variance(np.log(middles), 0.25**2)
    with pytest.raises(AssertionError):
        assert_variance(np.log(middles), 0.3**2)


def test_speckle_has_the_size_of_the_point_spread_function() -> None:
    sample = Sample(np.zeros((1, 200, 200), np.uint16), (1.0, 1.0))
    narrow, wide = (np.log(render(sample, groove=0.5, speckle=0.3, psf=psf)) for psf in (1.0, 4.0))
    near, far = ((f[:, 4:] * f[:, :-4]).mean() / (f**2).mean() for f in (narrow - narrow.mean(), wide - wide.mean()))
    assert near == pytest.approx(np.exp(-((4 / 1.0) ** 2) / 4), abs=0.05)  # a field made with a kernel of sd s
    assert far == pytest.approx(np.exp(-((4 / 4.0) ** 2) / 4), abs=0.06)


def test_out_of_focus_light_is_a_share_of_known_mean_and_spread() -> None:
    """The share w is `defocus` u, u = (1 + z / sqrt(1 + z^2)) / 2 of a normal z: E u = 1/2, var u = 0.0861."""
    stripes = np.arange(1, 66, dtype=np.uint16).repeat(8)[np.newaxis].repeat(260, axis=0)[np.newaxis]
    sample, fields = Sample(stripes, (100.0, 100.0)), {"cell_variation": 1.0, "defocus_scale": 20.0}
    sharp = render(sample, **fields)
    wide = blur(sharp, (2.0, 2.0))
    found = render(sample, defocus=0.8, defocus_psf=200.0, **fields)
    far_apart = np.zeros(sharp.shape, bool)
    far_apart[::4, 4::8] = True
    seen = far_apart & (abs(wide - sharp) > 0.02)
    share = (found - sharp)[seen] / (wide - sharp)[seen]
    z = np.linspace(-9, 9, 100_001)
    u = (1 + z / np.sqrt(1 + z * z)) / 2
    variance = 0.64 * np.average((u - 0.5) ** 2, weights=np.exp(-(z**2) / 2))
    assert variance / 0.64 == pytest.approx(0.0861, abs=1e-4)
    assert_mean(share, 0.4)
    assert_variance(share, variance)
    assert ((share > -1e-4) & (share < 0.8001)).all()
    with pytest.raises(AssertionError):
        assert_mean(share, 0.44)
    with pytest.raises(AssertionError):
        assert_variance(share, 1.3 * variance)


def test_focus_changes_over_its_scale() -> None:
    """Where lines are sharp and where not: neighbours agree, places far apart do not."""
    labels = np.arange(1, 241, dtype=np.uint16).repeat(2)[np.newaxis].repeat(300, axis=0)[np.newaxis]
    sample = Sample(labels, (1.0, 1.0))
    sharp = render(sample, cell_variation=1.0)
    wide = blur(sharp, (8.0, 8.0))
    column = int(abs(sharp - wide).min(axis=0).argmax())
    for scale, most in ((30.0, 0.1), (3000.0, 0.01)):
        image = render(sample, cell_variation=1.0, defocus=1.0, defocus_psf=8.0, defocus_scale=scale)
        share = (image - sharp)[:, column] / (wide - sharp)[:, column]
        assert abs(np.diff(share)).max() < most
        assert (np.ptp(share) > 0.3) == (scale == 30)


def test_in_flat_tissue_focus_changes_nothing() -> None:
    groove = Sample(np.zeros((1, 20, 20), np.uint16), (1.0, 1.0))
    np.testing.assert_allclose(render(groove, groove=0.3, defocus=1.0), 0.3, rtol=1e-5)
