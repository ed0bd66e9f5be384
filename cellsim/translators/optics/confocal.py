"""A fluorescence microscope that takes volumes."""

from __future__ import annotations

from typing import Literal

import numpy as np

from cellsim.distributions import Number, OptionalNumber
from cellsim.sample import Image, Sample
from cellsim.seeds import Rng
from cellsim.steps import parameter
from cellsim.translators.base import Translator, image_of
from cellsim.translators.optics.field import smooth_field
from cellsim.translators.optics.value_noise import fractal_field
from cellsim.translators.psf.base import Psf


class Confocal(Translator):
    """Stains and autofluorescence of a thick specimen: dimmer with depth, spread by a point spread function.

    Each channel of the image is a stain, as `texture` paints one structure after the other. Autofluorescence, a fractal
    of two octaves, and illumination are the same in all of them. Light from the depth d below the first plane is weaker
    by exp(-d / `attenuation`), on its way in and out together. All of it passes the `psf`; the even `background` is
    added after. In 2D there is no depth, and everything is in focus.

    References
    ----------
    .. [1] Pawley, J. B. (ed.) (2006). Handbook of Biological Confocal Microscopy, 3rd edition. Springer.
    """

    kind: Literal["confocal"] = "confocal"
    version: Literal[1] = 1
    psf: Psf = parameter(doc="What the microscope makes of a point of light.")
    attenuation: OptionalNumber = parameter(
        None, unit="µm", doc="Depth over which light falls to 1/e; none for a clear specimen.", bounds="> 0"
    )
    background: Number = parameter(0.0, doc="Even light, added to every channel.", bounds=">= 0, <= 1")
    autofluorescence: Number = parameter(0.0, doc="Mean of the uneven light of all the sample.", bounds=">= 0, <= 1")
    autofluorescence_scale: Number = parameter(50.0, unit="µm", doc="Length over which it changes.", bounds="> 0")
    illumination: Number = parameter(0.0, doc="Spread of the logarithm of illumination.", bounds=">= 0, <= 1")
    illumination_scale: Number = parameter(200.0, unit="µm", doc="Length over which it changes.", bounds="> 0")

    def __call__(self, sample: Sample, rng: Rng) -> Sample:
        """Look at the stains of a sample.

        Parameters
        ----------
        sample : Sample
            With an image whose channels are stains.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        Sample
            With an image of as many channels, >= 0, nominally <= 1.

        Raises
        ------
        ValueError
            If the sample has no image yet.
        """
        seen = self.psf(self.light(image_of(sample, "confocal"), sample, rng), sample.spacing)
        seen += np.float32(self.background)
        return sample.with_image(seen)

    def light(self, stain: Image, sample: Sample, rng: Rng) -> Image:
        """Light every point of the specimen.

        Parameters
        ----------
        stain : (C, [Z,] Y, X) float32 array
            Not written to.
        sample : Sample
            Its canvas.
        rng : numpy.random.Generator
            Draws autofluorescence and illumination.

        Returns
        -------
        (C, [Z,] Y, X) float32 array
            What leaves each point towards the objective; the stain itself if nothing changes it.
        """
        if self.autofluorescence > 0:  # a fractal has the mean 1/2
            fractal = fractal_field(sample.canvas, self.autofluorescence_scale, 2, 1.0, rng)
            stain = stain + np.float32(2 * self.autofluorescence) * fractal
        if self.illumination > 0:
            field = smooth_field(sample.canvas, self.illumination_scale, rng)
            stain = stain * np.exp(np.float32(self.illumination) * field)
        if self.attenuation is not None and len(sample.shape) == 3:
            depth = sample.spacing[0] * np.arange(sample.shape[0], dtype=np.float32).reshape(-1, 1, 1)
            stain = stain * np.exp(-depth / np.float32(self.attenuation))
        return stain
