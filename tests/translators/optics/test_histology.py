"""Stained sections: the law of Beer and Lambert, and what can be taken apart again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cellsim.recipe import Recipe
from cellsim.report.gallery import drawing
from cellsim.sample import Sample
from cellsim.seeds import stream
from cellsim.translators.optics.blur import blur
from cellsim.translators.optics.dome import domes
from cellsim.translators.optics.histology import RIM, Histology, transmitted
from tests.statistics import assert_mean, assert_variance

PLAIN = {
    "variation": 0.0,
    "chromatin": 0.0,
    "rim": 0.0,
    "defocus": 0.0,
    "fibres": 0.0,
    "cytoplasm": 0.0,
    "gaps": 0.0,
    "psf": 0.0,
}


def disks(spacing: float = 0.5) -> Sample:
    y, x = np.indices((60, 70))
    labels = np.zeros((1, 60, 70), np.uint16)
    labels[0, np.hypot(y - 20, x - 22) < 11], labels[0, np.hypot(y - 40, x - 50) < 9] = 1, 2
    return Sample(labels, (spacing, spacing))


def render(sample: Sample, index: int = 0, **fields: Any) -> np.ndarray:
    image = Histology(**(PLAIN | fields))(sample, stream(0, index, "histology")).image
    assert image is not None
    return image


def stains(sample: Sample, index: int = 0, **fields: Any) -> np.ndarray:
    return Histology(**(PLAIN | fields)).stains(sample, stream(0, index, "histology"))


def unmixed(image: np.ndarray, step: Histology) -> np.ndarray:
    """Colour deconvolution: the densities that explain an image."""
    absorbance = -np.log10(image / np.array(step.light)[:, np.newaxis, np.newaxis])
    return np.tensordot(np.linalg.pinv(step.colours().T.astype(np.float64)), absorbance, 1)


def test_colour_deconvolution_gives_the_stains_back() -> None:
    sample, step = disks(), Histology(psf=0.0)
    densities = step.stains(sample, stream(0, 0, "histology"))
    image = step(sample, stream(0, 0, "histology")).image
    assert image is not None
    np.testing.assert_allclose(unmixed(image.astype(np.float64), step), densities, atol=2e-5)
    swapped = Histology(psf=0.0, eosin_colour=step.haematoxylin_colour, haematoxylin_colour=step.eosin_colour)
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(unmixed(image.astype(np.float64), swapped), densities, atol=2e-5)


def test_densities_add_and_light_multiplies() -> None:
    rng = np.random.default_rng(0)
    colours, light = Histology().colours(), (0.9, 0.8, 0.7)
    one, other = rng.random((2, 2, 5, 6), dtype=np.float32)
    ratio = np.array(light).reshape(3, 1, 1)
    both = transmitted(one, colours, light) * transmitted(other, colours, light) / ratio
    np.testing.assert_allclose(transmitted(one + other, colours, light), both, rtol=1e-5)
    np.testing.assert_allclose(
        transmitted(np.zeros_like(one), colours, light), np.broadcast_to(ratio, (3, 5, 6)), rtol=1e-6
    )


def test_a_density_of_one_lets_a_tenth_through_of_what_its_colour_says() -> None:
    image = render(disks(), haematoxylin=1.0, eosin=0.0, haematoxylin_colour=(0.0, 3.0, 4.0), light=(1.0, 1.0, 1.0))
    inside = disks().labels[0] > 0
    for channel, power in zip(image, (0.0, 0.6, 0.8), strict=True):
        np.testing.assert_allclose(channel[inside], 10**-power, rtol=1e-5)
        np.testing.assert_allclose(channel[~inside], 1, rtol=1e-6)


def test_where_nothing_is_stained_the_light_is_seen() -> None:
    blank = Sample(np.zeros((1, 9, 9), np.uint16), (1.0, 1.0))
    image = render(blank, eosin=0.0, psf=1.0, light=(0.9, 0.8, 0.7))
    np.testing.assert_allclose(image, np.broadcast_to(np.reshape((0.9, 0.8, 0.7), (3, 1, 1)), image.shape), rtol=1e-5)


def test_the_density_of_nuclei_is_lognormal() -> None:
    labels = np.arange(3000, dtype=np.uint16).reshape(1, 50, 60)
    found = np.log(stains(Sample(labels, (5.0, 5.0)), haematoxylin=0.6, variation=0.3)[0].ravel()[1:])
    assert_mean(found, np.log(0.6))
    assert_variance(found, 0.3**2)
    with pytest.raises(AssertionError):
        assert_variance(found, 0.35**2)


def test_chromatin_mottles_every_nucleus_about_its_density() -> None:
    sample = disks()
    density = stains(sample, haematoxylin=0.5, chromatin=0.6)[0]
    for i in (1, 2):
        inside = density[sample.labels[0] == i]
        assert inside.min() == pytest.approx(0.5 * 0.4, rel=1e-4)
        assert inside.max() == pytest.approx(0.5 * 1.6, rel=1e-4)


def test_the_rim_is_denser_and_the_middle_is_not() -> None:
    sample = disks()
    density = stains(sample, haematoxylin=0.5, rim=0.8)[0]
    expected = 0.5 * (1 + 0.8 * (1 - domes(sample.labels[0], sample.spacing, RIM)))
    inside = sample.labels[0] > 0
    np.testing.assert_allclose(density[inside], expected[inside], rtol=1e-5)
    assert density[20, 22] == pytest.approx(0.5)


def test_nuclei_out_of_focus_keep_their_stain() -> None:
    sample = disks()
    sharp, hazy = (stains(sample, haematoxylin=0.5, defocus=share, defocus_psf=2.0)[0] for share in (0.0, 1.0))
    np.testing.assert_allclose(hazy, blur(sharp, (4.0, 4.0)), atol=1e-6)
    assert hazy.sum(dtype=np.float64) == pytest.approx(sharp.sum(dtype=np.float64), rel=1e-5)


def test_as_many_nuclei_are_out_of_focus_as_asked() -> None:
    labels = np.zeros((1, 300, 300), np.uint16)
    labels[0, 3::10, 3::10] = np.arange(1, 901).reshape(30, 30)
    density = stains(Sample(labels, (1.0, 1.0)), haematoxylin=0.5, defocus=0.3, defocus_psf=1.0)[0]
    hazy = density[labels[0] > 0] < 0.3
    assert_mean(hazy, 0.3)
    with pytest.raises(AssertionError):
        assert_mean(hazy, 0.4)


def test_nuclei_one_above_the_other_add_up() -> None:
    labels = np.zeros((2, 8, 8), np.uint16)
    labels[0, :, :5], labels[1, :, 3:] = 1, 2
    density = stains(Sample(labels, (1.0, 1.0)), haematoxylin=0.5)[0]
    np.testing.assert_allclose(density[0], [0.5, 0.5, 0.5, 1, 1, 0.5, 0.5, 0.5])


def test_stroma_is_fibrous_about_its_mean() -> None:
    blank = Sample(np.zeros((1, 60, 60), np.uint16), (33.7, 41.3))  # all pixels far apart
    found = stains(blank, eosin=0.2, fibres=0.9, fibre_width=0.5)[1]
    assert_mean(found, 0.2)
    assert ((found > 0.02) & (found < 0.38)).all()
    assert found.std() > 0.02
    with pytest.raises(AssertionError):
        assert_mean(found, 0.21)


def test_cytoplasm_surrounds_nuclei() -> None:
    sample = disks()
    eosin = stains(sample, eosin=0.1, cytoplasm=0.3, cytoplasm_width=2.0)[1]
    around = blur((sample.labels[0] > 0).astype(np.float32), (4.0, 4.0))
    np.testing.assert_allclose(eosin, 0.1 + 0.3 * around, rtol=1e-5)


def test_gaps_take_their_share_and_keep_away_from_nuclei() -> None:
    blank = Sample(np.zeros((1, 60, 60), np.uint16), (120.0, 120.0))  # all pixels far apart
    empty = stains(blank, gaps=0.3)[1] == 0
    assert_mean(empty, 0.3)
    with pytest.raises(AssertionError):
        assert_mean(empty, 0.36)
    sample = disks()
    for i in range(5):
        assert (stains(sample, i, gaps=0.9)[1][sample.labels[0] > 0] > 0).all()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"light": (1.0, 1.2, 1.0)}, "light must be three numbers >= 0, <= 1"),
        ({"eosin_colour": (0.0, 0.0, 0.0)}, "eosin_colour must be three numbers >= 0, not all 0"),
        ({"haematoxylin_colour": (0.5, -0.1, 0.2)}, "haematoxylin_colour must be three numbers >= 0"),
        ({"haematoxylin_colour": (0.5, 0.1, float("nan"))}, "haematoxylin_colour must be three numbers >= 0"),
    ],
)
def test_impossible_colours_are_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Histology(**fields)


def test_volumes_are_refused() -> None:
    volume = Sample(np.zeros((1, 3, 4, 4), np.uint16), (1.0, 1.0, 1.0))
    with pytest.raises(ValueError, match="it takes 2D labels, got 3D"):
        Histology()(volume, stream(0, 0, "histology"))


def test_a_gallery_shows_the_colours_as_they_are() -> None:
    recipe = Recipe.parse(
        {
            "canvas": {"shape": [48, 64], "spacing": [0.5, 0.5]},
            "generator": {"kind": "packing", "shape": {"kind": "ellipsoid", "radius": 3}, "cover": 0.2},
            "translators": [{"kind": "histology"}, {"kind": "detector", "photons": 2000}],
        }
    )
    assert recipe.channels == ("red", "green", "blue")
    sample = recipe.draw(0)
    assert sample.image is not None
    plain, _ = drawing(sample)
    np.testing.assert_array_equal(plain, (np.moveaxis(sample.image, 0, -1) * 255).astype(np.uint8))
    nuclei, stroma = (plain[where].mean(axis=0) for where in (sample.labels[0] > 0, sample.labels[0] == 0))
    assert nuclei[2] > nuclei[0] > nuclei[1]  # blue-violet
    assert stroma[0] > stroma[1]  # pink
    assert nuclei.mean() < 0.7 * stroma.mean()
