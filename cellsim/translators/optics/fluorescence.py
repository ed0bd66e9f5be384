"""Fluorescent objects on a dark background."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from cellsim.distributions import Number, OptionalNumber
from cellsim.sample import Image, Sample
from cellsim.seeds import Rng
from cellsim.steps import parameter
from cellsim.translators.base import Translator
from cellsim.translators.optics.blur import blur
from cellsim.translators.optics.field import smooth_field
from cellsim.translators.optics.painting import lognormal_levels, mean_over_planes
from cellsim.translators.optics.value_noise import fractal_field


class Fluorescence(Translator):
    """Stained objects through a microscope: blurred, over haze, autofluorescence and a background, unevenly lit.

    The stain is the image that the sample has, as `texture` paints it. A sample without an image is painted here:
    objects of all label planes, each with its own brightness, under one texture; where they overlap, the mean is taken.
    Out-of-focus light is the same stain blurred much wider. Autofluorescence is a fractal, as SIMCEP has it.
    Illumination falls off smoothly over the canvas and dims all of them.

    References
    ----------
    .. [1] Lehmussola, A., Ruusuvuori, P., Selinummi, J., Huttunen, H., Yli-Harja, O. (2007). Computational framework
       for simulating fluorescence microscope images with cell populations. IEEE Transactions on Medical Imaging 26(7).
    """

    kind: Literal["fluorescence"] = "fluorescence"
    version: Literal[2] = 2
    channels: ClassVar[tuple[str, ...] | None] = ("fluorescence",)
    brightness: Number = parameter(0.5, doc="Median brightness of an object.", bounds="> 0, <= 1")
    variation: Number = parameter(0.3, doc="Spread of the logarithm of brightness of objects.", bounds=">= 0, <= 2")
    texture: Number = parameter(0.2, doc="Contrast of the texture inside objects.", bounds=">= 0, <= 1")
    texture_scale: Number = parameter(3.0, unit="µm", doc="Length over which the texture changes.", bounds="> 0")
    psf: Number = parameter(1.0, unit="µm", doc="Standard deviation of the point spread function.", bounds=">= 0")
    psf_axial: OptionalNumber = parameter(None, unit="µm", doc="The same along z; none for that of psf.", bounds=">= 0")
    haze: Number = parameter(0.1, doc="Share of the light that is out of focus.", bounds=">= 0, <= 1")
    haze_scale: Number = parameter(15.0, unit="µm", doc="Standard deviation of the out-of-focus blur.", bounds="> 0")
    background: Number = parameter(0.03, doc="Light where there is no object.", bounds=">= 0, <= 1")
    autofluorescence: Number = parameter(0.0, doc="Mean of the uneven light of all the sample.", bounds=">= 0, <= 1")
    autofluorescence_scale: Number = parameter(50.0, unit="µm", doc="Length over which it changes.", bounds="> 0")
    illumination: Number = parameter(0.15, doc="Spread of the logarithm of illumination.", bounds=">= 0, <= 1")
    illumination_scale: Number = parameter(200.0, unit="µm", doc="Length over which it changes.", bounds="> 0")

    def __call__(self, sample: Sample, rng: Rng) -> Sample:
        """Look at the stained objects of a sample.

        Parameters
        ----------
        sample : Sample
            Labels of the stained objects, or an image of one channel that is the stain.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        Sample
            With an image of one channel, >= 0, nominally <= 1.

        Raises
        ------
        ValueError
            If the sample has an image of several channels.
        """
        stain = self.paint(sample, rng) if sample.image is None else _only_channel(sample.image)
        image = blur(stain, [width / step for width, step in zip(self._psf(sample), sample.spacing, strict=True)])
        if self.haze > 0:
            image *= np.float32(1 - self.haze)
            image += np.float32(self.haze) * blur(stain, [self.haze_scale / step for step in sample.spacing])
        image += np.float32(self.background)
        if self.autofluorescence > 0:  # a fractal has the mean 1/2
            fractal = fractal_field(sample.canvas, self.autofluorescence_scale, 2, 1.0, rng)
            image += np.float32(2 * self.autofluorescence) * fractal
        if self.illumination > 0:
            field = smooth_field(sample.canvas, self.illumination_scale, rng)
            image *= np.exp(np.float32(self.illumination) * field)
        return sample.with_image(image[np.newaxis])

    def paint(self, sample: Sample, rng: Rng) -> Image:
        """Paint the objects before any optics.

        Parameters
        ----------
        sample : Sample
            Labels of the stained objects.
        rng : numpy.random.Generator
            Draws brightness and texture.

        Returns
        -------
        ([Z,] Y, X) float32 array
            Density of the stain, 0 outside objects.
        """
        levels = lognormal_levels(sample.labels, self.brightness, self.variation, rng)
        image = mean_over_planes(np.take(levels, sample.labels), sample.labels)
        if self.texture > 0:
            field = smooth_field(sample.canvas, self.texture_scale, rng)
            image *= np.maximum(1 + np.float32(self.texture) * field, 0)
        return image

    def _psf(self, sample: Sample) -> list[float]:
        """Width of the point spread function along each axis, in µm."""
        axial = self.psf if self.psf_axial is None else self.psf_axial
        return [axial, self.psf, self.psf][-len(sample.spacing) :]


def _only_channel(image: Image) -> Image:
    if len(image) != 1:
        raise ValueError(f"fluorescence takes an image of one channel as the stain, got {len(image)} channels")
    return np.asarray(image[0])
