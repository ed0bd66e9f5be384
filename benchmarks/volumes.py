"""Volumes of 64 x 64 x 64 with two stains, against convolutions of SciPy."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from scipy import ndimage, signal

from benchmarks.timing import interleaved_ms, median_ms, row
from cellsim.generators.packing import Packing
from cellsim.generators.shapes.ellipsoid import Ellipsoid
from cellsim.sample import Canvas, Sample
from cellsim.seeds import stream
from cellsim.translators.base import Translator
from cellsim.translators.filters.contrast_stretch import ContrastStretch
from cellsim.translators.optics.confocal import Confocal
from cellsim.translators.optics.detector import Detector
from cellsim.translators.optics.specks import Specks
from cellsim.translators.optics.texture import Texture
from cellsim.translators.psf.born_wolf import BornWolf
from cellsim.translators.psf.gaussian import Gaussian
from cellsim.translators.psf.lens import transfer

CANVAS = Canvas(shape=(64, 64, 64), spacing=(0.5, 0.25, 0.25))
GAUSSIAN = Gaussian(lateral=0.3, axial=1.0)
LENS = BornWolf(numerical_aperture=0.8, wavelength_nm=520, index=1.33)
DETECTOR = Detector(photons=100, bits=8)


def in_turn(sample: Sample, steps: list[Translator]) -> Sample:
    """Translate a sample by several steps."""
    for step in steps:
        sample = step(sample, stream(0, 0, "benchmark"))
    return sample


def plain_gaussian(image: np.ndarray) -> object:
    """Blur every channel by SciPy."""
    return [ndimage.gaussian_filter(c, (2.0, 1.2, 1.2), mode="reflect", truncate=3.5) for c in image]


def plain_lens(image: np.ndarray, kernel: np.ndarray) -> object:
    """Mirror every channel as far as the kernel reaches, and convolve by SciPy."""
    return [signal.fftconvolve(np.pad(c, 32, mode="symmetric"), kernel, mode="valid") for c in image]


def main() -> None:
    """Time the microscope, what comes before and after it, and its peers in the same run."""
    shape = Ellipsoid(radius=2.5, elongation=1.3)
    labels = Packing(shape=shape, cover=0.2)(CANVAS, stream(0, 0, "labels"))
    stains: list[Translator] = [Texture(channel="nuclei"), Texture(channel="golgi")]
    sample = in_turn(labels, stains)
    image = np.asarray(sample.image)
    point = np.zeros((1, 65, 65, 65), np.float32)
    point[0, 32, 32, 32] = 1
    kernel = LENS(point, CANVAS.spacing)[0]
    calls: dict[str, Callable[[], object]] = {
        "texture x 2, confocal with gaussian, detector": partial(
            in_turn, labels, [*stains, Confocal(psf=GAUSSIAN), DETECTOR]
        ),
        "texture x 2, confocal with born-wolf, detector": partial(
            in_turn, labels, [*stains, Confocal(psf=LENS), DETECTOR]
        ),
        "the same with everything": partial(in_turn, labels, [*stains, *everything(), DETECTOR, ContrastStretch()]),
        "specks, about 50": partial(in_turn, sample, [Specks(density=0.004, radius=0.6)]),
        "contrast-stretch": partial(in_turn, sample, [ContrastStretch()]),
        "gaussian": partial(GAUSSIAN, image, CANVAS.spacing),
        "born-wolf": partial(LENS, image, CANVAS.spacing),
        "gaussian_filter of SciPy": partial(plain_gaussian, image),
        "fftconvolve of SciPy, half the reach": partial(plain_lens, image, kernel),
    }
    found = interleaved_ms(calls, 15)
    for name, time in found.items():
        peer = {"gaussian": "gaussian_filter of SciPy", "born-wolf": "fftconvolve of SciPy, half the reach"}.get(name)
        row(name, f"{time:.1f} ms", f"{found[peer] / time:.1f} x SciPy" if peer else "")
    lens = transfer.__wrapped__
    row(
        "transfer function of born-wolf, once",
        f"{median_ms(lambda: lens(LENS, CANVAS.shape, CANVAS.spacing), 5):.0f} ms",
    )


def everything() -> list[Translator]:
    """Return a microscope with all it has, and specks."""
    light = {"attenuation": 30.0, "autofluorescence": 0.05, "illumination": 0.1, "background": 0.01}
    return [Confocal(psf=LENS, **light), Specks(density=0.001, radius=0.6)]
