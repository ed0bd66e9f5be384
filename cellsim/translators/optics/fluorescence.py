"""Fluorescent objects on a dark background."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from cellsim.distributions import Number
from cellsim.sample import Image, Labels, Sample
from cellsim.seeds import Rng
from cellsim.steps import parameter
from cellsim.translators.base import Translator
from cellsim.translators.optics.blur import blur
from cellsim.translators.optics.field import smooth_field


class Fluorescence(Translator):
    """Stained objects: each with its own brightness and texture, blurred, over haze and a background.

    Out-of-focus light is the same image blurred much wider; illumination falls off smoothly over the canvas.
    """

    kind: Literal["fluorescence"] = "fluorescence"
    version: Literal[1] = 1
    channels: ClassVar[tuple[str, ...] | None] = ("fluorescence",)
    brightness: Number = parameter(0.5, doc="Median brightness of an object.", bounds="> 0, <= 1")
    variation: Number = parameter(0.3, doc="Spread of the logarithm of brightness of objects.", bounds=">= 0, <= 2")
    texture: Number = parameter(0.2, doc="Contrast of the texture inside objects.", bounds=">= 0, <= 1")
    texture_scale: Number = parameter(3.0, unit="µm", doc="Length over which the texture changes.", bounds="> 0")
    psf: Number = parameter(1.0, unit="µm", doc="Standard deviation of the point spread function.", bounds=">= 0")
    haze: Number = parameter(0.1, doc="Share of the light that is out of focus.", bounds=">= 0, <= 1")
    haze_scale: Number = parameter(15.0, unit="µm", doc="Standard deviation of the out-of-focus blur.", bounds="> 0")
    background: Number = parameter(0.03, doc="Light where there is no object.", bounds=">= 0, <= 1")
    illumination: Number = parameter(0.15, doc="Spread of the logarithm of illumination.", bounds=">= 0, <= 1")
    illumination_scale: Number = parameter(200.0, unit="µm", doc="Length over which it changes.", bounds="> 0")

    def __call__(self, sample: Sample, rng: Rng) -> Sample:
        """Render the first structure of a sample.

        Parameters
        ----------
        sample : Sample
            Labels of the stained objects; any image it has is replaced.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        Sample
            With an image of one channel, >= 0, nominally <= 1.
        """
        stain = self.stain(sample, rng)
        image = blur(stain, [self.psf / step for step in sample.spacing])
        if self.haze > 0:
            image *= np.float32(1 - self.haze)
            image += np.float32(self.haze) * blur(stain, [self.haze_scale / step for step in sample.spacing])
        image += np.float32(self.background)
        if self.illumination > 0:
            field = smooth_field(sample.canvas, self.illumination_scale, rng)
            image *= np.exp(np.float32(self.illumination) * field)
        return sample.with_image(image[np.newaxis])

    def stain(self, sample: Sample, rng: Rng) -> Image:
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
        labels: Labels = sample.labels[0]
        z = rng.standard_normal(int(labels.max(initial=0)) + 1, dtype=np.float32)
        levels = np.float32(self.brightness) * np.exp(np.float32(self.variation) * z)
        levels[0] = 0
        image: Image = np.take(levels, labels)
        if self.texture > 0:
            field = smooth_field(sample.canvas, self.texture_scale, rng)
            image *= np.maximum(1 + np.float32(self.texture) * field, 0)
        return image
