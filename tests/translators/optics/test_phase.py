"""Phase contrast: a kernel that sums to zero, half planes and disks in closed form."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from cellsim.sample import Sample
from cellsim.seeds import stream
from cellsim.translators.optics.phase import PEAKS_MEAN, PEAKS_SD, PhaseContrast
from tests.statistics import assert_mean, assert_variance

PLAIN = {"variation": 0.0, "texture": 0.0, "granules": 0.0, "illumination": 0.0, "edge": 1e-3}


def render(labels: np.ndarray, spacing: float = 1.0, index: int = 0, **fields: Any) -> np.ndarray:
    sample = Sample(labels.astype(np.uint16).reshape(-1, *labels.shape[-2:]), (spacing, spacing))
    image = PhaseContrast(**(PLAIN | fields))(sample, stream(0, index, "phase")).image
    assert image is not None
    return image[0]


def half_plane(n: int = 120) -> np.ndarray:
    return np.arange(n)[np.newaxis].repeat(8, axis=0) >= n // 2


def disk(radius: float, n: int) -> np.ndarray:
    y, x = np.indices((n, n)) - n // 2
    return np.hypot(y, x) <= radius


def test_the_edge_of_a_half_plane_is_a_difference_of_two_normal_laws() -> None:
    image = render(half_plane(), spacing=0.5, contrast=0.4, psf=1.0, halo=6.0, background=0.5)
    x = (np.arange(120) - 59.5) * 0.5
    expected = 0.5 - 0.4 * (stats.norm.cdf(x / 1.0) - stats.norm.cdf(x / 6.0))
    np.testing.assert_allclose(image[4], expected, atol=1e-3)
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(image[4], 0.5 - 0.4 * (stats.norm.cdf(x) - stats.norm.cdf(x / 5.5)), atol=1e-3)


@pytest.mark.parametrize("contrast", [0.5, -0.3])
def test_at_a_sharp_border_body_and_halo_differ_from_the_background_by_half_the_contrast(contrast: float) -> None:
    image = render(half_plane(400), spacing=0.1, contrast=contrast, psf=0.0, halo=8.0, background=0.5)
    assert image[4, 199] == pytest.approx(0.5 + contrast / 2, abs=0.003)
    assert image[4, 200] == pytest.approx(0.5 - contrast / 2, abs=0.003)


@pytest.mark.parametrize("radius", [4.0, 12.0, 20.0])
def test_the_middle_of_a_disk_fades_with_its_size(radius: float) -> None:
    """Shade-off: a Gaussian of width s holds 1 - exp(-r^2 / 2 s^2) of its light within r."""
    image = render(disk(radius / 0.25, 301), spacing=0.25, contrast=0.6, psf=0.0, halo=6.0)
    assert image[150, 150] == pytest.approx(max(0.4 - 0.6 * np.exp(-(radius**2) / 72), 0), abs=0.002)


@pytest.mark.parametrize(
    "fields", [{}, {"psf": 2.0, "halo": 30.0}, {"variation": 0.5, "texture": 0.5, "granules": 0.1}]
)
def test_the_mean_stays_at_the_background(fields: dict[str, Any]) -> None:
    labels = disk(15, 80).astype(int)
    labels[disk(15, 80) & (np.arange(80) > 40)] = 2
    labels[:7, :9] = 3  # up to the border of the canvas, where all is mirrored
    image = render(labels, contrast=0.2, edge=5.0, **fields)
    assert image.std() > 0.01
    assert image.mean(dtype=np.float64) == pytest.approx(0.4, abs=2e-6)


def test_bodies_are_dark_and_have_a_bright_halo() -> None:
    labels = disk(6, 61)
    image = render(labels, edge=3.0)
    ring = disk(9, 61) & ~disk(7, 61)
    assert (image[disk(4, 61)] < 0.4).all()
    assert (image[ring] > 0.4).all()
    assert image[0, 0] == pytest.approx(0.4, abs=1e-4)
    assert (render(labels, edge=3.0, contrast=-0.5)[ring] < 0.4).all()


def test_no_light_is_negative() -> None:
    assert render(disk(5, 31), contrast=1.0, background=0.1).min() == 0.0


def thickness(**fields: Any) -> np.ndarray:
    """Of objects of one pixel that have no node of a field in common."""
    labels = np.zeros((1, 260, 260), np.uint16)
    labels[0, ::4, ::4] = np.arange(1, 65 * 65 + 1).reshape(65, 65)
    sample = Sample(labels, (20.0, 20.0))
    return PhaseContrast(**(PLAIN | fields)).thickness(sample, stream(0, 0, "phase"))[::4, ::4].ravel()


def test_the_thickness_of_objects_is_lognormal() -> None:
    found = np.log(thickness(variation=0.4))
    assert_mean(found, 0.0)
    assert_variance(found, 0.4**2)
    with pytest.raises(AssertionError):
        assert_variance(found, 0.45**2)


def test_granules_have_mean_one_and_their_spread() -> None:
    tail, density = stats.norm.sf(1), stats.norm.pdf(1)
    assert pytest.approx(density - tail, abs=1e-7) == PEAKS_MEAN
    assert pytest.approx(np.sqrt(2 * tail - density - (density - tail) ** 2), abs=1e-7) == PEAKS_SD
    found = thickness(granules=0.3)
    assert_mean(found, 1.0)
    assert_variance(found, 0.3**2)
    with pytest.raises(AssertionError):
        assert_mean(found, 1.05)


def test_texture_changes_thickness_about_its_mean() -> None:
    found = thickness(texture=0.8)
    assert_mean(found, 1.0)
    assert found.std() > 0.05
    assert ((found > 0.2) & (found < 1.8)).all()


def test_overlapping_planes_are_averaged() -> None:
    labels = np.stack([disk(8, 40), disk(4, 40)])
    np.testing.assert_allclose(render(labels), render(disk(8, 40)), atol=1e-6)


def test_illumination_is_a_slow_lognormal_factor() -> None:
    found = np.log(render(np.zeros((50, 60), int), spacing=750.0, illumination=0.1).ravel() / 0.4)
    assert_mean(found, 0.0)
    assert_variance(found, 0.1**2)


def test_volumes_are_refused() -> None:
    volume = Sample(np.zeros((1, 3, 4, 4), np.uint16), (1.0, 1.0, 1.0))
    with pytest.raises(ValueError, match="looks through all the depth: it takes 2D labels, got 3D"):
        PhaseContrast()(volume, stream(0, 0, "phase"))
