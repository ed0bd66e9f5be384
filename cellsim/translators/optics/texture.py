"""Painted objects: a brightness and a texture each, before any optics."""

from __future__ import annotations

from typing import Literal

import numpy as np

from cellsim.distributions import Number
from cellsim.sample import Sample
from cellsim.seeds import Rng
from cellsim.steps import parameter
from cellsim.translators.base import Translator
from cellsim.translators.optics.painting import lognormal_levels
from cellsim.translators.optics.value_noise import Octaves, textured


class Texture(Translator):
    """Objects, each with its own brightness and its own fractal texture, as SIMCEP paints them.

    The texture t of an object is value noise over its bounding box: lattices of 2^k cells along each axis, never finer
    than the pixels, for `octaves` values of k from `first_octave`, weighted by powers of `persistence`, smoothly
    interpolated, summed and stretched to [0, 1] over the object. A pixel is `bias` + (1 - `bias`) t times the
    brightness of its object, which is thus that of the brightest pixel. Where objects overlap, the mean of them is
    taken. Painting adds a channel to the image, so that each structure may have its stain; `fluorescence` or
    `wide-field` after it see them through a microscope.

    References
    ----------
    .. [1] Lehmussola, A., Ruusuvuori, P., Selinummi, J., Huttunen, H., Yli-Harja, O. (2007). Computational framework
       for simulating fluorescence microscope images with cell populations. IEEE Transactions on Medical Imaging 26(7).
    """

    kind: Literal["texture"] = "texture"
    version: Literal[2] = 2
    structure: str | None = parameter(None, doc="Structure that is painted, such as nuclei; none for all objects.")
    channel: str = parameter("stain", doc="Name of the channel.")
    brightness: Number = parameter(0.6, doc="Median brightness of an object.", bounds="> 0, <= 1")
    variation: Number = parameter(0.2, doc="Spread of the logarithm of brightness of objects.", bounds=">= 0, <= 2")
    persistence: Number = parameter(0.5, doc="Weight of an octave over that of the one before.", bounds=">= 0, <= 4")
    first_octave: int = parameter(2, doc="The coarsest lattice has 2^this cells along an axis.", bounds=">= 0, <= 8")
    octaves: int = parameter(5, doc="Number of lattices.", bounds=">= 1, <= 12")
    bias: Number = parameter(0.2, doc="Darkest pixel of an object over its brightest.", bounds=">= 0, <= 1")
    background: Number = parameter(0.0, doc="Brightness where there is no object.", bounds=">= 0, <= 1")

    def channels_after(self, before: tuple[str, ...]) -> tuple[str, ...]:
        """Name the channels of the image that it makes.

        Parameters
        ----------
        before : tuple of str
            Names of the channels that the image has so far.

        Returns
        -------
        tuple of str
            These, and `channel`.
        """
        return (*before, self.channel)

    def __call__(self, sample: Sample, rng: Rng) -> Sample:
        """Paint the objects of a sample.

        Parameters
        ----------
        sample : Sample
            Labels of the objects, and any image.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        Sample
            With one channel more, >= 0, nominally <= 1.

        Raises
        ------
        ValueError
            If there is no such structure.
        """
        labels = sample.planes(self.structure)
        levels = lognormal_levels(labels, self.brightness, self.variation, rng)
        octaves = Octaves(self.first_octave, self.octaves, self.persistence)
        painted = textured(labels, octaves, levels, self.bias, rng)
        if self.background > 0:
            painted[~labels.any(axis=0)] = self.background
        before = () if sample.image is None else (sample.image,)
        return sample.with_image(np.concatenate([*before, painted[np.newaxis]]))
