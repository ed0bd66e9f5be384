"""Annotated images of 30 ellipses: masks, optics and camera, against the same in NumPy and SciPy."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from benchmarks.peers import of_images
from benchmarks.populations import CANVAS, plain_loop, population
from benchmarks.timing import interleaved_ms, median_ms, row
from cellsim.sample import Sample
from cellsim.seeds import Rng, stream
from cellsim.translators.base import Translator
from cellsim.translators.optics.detector import Detector
from cellsim.translators.optics.fluorescence import Fluorescence
from cellsim.translators.optics.histology import Histology
from cellsim.translators.optics.phase import PhaseContrast
from cellsim.translators.optics.texture import Texture

PSF = 1.5  # px
BARE = Fluorescence(variation=0, texture=0, psf=PSF, haze=0, illumination=0, background=0.05)
CAMERA = Detector(photons=100, read_noise=2)


def plain_image(rng: Rng) -> object:
    """Draw ellipses in a loop, blur them by SciPy, and draw the noise by NumPy."""
    labels = np.asarray(plain_loop(rng))
    image = ndimage.gaussian_filter(0.05 + 0.5 * (labels > 0), PSF)
    return (rng.poisson(100 * image) + 2 * rng.standard_normal(image.shape)) / 100


def drawn(rng: Rng, *steps: Translator) -> Sample:
    """Draw a population, and run it through translators."""
    sample = population()(CANVAS, rng)
    for step in steps:
        sample = step(sample, rng)
    return sample


def main() -> None:
    """Time whole images, then others' optics."""
    rng = stream(0, 0, "benchmark")
    found = interleaved_ms(
        {
            "30 ellipses, blur, shot and read noise": lambda: drawn(rng, BARE, CAMERA),
            "the same with texture": lambda: drawn(rng, Texture(), BARE, CAMERA),
            "with all of fluorescence at its defaults": lambda: drawn(rng, Fluorescence(), CAMERA),
            "phase contrast": lambda: drawn(rng, PhaseContrast(), CAMERA),
            "histology, three channels": lambda: drawn(rng, Histology(), CAMERA),
            "the first in NumPy and SciPy": lambda: plain_image(rng),
        },
        60,
    )
    ours = next(iter(found.values()))
    for name, (call, images) in of_images().items():
        found[name] = median_ms(call, 10) / images
    for name, taken in found.items():
        row(name, f"{taken:.2f} ms", "<= 2 ms" if taken == ours else f"{taken / ours:.1f} x")
