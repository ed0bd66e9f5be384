"""Bright lines, such as membranes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cellsim.distributions import Number
from cellsim.sample import Image, Sample
from cellsim.seeds import Rng
from cellsim.steps import parameter
from cellsim.translators.base import Translator, image_of

REACH = 4.0  # standard deviations by which the image is continued at its border
FEWEST = 2.0  # pixels to a wavelength
FAINT = 1e-9  # what a filter hardly passes it does not pass: denormal numbers are slow


class Bank(NamedTuple):
    """Even Gabor filters, alike but for their orientation.

    Parameters
    ----------
    wavelength : float
        In µm.
    orientations : int
        How many, evenly spread over half a turn.
    bandwidth : float
        Octaves between the frequencies at which the filter passes half of what it passes at most.
    aspect : float
        How long the filter is along the line, over how wide it is across.
    """

    wavelength: float
    orientations: int
    bandwidth: float
    aspect: float

    @property
    def widths(self) -> tuple[float, float]:
        """Standard deviations of the envelope across and along the line, in µm."""
        octave = 2**self.bandwidth
        across = self.wavelength / math.pi * math.sqrt(math.log(2) / 2) * (octave + 1) / (octave - 1)
        return across, self.aspect * across

    @property
    def leak(self) -> float:
        """What a Gabor filter passes of a flat image, over what it passes of its own frequency; it is taken off."""
        return math.exp(-2 * (math.pi * self.widths[0] / self.wavelength) ** 2)


class Gabor(Translator):
    """Bright lines in every channel: the greatest response of a bank of even Gabor filters over their orientations.

    A filter is a cosine across the line under a Gaussian envelope, less as much of the envelope as makes flat areas 0,

    g(u, v) = a exp(-u^2 / 2 s^2 - v^2 / 2 t^2) (cos(2 pi u / `wavelength`) - k)

    with u across the line and v along it. `bandwidth` gives the width s, 0.56 wavelengths for one octave, and t is
    `aspect` s. The scale a is such that stripes which follow a cosine from 0 to 1 are 1 on their crests. Lines half
    a wavelength wide stand out best; a single one of height 1 has 0.88 in its middle, at one octave. What is
    negative, such as the area beside a line, is cut. Between two orientations a response is lower: at most by
    about a fifth for 8 of them and an aspect of 1; longer filters want more. The image is mirrored at its border.

    References
    ----------
    .. [1] Daugman, J. G. (1985). Uncertainty relation for resolution in space, spatial frequency, and orientation
       optimized by two-dimensional visual cortical filters. Journal of the Optical Society of America A 2(7).
    """

    kind: Literal["gabor"] = "gabor"
    version: Literal[1] = 1
    wavelength: Number = parameter(unit="µm", doc="Twice the width of the lines.", bounds="> 0")
    orientations: int = parameter(8, doc="How many filters, evenly spread over half a turn.", bounds=">= 1, <= 64")
    bandwidth: Number = parameter(1.0, unit="octaves", doc="Width of the band a filter passes.", bounds="> 0, <= 3")
    aspect: Number = parameter(1.0, doc="Length of a filter along the line over its width.", bounds="> 0, <= 8")

    def __call__(self, sample: Sample, rng: Rng) -> Sample:
        """Find the bright lines of the image.

        Parameters
        ----------
        sample : Sample
            2D, with an image.
        rng : numpy.random.Generator
            Nothing is drawn.

        Returns
        -------
        Sample
            With an image of as many channels, >= 0, nominally <= 1.

        Raises
        ------
        ValueError
            If the sample is 3D, or has no image yet, or the wavelength is less than two pixels.
        """
        if len(sample.spacing) != 2:
            raise ValueError(f"gabor takes 2D images, got {len(sample.spacing)}D")
        shortest = FEWEST * max(sample.spacing)
        if self.wavelength < shortest:
            raise ValueError(f"wavelength must be >= {shortest:g} µm, two pixels, got {self.wavelength:g}")
        bank = Bank(self.wavelength, self.orientations, self.bandwidth, self.aspect)
        return sample.with_image(np.stack([strongest(c, sample.spacing, bank) for c in image_of(sample, "gabor")]))


def strongest(image: Image, spacing: Sequence[float], bank: Bank) -> Image:
    """Return the greatest response over all orientations.

    Parameters
    ----------
    image : (Y, X) float32 array
        One channel.
    spacing : (2,) floats
        Size of a pixel in µm.
    bank : Bank
        The filters.

    Returns
    -------
    (Y, X) float32 array
        New; negative responses are 0.
    """
    from scipy import fft

    reach = [math.ceil(REACH * max(bank.widths) / step) for step in spacing]
    shape = [fft.next_fast_len(n + 2 * r, real=True) for n, r in zip(image.shape, reach, strict=True)]
    edges = [(r, whole - n - r) for n, r, whole in zip(image.shape, reach, shape, strict=True)]
    spectrum = fft.fft2(np.pad(image, edges, mode="symmetric"))
    pairs = fft.ifft2(transfer(tuple(shape), tuple(spacing), bank) * spectrum, overwrite_x=True)
    inside = tuple(slice(r, r + n) for n, r in zip(image.shape, reach, strict=True))
    best: Image = pairs[:, *inside].view(np.float32).max(axis=0, initial=0)
    return np.maximum(best[:, ::2], best[:, 1::2])


@lru_cache(maxsize=2)
def transfer(shape: tuple[int, ...], spacing: tuple[float, ...], bank: Bank) -> NDArray[np.complex64]:
    """Return the Fourier transforms of the filters, two in one.

    Parameters
    ----------
    shape : (2,) ints
        Of the image.
    spacing : (2,) floats
        Size of a pixel in µm.
    bank : Bank
        The filters.

    Returns
    -------
    (ceil(K / 2), Y, X) complex64 array
        At the frequencies of `scipy.fft.fft2`; not to be written to. Filters are even, and so are their transforms,
        which are thus real; every second one is stored as the imaginary part of the one before. Filter i finds lines
        at i / K of half a turn from the x axis. It passes its own wavelength twofold: an amplitude of 1/2 becomes 1.
    """
    angle = np.arange(bank.orientations).reshape(-1, 1, 1) * (math.pi / bank.orientations)
    y = np.fft.fftfreq(shape[0], spacing[0])[:, np.newaxis]
    x = np.fft.fftfreq(shape[1], spacing[1])
    u, v = np.cos(angle) * y + np.sin(angle) * x, np.cos(angle) * x - np.sin(angle) * y
    across, along = (2 * (math.pi * width) ** 2 for width in bank.widths)
    own = 1 / bank.wavelength
    passed = np.exp(-across * (u - own) ** 2) + np.exp(-across * (u + own) ** 2)
    passed -= 2 * bank.leak * np.exp(-across * u**2)
    passed *= 2 / (1 - bank.leak**2) ** 2 * np.exp(-along * v**2)
    passed[abs(passed) < FAINT] = 0
    pairs = np.zeros((-(-bank.orientations // 2), *shape), np.complex64)
    pairs.real = passed[::2]
    pairs.imag[: bank.orientations // 2] = passed[1::2]
    pairs.flags.writeable = False
    return pairs
