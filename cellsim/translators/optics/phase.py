"""Phase contrast microscopy of cells on a dish."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from cellsim.distributions import Number
from cellsim.sample import Image, Sample
from cellsim.seeds import Rng
from cellsim.steps import parameter
from cellsim.translators.base import Translator
from cellsim.translators.optics.blur import blur
from cellsim.translators.optics.dome import domes
from cellsim.translators.optics.field import smooth_field
from cellsim.translators.optics.painting import lognormal_levels, mean_over_planes
from cellsim.translators.optics.value_noise import fractal_field

PEAKS_MEAN = 0.0833155  # of max(z - 1, 0), where z is standard normal
PEAKS_SD = 0.2615307


class PhaseContrast(Translator):
    """Cells in phase contrast: dark bodies with a bright halo, on a grey background.

    A cell retards light by its optical thickness f: a dome that reaches its height `edge` from the border, uneven and
    with granules. The phase ring takes along part of the light that the cell scatters by small angles, so that the
    microscope shows f less a blurred copy of it: I = `background` - `contrast` (G * f - H * f), where G is the point
    spread function and H a Gaussian of width `halo`. As G - H sums to zero, the mean stays at the background: there is
    a bright halo about cells, and in large ones the middle fades to grey (shade-off). A negative contrast makes bright
    bodies with a dark halo. Objects of all label planes are seen; where they overlap, the mean of them is taken.

    References
    ----------
    .. [1] Yin, Z., Kanade, T., Chen, M. (2012). Understanding the phase contrast optics to restore artifact-free
       microscopy images for segmentation. Medical Image Analysis 16(5).
    """

    kind: Literal["phase-contrast"] = "phase-contrast"
    version: Literal[1] = 1
    channels: ClassVar[tuple[str, ...] | None] = ("phase-contrast",)
    contrast: Number = parameter(0.35, doc="How much the full thickness darkens; < 0 brightens.", bounds=">= -1, <= 1")
    variation: Number = parameter(0.25, doc="Spread of the logarithm of the objects' thickness.", bounds=">= 0, <= 2")
    edge: Number = parameter(5.0, unit="µm", doc="Distance from the border to the full thickness.", bounds="> 0")
    texture: Number = parameter(0.5, doc="Most that the texture changes the thickness, relative.", bounds=">= 0, <= 1")
    texture_scale: Number = parameter(12.0, unit="µm", doc="Size of the coarsest of its features.", bounds="> 0")
    granules: Number = parameter(0.15, doc="Spread of the thickness that granules make, relative.", bounds=">= 0, <= 1")
    granule_size: Number = parameter(1.5, unit="µm", doc="Size of the granules.", bounds="> 0")
    psf: Number = parameter(0.8, unit="µm", doc="Standard deviation of the point spread function.", bounds=">= 0")
    halo: Number = parameter(6.0, unit="µm", doc="Standard deviation of the halo.", bounds="> 0")
    background: Number = parameter(0.4, doc="Light where there is no object.", bounds="> 0, <= 1")
    illumination: Number = parameter(0.04, doc="Spread of the logarithm of illumination.", bounds=">= 0, <= 1")
    illumination_scale: Number = parameter(150.0, unit="µm", doc="Length over which it changes.", bounds="> 0")

    def __call__(self, sample: Sample, rng: Rng) -> Sample:
        """Look at the objects of a sample.

        Parameters
        ----------
        sample : Sample
            2D; objects of all label planes are seen. Any image it has is replaced.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        Sample
            With an image of one channel, >= 0, nominally <= 1.

        Raises
        ------
        ValueError
            If the sample is 3D.
        """
        if len(sample.spacing) != 2:
            raise ValueError(
                f"phase-contrast looks through all the depth: it takes 2D labels, got {len(sample.spacing)}D"
            )
        thickness = self.thickness(sample, rng)
        image = blur(thickness, [self.halo / step for step in sample.spacing])
        image -= blur(thickness, [self.psf / step for step in sample.spacing])
        image *= np.float32(self.contrast)
        image += np.float32(self.background)
        if self.illumination > 0:
            field = smooth_field(sample.canvas, self.illumination_scale, rng)
            image *= np.exp(np.float32(self.illumination) * field)
        return sample.with_image(np.maximum(image, 0, out=image)[np.newaxis])

    def thickness(self, sample: Sample, rng: Rng) -> Image:
        """Draw the optical thickness of the objects.

        Parameters
        ----------
        sample : Sample
            Labels of the objects.
        rng : numpy.random.Generator
            Draws the thickness of each object, and granules.

        Returns
        -------
        (Y, X) float32 array
            0 outside objects; in units of the full thickness.
        """
        levels = lognormal_levels(sample.labels, 1.0, self.variation, rng)
        heights = np.stack([domes(plane, sample.spacing, self.edge) for plane in sample.labels])
        thickness = mean_over_planes(heights * np.take(levels, sample.labels), sample.labels)
        if self.texture > 0:
            fractal = fractal_field(sample.canvas, self.texture_scale, 4, 0.7, rng)
            thickness *= 1 + np.float32(self.texture) * (2 * fractal - 1)
        if self.granules > 0:
            peaks = np.maximum(smooth_field(sample.canvas, self.granule_size, rng) - 1, 0)
            thickness *= 1 + np.float32(self.granules / PEAKS_SD) * (peaks - np.float32(PEAKS_MEAN))
        return thickness
