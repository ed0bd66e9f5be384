"""The camera: photons, noise, offset."""

from __future__ import annotations

from typing import Literal

import numpy as np

from cellsim.distributions import Number
from cellsim.kernel import kernel
from cellsim.sample import Sample
from cellsim.seeds import Rng
from cellsim.steps import parameter
from cellsim.translators.base import Translator
from cellsim.translators.optics.poisson import photon_counts


class Detector(Translator):
    """Shot noise and read noise of a camera whose full scale is `photons` photons.

    An intensity I becomes (Poisson(I photons) + Normal(0, read_noise)) / photons + offset, cut to [0, 1].
    """

    kind: Literal["detector"] = "detector"
    version: Literal[1] = 1
    photons: Number = parameter(unit="photons", doc="Photons at intensity 1.", bounds="> 0")
    read_noise: Number = parameter(0.0, unit="photons", doc="Standard deviation of the read noise.", bounds=">= 0")
    offset: Number = parameter(0.0, doc="Added to every pixel, in units of full scale.", bounds=">= 0, < 1")

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
        if sample.image is None:
            raise ValueError("a detector needs an image, got a sample without one: put a renderer before it")
        counts = photon_counts(sample.image * np.float32(self.photons), rng)
        noise = rng.standard_normal(counts.shape if self.read_noise else counts.shape[:1], dtype=np.float32)
        _read_out(counts.reshape(-1), noise.reshape(-1), self.read_noise, self.photons, self.offset)
        return sample.with_image(counts)


@kernel
def _read_out(counts, noise, read_noise, photons, offset):  # type: ignore[no-untyped-def]
    """Turn counts into intensities, in place."""
    scale, spread, base = np.float32(1 / photons), np.float32(read_noise / photons), np.float32(offset)
    for i in range(counts.size):
        read = spread * noise[i % noise.size] if read_noise > 0 else np.float32(0)
        counts[i] = min(max(counts[i] * scale + read + base, np.float32(0)), np.float32(1))
