"""Noise that does not depend on the light."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from cellsim.distributions import Number
from cellsim.sample import Sample
from cellsim.seeds import Rng
from cellsim.steps import parameter
from cellsim.translators.base import Translator, image_of
from cellsim.translators.optics.normal import normal_numbers


class GaussianNoise(Translator):
    """Independent normal numbers added to every pixel of every channel; the result is cut to [0, 1].

    SIMCEP has such noise for its camera, with the variance 0.0001. `detector` has the noise that photons make.

    References
    ----------
    .. [1] Lehmussola, A., Ruusuvuori, P., Selinummi, J., Huttunen, H., Yli-Harja, O. (2007). Computational framework
       for simulating fluorescence microscope images with cell populations. IEEE Transactions on Medical Imaging 26(7).
    """

    kind: Literal["gaussian-noise"] = "gaussian-noise"
    version: Literal[1] = 1
    variance: Number = parameter(doc="Variance of the noise, full scale being 1.", bounds=">= 0")

    def __call__(self, sample: Sample, rng: Rng) -> Sample:
        """Add noise to the image.

        Parameters
        ----------
        sample : Sample
            With an image.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        Sample
            With the noisy image, in [0, 1].

        Raises
        ------
        ValueError
            If the sample has no image yet.
        """
        image = image_of(sample, "gaussian-noise")
        noisy = normal_numbers(image.shape, rng)
        noisy *= np.float32(math.sqrt(self.variance))
        noisy += image
        return sample.with_image(np.clip(noisy, 0, 1, out=noisy))
