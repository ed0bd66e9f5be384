"""The wide-field microscope: energies as asked, light that falls off, a depth for every object, SIMCEP's own way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from cellsim.errors import RecipeError
from cellsim.sample import Sample
from cellsim.seeds import stream
from cellsim.steps import parse
from cellsim.translators.base import Translator
from cellsim.translators.optics.wide_field import WideField, paraboloid
from tests.statistics import ALPHA, assert_mean

PLAIN = {"psf": 0.0, "defocus": 0.0, "autofluorescence": 0.0, "falloff": 0.0}


def stained(shape: tuple[int, ...] = (64, 80), channels: int = 2, spacing: float = 0.5) -> Sample:
    """Objects of 4 x 4 pixels, 8 apart, painted 0.4 and 0.8."""
    labels = np.zeros(shape, np.uint16)
    corners = [(y, x) for y in range(4, shape[-2] - 4, 12) for x in range(4, shape[-1] - 4, 12)]
    for name, (y, x) in enumerate(corners, 1):
        labels[..., y : y + 4, x : x + 4] = name
    image = np.stack([np.float32(0.4 * (k + 1)) * (labels > 0) for k in range(channels)]).astype(np.float32)
    return Sample(labels[np.newaxis], (spacing,) * len(shape), image)


def look(sample: Sample | None = None, index: int = 0, **fields: Any) -> NDArray[np.float32]:
    sample = stained() if sample is None else sample
    image = WideField(**(fields if "compat" in fields else PLAIN | fields))(sample, stream(0, index, "wide")).image
    assert image is not None
    return image


def energy(image: NDArray[Any]) -> float:
    return float((image.astype(np.float64) ** 2).sum())


def widths(image: NDArray[np.float32], sample: Sample, spacing: float = 0.5) -> NDArray[np.float64]:
    """Root mean square distance of light from the middle of its object, beyond that of the object itself, in µm."""
    found = []
    for name in range(1, sample.count + 1):
        y, x = np.argwhere(sample.labels[0] == name).mean(axis=0).astype(int)
        light = image[max(y - 5, 0) : y + 7, max(x - 5, 0) : x + 7].astype(np.float64)
        offsets = np.arange(len(light)) - min(y, 5) - 0.5
        square = float((light.sum(axis=1) * offsets**2).sum() / light.sum())
        found.append(np.sqrt(max(square - 1.25, 0)) * spacing)
    return np.array(found)


def test_without_any_effect_the_stain_is_the_image() -> None:
    np.testing.assert_allclose(look(), stained().image, atol=1e-6)


@pytest.mark.parametrize("ratio", [0.05, 1.5])
def test_autofluorescence_has_the_energy_asked_for(ratio: float) -> None:
    sample = stained()
    assert sample.image is not None
    for i in range(3):
        glow = look(sample, i, autofluorescence=ratio) - sample.image
        assert energy(glow[0]) == pytest.approx(ratio * energy(sample.image[0]), rel=1e-4)
        np.testing.assert_allclose(glow[0], glow[1], atol=1e-6)  # one specimen
        assert glow.min() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(("ratio", "falloff"), [(1.0, 0.6), (0.5, 0.3), (1.0, 1.0)])
def test_light_falls_off_and_leaves_the_energy_asked_for(ratio: float, falloff: float) -> None:
    sample = stained()
    assert sample.image is not None
    lit = look(sample, illumination=ratio, falloff=falloff)
    assert energy(lit[0]) == pytest.approx(ratio * energy(sample.image[0]), rel=1e-4)
    light = 1 - falloff * (1 - paraboloid(sample.shape))
    share = lit[0][sample.labels[0] > 0] / light[sample.labels[0] > 0]
    np.testing.assert_allclose(share, share[0], rtol=1e-5)


def test_the_paraboloid_is_one_in_the_middle_and_nought_in_the_corner() -> None:
    light = paraboloid((201, 201))
    assert light[100, 100] == pytest.approx(1, abs=1e-6)
    assert light[0, 0] == pytest.approx(0, abs=0.01)
    assert light[0, 100] == pytest.approx(0.5, abs=0.01)
    aside = paraboloid((201, 201), (0.0, 0.25))
    assert np.unravel_index(aside.argmax(), aside.shape) == (100, 150)
    assert aside.min() == aside[0, 0] == pytest.approx(0, abs=0.01)
    np.testing.assert_array_equal(paraboloid((3, 11, 12))[2], paraboloid((11, 12)))


def test_every_object_has_a_depth_of_its_own_and_the_same_in_all_channels() -> None:
    sample = stained((200, 240))
    image = look(sample, psf=0.3, defocus=0.4)
    first, second = (widths(channel, sample) for channel in image)
    np.testing.assert_allclose(first, second, rtol=1e-3)
    assert first.min() == pytest.approx(0.3, abs=0.05)
    assert first.max() > 0.6
    sharp = widths(look(sample, psf=0.3)[0], sample)
    np.testing.assert_allclose(sharp, 0.3, atol=0.02)


def test_the_variance_of_the_blur_is_that_of_psf_and_depth() -> None:
    sample = stained((200, 240))
    squares = np.concatenate([widths(look(sample, i, psf=0.3, defocus=0.3)[0], sample) ** 2 for i in range(24)])
    squares = squares[squares < 0.3**2 + 0.3**2 * 4]  # what leaves the window is not measured
    assert_mean(squares, 0.3**2 + 0.3**2 * 0.774)  # of z² where z < 2
    with pytest.raises(AssertionError, match="sd from"):
        assert_mean(squares, 0.3**2 + 0.32**2 * 0.774)


def test_volumes_are_seen_too() -> None:
    image = look(stained((5, 20, 24)), psf=0.5, defocus=0.5, autofluorescence=0.1, falloff=0.5)
    assert image.shape == (2, 5, 20, 24)
    assert np.isfinite(image).all()


def test_compat_adds_light_with_the_energy_asked_for() -> None:
    sample = stained()
    assert sample.image is not None
    blurred = WideField(compat="simcep").blurred(sample.image, sample, stream(0, 0, "wide"))
    glowing = look(sample, compat="simcep", autofluorescence=0, illumination=0.7)
    added = glowing - blurred
    assert energy(added[0]) == pytest.approx(0.7 * energy(sample.image[0]), rel=1e-3)
    np.testing.assert_allclose(
        added[0] / added[0].max(), paraboloid(sample.shape) / paraboloid(sample.shape).max(), atol=1e-4
    )


def test_compat_blurs_the_deepest_cluster_by_five_pixels_and_touching_objects_alike() -> None:
    labels = np.zeros((1, 60, 60), np.uint16)
    labels[0, 10:14, 10:14], labels[0, 14:18, 10:14], labels[0, 40:44, 40:44] = 1, 2, 3
    sample = Sample(labels, (1.0, 1.0), (labels > 0).astype(np.float32))
    together, alone = [], []
    for i in range(40):
        image = look(sample, i, compat="simcep", autofluorescence=0, illumination=1e-9)[0]
        together.append(float(image[10:18, 10:14].sum() / 32))
        alone.append(float(image[40:44, 40:44].sum() / 16))
        one, other = image[6:14, 6:18], image[21:13:-1, 6:18]
        np.testing.assert_allclose(one, other, atol=1e-5)
    kernel = np.exp(-0.5 * (np.arange(-4, 5) / 5.0) ** 2)
    kernel /= kernel.sum()
    kept = sum(kernel[4 + a - b] for a in range(4) for b in range(4)) / 4
    deepest = np.isclose(alone, kept**2, rtol=1e-3)
    assert np.min(alone) == pytest.approx(kept**2, rel=1e-3)
    assert np.isclose(together, min(together), rtol=1e-3).sum() == 40 - deepest.sum()  # one of the two is the deepest
    assert stats.binomtest(int(deepest.sum()), 40, 0.5).pvalue > ALPHA


def test_an_empty_canvas_is_dark_but_for_nothing() -> None:
    empty = Sample(np.zeros((1, 20, 20), np.uint16), (1.0, 1.0), np.zeros((2, 20, 20), np.float32))
    for fields in ({"autofluorescence": 0.5, "falloff": 0.5}, {"compat": "simcep"}):
        np.testing.assert_array_equal(look(empty, **fields), 0)


def test_a_background_lies_under_and_between_the_objects() -> None:
    sample = stained()
    assert sample.image is not None
    np.testing.assert_allclose(look(sample, background=0.2), sample.image + 0.2, atol=1e-6)
    with_blur = {"psf": 0.5, "defocus": 0.5}
    np.testing.assert_allclose(look(sample, background=0.2, **with_blur), look(sample, **with_blur) + 0.2, atol=1e-6)


@pytest.mark.parametrize("name", ["psf", "defocus", "background", "falloff"])
def test_parameters_without_a_meaning_in_simcep_are_refused(name: str) -> None:
    with pytest.raises(RecipeError, match=f"{name} is not a parameter of SIMCEP"):
        parse(Translator, {"kind": "wide-field", "compat": "simcep", name: 0.77}, "translators.1")


def test_a_sample_without_an_image_is_refused() -> None:
    with pytest.raises(ValueError, match="wide-field needs an image"):
        WideField()(Sample(np.zeros((1, 8, 8), np.uint16), (1.0, 1.0)), stream(0, 0, "wide"))
