"""Edges: where they are, from what height on, and how far they are followed."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage
from skimage import feature

from cellsim.recipe import Recipe
from cellsim.seeds import stream
from cellsim.translators.filters.canny import Canny
from tests.recipes import TISSUE
from tests.translators.filters.samples import blank, filtered


def disk(shape: tuple[int, int], spacing: tuple[float, float], radius: float = 20.0) -> tuple[np.ndarray, np.ndarray]:
    """A disk in the middle, smooth at its rim as pixels are, and the distance of every pixel from its centre."""
    y, x = ((np.arange(n) + 0.5 - n / 2) * step for n, step in zip(shape, spacing, strict=True))
    distance = np.hypot(*np.meshgrid(y, x, indexing="ij"))
    return 0.2 + 0.5 * np.clip((radius - distance) / min(spacing) + 0.5, 0, 1), distance


@pytest.mark.parametrize("spacing", [(1.0, 1.0), (0.5, 0.5), (1.0, 0.5), (0.5, 1.5)])
def test_the_edge_of_a_disk_is_a_closed_line_about_its_radius(spacing: tuple[float, float]) -> None:
    shape = (round(60 / spacing[0]), round(60 / spacing[1]))
    image, distance = disk(shape, spacing)
    edges = filtered(Canny(sigma=1.5), image, spacing) > 0
    assert abs(distance[edges] - 20).max() < max(spacing)
    inside = ndimage.binary_fill_holes(edges)
    assert inside[distance < 18].all()
    assert not inside[distance > 22].any()
    assert edges.sum() < 2.5 * 2 * np.pi * 20 / min(spacing)


@pytest.mark.parametrize("sigma", [1.0, 2.5])
def test_square_pixels_give_what_scikit_image_gives(sigma: float) -> None:
    image = ndimage.gaussian_filter(np.random.default_rng(0).random((120, 140)), 1.5)
    thresholds = 0.02, 0.05
    found = filtered(Canny(sigma=sigma, low=thresholds[0], high=thresholds[1]), image)
    gradient = 8 / (np.sqrt(2 * np.pi) * sigma)  # of a step of height 1, at its steepest
    theirs = feature.canny(image, sigma, *(gradient * height for height in thresholds), mode="reflect")
    inside = (slice(10, -10),) * 2
    assert theirs[inside].mean() > 0.02
    assert (found[inside] != theirs[inside]).mean() < 0.03 * theirs[inside].mean() + 0.002


@pytest.mark.parametrize("sigma", [0.0, 0.5, 1.0, 4.0])
@pytest.mark.parametrize("spacing", [0.3, 1.0])
@pytest.mark.parametrize("axis", [0, 1])
def test_edges_begin_at_the_height_of_a_step(sigma: float, spacing: float, axis: int) -> None:
    step = np.zeros((100, 100))
    np.moveaxis(step, axis, 0)[50:] = 1
    canny = Canny(sigma=sigma, low=0.1, high=0.3)
    assert filtered(canny, 0.31 * step + 0.2, (spacing, spacing)).any()
    assert not filtered(canny, 0.29 * step + 0.2, (spacing, spacing)).any()


def test_across_the_longer_side_of_pixels_lower_steps_are_found() -> None:
    step = np.zeros((100, 100))
    step[50:] = 1
    canny = Canny(sigma=4.0, low=0.1, high=0.3)
    assert not filtered(canny, 0.29 * step, (1.0, 2.0)).any()
    assert filtered(canny, 0.2 * step, (2.0, 1.0)).any()
    assert not filtered(canny, 0.14 * step, (2.0, 1.0)).any()


def test_edges_are_followed_down_to_the_lower_height() -> None:
    heights = np.linspace(0, 0.4, 400)
    image = np.zeros((40, 400))
    image[20:] = heights
    edge = filtered(Canny(sigma=2.0, low=0.1, high=0.3), image).any(axis=0)
    assert heights[edge].min() == pytest.approx(0.1, abs=0.01)
    assert not filtered(Canny(sigma=2.0, low=0.1, high=0.45), image).any()


def test_a_flat_image_has_no_edges() -> None:
    assert not filtered(Canny(sigma=1.0, low=0), np.full((30, 30), 0.6)).any()


def test_channels_have_edges_of_their_own() -> None:
    image, _ = disk((60, 60), (1.0, 1.0))
    found = filtered(Canny(sigma=1.5), np.stack([image, np.zeros_like(image), image.T]))
    np.testing.assert_array_equal(found[0], filtered(Canny(sigma=1.5), image))
    assert not found[1].any()
    assert set(np.unique(found)) == {0, 1}


@pytest.mark.parametrize(("low", "high"), [(0.3, 0.2), (0.11, {"uniform": [0.1, 0.2]}), ({"uniform": [0, 0.3]}, 0.2)])
def test_a_low_above_the_high_is_refused(low: object, high: object) -> None:
    steps = [{"kind": "rcm"}, {"kind": "canny", "sigma": 1, "low": low, "high": high}]
    with pytest.raises(ValueError, match=r"translators\.1: low must be <= high, got low"):
        Recipe.parse(TISSUE | {"translators": steps})


def test_heights_may_be_drawn() -> None:
    canny = {"kind": "canny", "sigma": 1, "low": {"uniform": [0, 0.1]}, "high": {"uniform": [0.1, 0.2]}}
    image = Recipe.parse(TISSUE | {"translators": [{"kind": "rcm"}, canny]}).draw(0).image
    assert image is not None
    assert image.any()


def test_volumes_and_samples_without_an_image_are_refused() -> None:
    with pytest.raises(ValueError, match="canny takes 2D images, got 3D"):
        Canny(sigma=1)(blank(3), stream(0, 0, "x"))
    with pytest.raises(ValueError, match="canny needs an image"):
        Canny(sigma=1)(blank(), stream(0, 0, "x"))
