"""Filters of an image of 256 x 256, against the same in scikit-image and SciPy."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from scipy import ndimage
from skimage import feature, filters

from benchmarks.timing import interleaved_ms, row
from cellsim.recipe import Recipe
from cellsim.sample import Sample
from cellsim.seeds import stream
from cellsim.translators.base import Translator
from cellsim.translators.filters.binary import Binary
from cellsim.translators.filters.canny import Canny
from cellsim.translators.filters.gabor import Gabor
from cellsim.translators.filters.gaussian_noise import GaussianNoise
from cellsim.translators.filters.jpeg import Jpeg
from cellsim.translators.filters.local_normalisation import LocalNormalisation

WAVELENGTH = 5.0  # µm, of 0.5 µm pixels
SCALE = 10.0  # µm
SIGMA = 1.0  # µm
ORIENTATIONS = 8


def plain_gabor(sample: Sample) -> object:
    """Take the greatest response of scikit-image's filter, one orientation after the other."""
    angles = np.arange(ORIENTATIONS) * np.pi / ORIENTATIONS
    frequency = sample.spacing[0] / WAVELENGTH
    return np.max([filters.gabor(image_of(sample), frequency, theta)[0] for theta in angles], axis=0)


def plain_normalisation(sample: Sample) -> object:
    """Normalise with Gaussian filters of SciPy."""
    sigma, image = SCALE / sample.spacing[0], image_of(sample)
    found = image - ndimage.gaussian_filter(image, sigma)
    return 0.5 + found / (6 * (np.sqrt(ndimage.gaussian_filter(found * found, sigma)) + 0.01))


def plain_canny(sample: Sample) -> object:
    """Find edges by scikit-image alone."""
    return feature.canny(image_of(sample), SIGMA / sample.spacing[0])


def image_of(sample: Sample) -> np.ndarray:
    """Return the only channel of a sample."""
    return np.asarray(sample.image)[0]


def main() -> None:
    """Time every filter, and its peers in the same run."""
    rng = stream(0, 0, "benchmark")
    sample = Recipe.load("epidermis").draw(0)
    steps: dict[str, Translator] = {
        "gabor, 8 orientations": Gabor(wavelength=WAVELENGTH, orientations=ORIENTATIONS),
        "local-normalisation": LocalNormalisation(scale=SCALE),
        "canny": Canny(sigma=SIGMA),
        "gaussian-noise": GaussianNoise(variance=0.001),
        "jpeg": Jpeg(quality=80),
        "binary with borders": Binary(border=True),
    }
    peers: dict[str, Callable[[Sample], object]] = {
        "gabor, 8 orientations": plain_gabor,
        "local-normalisation": plain_normalisation,
        "canny": plain_canny,
    }
    calls: dict[str, Callable[[], object]] = {name: partial(step, sample, rng) for name, step in steps.items()}
    calls |= {f"{name}, plain": partial(peer, sample) for name, peer in peers.items()}
    found = interleaved_ms(calls, 9)
    for name in steps:
        row(name, f"{found[name]:.2f} ms")
    for name in peers:
        plain = found[f"{name}, plain"]
        row(f"{name}, in scikit-image and SciPy", f"{plain:.1f} ms", f"{plain / found[name]:.1f} x")
