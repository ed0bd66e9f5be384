"""The camera: photons, noise, gain, grey levels."""

from __future__ import annotations

from typing import Literal

import numpy as np

from cellsim.distributions import Number
from cellsim.sample import Image, Sample
from cellsim.seeds import Rng
from cellsim.steps import parameter
from cellsim.translators.base import Translator, image_of
from cellsim.translators.optics.bits import random_words
from cellsim.translators.optics.normal import normal_numbers
from cellsim.translators.optics.poisson import photon_counts


class Detector(Translator):
    """Shot noise, read noise, gain and grey levels of a camera.

    An intensity I becomes gain (N + Normal(0, read_noise)) / photons + offset, where N is Poisson with mean
    I photons; cut to [0, 1], the full scale. With the gain 1 the intensity 1 just reaches it; a lower gain leaves
    room above, a higher one saturates. An electron-multiplying register makes N a gamma number of the same mean and
    `excess_noise` times the variance. Hot pixels, drawn anew for every image, have `hot_level` added. With `bits`
    the result is one of 2^bits grey levels.

    References
    ----------
    .. [1] Basden, A. G., Haniff, C. A., Mackay, C. D. (2003). Photon counting strategies with low-light-level CCDs.
       Monthly Notices of the Royal Astronomical Society 345(3).
    """

    kind: Literal["detector"] = "detector"
    version: Literal[2] = 2
    photons: Number = parameter(unit="photons", doc="Photons at intensity 1.", bounds="> 0")
    read_noise: Number = parameter(0.0, unit="photons", doc="Standard deviation of the read noise.", bounds=">= 0")
    gain: Number = parameter(1.0, doc="Signal of intensity 1, in units of full scale.", bounds="> 0")
    offset: Number = parameter(0.0, doc="Added to every pixel, in units of full scale.", bounds=">= 0, < 1")
    excess_noise: Number = parameter(
        1.0, doc="Variance of the shot noise over that of Poisson; 2 for electron multiplication.", bounds=">= 1, <= 2"
    )
    hot_pixels: Number = parameter(0.0, doc="Share of pixels that are hot.", bounds=">= 0, <= 1")
    hot_level: Number = parameter(0.5, doc="Added to hot pixels, in units of full scale.", bounds=">= 0, <= 1")
    bits: int | None = parameter(
        None, unit="bits", doc="Depth of the grey levels; none to leave them fine.", bounds=">= 1, <= 16"
    )

    def __call__(self, sample: Sample, rng: Rng) -> Sample:
        """Expose the image.

        Parameters
        ----------
        sample : Sample
            With an image.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        Sample
            With the noisy image.

        Raises
        ------
        ValueError
            If the sample has no image yet.
        """
        signal = self.electrons(image_of(sample, "a detector"), rng)
        signal *= np.float32(self.gain / self.photons)
        signal += np.float32(self.offset)
        if self.hot_pixels > 0:
            hot = random_words(signal.size, rng).reshape(signal.shape) < self.hot_pixels * 2.0**32
            signal[hot] += np.float32(self.hot_level)
        np.clip(signal, 0, 1, out=signal)
        if self.bits is not None:
            highest = np.float32(2**self.bits - 1)
            signal = np.rint(signal * highest) / highest
        return sample.with_image(signal)

    def electrons(self, image: Image, rng: Rng) -> Image:
        """Draw what the amplifier reads: counted photons, multiplied if the camera does that, and read noise.

        Parameters
        ----------
        image : (...) float32 array
            Intensities.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        (...) float32 array
            In units of photons; new.
        """
        counts = photon_counts(image * np.float32(self.photons), rng)
        if self.excess_noise > 1:
            excess = np.float32(self.excess_noise - 1)
            counts = rng.standard_gamma(counts / excess, dtype=np.float32) * excess
        if self.read_noise > 0:
            noise = normal_numbers(counts.shape, rng)
            noise *= np.float32(self.read_noise)
            counts += noise
        return counts
