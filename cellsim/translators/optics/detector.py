"""The camera: photons, noise, offset."""

from __future__ import annotations

from typing import Literal

import numpy as np

from cellsim.distributions import Number
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
        if self.read_noise > 0:
            counts += np.float32(self.read_noise) * rng.standard_normal(counts.shape, dtype=np.float32)
        counts *= np.float32(1 / self.photons)
        counts += np.float32(self.offset)
        return sample.with_image(np.clip(counts, 0, 1, out=counts))
