"""Painted objects: a brightness and a texture each, before any optics."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from cellsim.distributions import Number
from cellsim.sample import Sample
from cellsim.seeds import Rng
from cellsim.steps import parameter
from cellsim.translators.base import Translator
from cellsim.translators.optics.painting import lognormal_levels, mean_over_planes
from cellsim.translators.optics.value_noise import Octaves, object_noise


class Texture(Translator):
    """Objects, each with its own brightness and its own fractal texture, as SIMCEP paints them.

    The texture t of an object is value noise over its bounding box: lattices of 2^k cells along each axis, never finer
    than the pixels, for `octaves` values of k from `first_octave`, weighted by powers of `persistence`, smoothly
    interpolated, summed and stretched to [0, 1] over the object. A pixel is `bias` + (1 - `bias`) t times the
    brightness of its object, which is thus that of the brightest pixel. Objects of all label planes are painted; where
    they overlap, the mean of them is taken. `fluorescence` after it sees the result through a microscope.

    References
    ----------
    .. [1] Lehmussola, A., Ruusuvuori, P., Selinummi, J., Huttunen, H., Yli-Harja, O. (2007). Computational framework
       for simulating fluorescence microscope images with cell populations. IEEE Transactions on Medical Imaging 26(7).
    """

    kind: Literal["texture"] = "texture"
    version: Literal[1] = 1
    channels: ClassVar[tuple[str, ...] | None] = ("stain",)
    brightness: Number = parameter(0.6, doc="Median brightness of an object.", bounds="> 0, <= 1")
    variation: Number = parameter(0.2, doc="Spread of the logarithm of brightness of objects.", bounds=">= 0, <= 2")
    persistence: Number = parameter(0.5, doc="Weight of an octave over that of the one before.", bounds=">= 0, <= 2")
    first_octave: int = parameter(2, doc="The coarsest lattice has 2^this cells along an axis.", bounds=">= 0, <= 8")
    octaves: int = parameter(5, doc="Number of lattices.", bounds=">= 1, <= 12")
    bias: Number = parameter(0.2, doc="Darkest pixel of an object over its brightest.", bounds=">= 0, <= 1")
    background: Number = parameter(0.0, doc="Brightness where there is no object.", bounds=">= 0, <= 1")

    def __call__(self, sample: Sample, rng: Rng) -> Sample:
        """Paint the objects of a sample.

        Parameters
        ----------
        sample : Sample
            Labels of the objects; any image it has is replaced.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        Sample
            With an image of one channel, >= 0, nominally <= 1.
        """
        levels = lognormal_levels(sample.labels, self.brightness, self.variation, rng)
        painted = object_noise(sample.labels, Octaves(self.first_octave, self.octaves, self.persistence), rng)
        painted *= np.float32(1 - self.bias)
        painted += np.float32(self.bias)
        painted *= np.take(levels, sample.labels)
        image = mean_over_planes(painted, sample.labels)
        if self.background > 0:
            image[~sample.labels.any(axis=0)] = self.background
        return sample.with_image(image[np.newaxis])
