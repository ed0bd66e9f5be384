"""Reflectance confocal microscopy of epithelium."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from cellsim.distributions import Number
from cellsim.kernel import kernel
from cellsim.masks.boundaries import boundaries
from cellsim.sample import Canvas, Image, Labels, Sample
from cellsim.seeds import Rng
from cellsim.steps import parameter
from cellsim.translators.base import Translator
from cellsim.translators.optics.blur import blur
from cellsim.translators.optics.field import smooth_field


class ReflectanceConfocal(Translator):
    """A honeycomb of bright membranes about darker cells, in dark grooves, with speckle.

    The reflectance of a pixel is `groove` outside the tissue, `cytoplasm` times a factor of its cell inside, and
    more by `membrane` on the border of a cell, which counts as a sheet `membrane_width` thick whatever the size of
    pixels; blurred by the point spread function, times a slow lognormal
    field (uneven depth and contact) and a speckle of mean one, which has itself the size of the point spread
    function.

    Tissue is not flat, so that the focal plane cuts it at an uneven depth: a share of the light, between 0 and
    `defocus`, is blurred by `defocus_psf` instead. The share is `defocus` (1 + z / sqrt(1 + z^2)) / 2, where z is a
    slow normal field; its mean is `defocus` / 2, and it is nearly uniform.

    References
    ----------
    .. [1] DermoGAN, section 3.1: noise and brightness heterogeneity added to Voronoi tissue.
    """

    kind: Literal["rcm"] = "rcm"
    version: Literal[2] = 2
    channels: ClassVar[tuple[str, ...] | None] = ("reflectance",)
    membrane: Number = parameter(0.5, doc="Reflectance that a membrane adds.", bounds=">= 0, <= 1")
    membrane_width: Number = parameter(1.0, unit="µm", doc="Thickness of a membrane.", bounds="> 0")
    cytoplasm: Number = parameter(0.2, doc="Reflectance of the inside of cells.", bounds=">= 0, <= 1")
    groove: Number = parameter(0.05, doc="Reflectance outside the tissue.", bounds=">= 0, <= 1")
    cell_variation: Number = parameter(0.25, doc="Spread of the cells' brightness, relative.", bounds=">= 0, <= 1")
    psf: Number = parameter(0.6, unit="µm", doc="Standard deviation of the point spread function.", bounds=">= 0")
    defocus: Number = parameter(0.5, doc="Greatest share of the light that is out of focus.", bounds=">= 0, <= 1")
    defocus_psf: Number = parameter(2.5, unit="µm", doc="Standard deviation of the out-of-focus blur.", bounds=">= 0")
    defocus_scale: Number = parameter(60.0, unit="µm", doc="Length over which the focus changes.", bounds="> 0")
    heterogeneity: Number = parameter(0.35, doc="Spread of the logarithm of brightness.", bounds=">= 0, <= 2")
    heterogeneity_scale: Number = parameter(40.0, unit="µm", doc="Length over which it changes.", bounds="> 0")
    speckle: Number = parameter(0.35, doc="Contrast of the speckle (sd over mean).", bounds=">= 0, <= 1")

    def __call__(self, sample: Sample, rng: Rng) -> Sample:
        """Render the first structure of a sample.

        Parameters
        ----------
        sample : Sample
            Labels of cells; any image it has is replaced.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        Sample
            With an image of one channel, >= 0, nominally <= 1.
        """
        reflectance = self.reflectance(sample, rng)
        logarithm = np.zeros(sample.shape, np.float32)
        if self.heterogeneity > 0:
            logarithm += np.float32(self.heterogeneity) * smooth_field(sample.canvas, self.heterogeneity_scale, rng)
        spread = float(np.sqrt(np.log1p(self.speckle**2)))  # of the logarithm of a lognormal of this contrast
        if self.speckle > 0:
            logarithm += np.float32(spread) * self._speckle(sample.canvas, rng)
        logarithm -= np.float32((self.heterogeneity**2 + spread**2) / 2)  # so that the mean factor is one
        image = self.focus(reflectance, sample.canvas, rng)
        image *= np.exp(logarithm, out=logarithm)
        return sample.with_image(image[np.newaxis])

    def reflectance(self, sample: Sample, rng: Rng) -> Image:
        """Paint the tissue before any optics.

        Parameters
        ----------
        sample : Sample
            Labels of cells.
        rng : numpy.random.Generator
            Draws the brightness of each cell.

        Returns
        -------
        ([Z,] Y, X) float32 array
            Reflectance.
        """
        labels: Labels = sample.labels[0]
        factors = np.exp(self.cell_variation * rng.standard_normal(int(labels.max(initial=0)) + 1, dtype=np.float32))
        levels = np.float32(self.cytoplasm) * factors
        levels[0] = self.groove
        image: Image = np.take(levels, labels)
        line = 2 * float(np.mean(sample.spacing))  # a boundary is two pixels wide
        sheet = self.membrane * self.membrane_width / line
        np.putmask(image, boundaries(labels), np.float32(sheet + self.cytoplasm))
        return image

    def focus(self, reflectance: Image, canvas: Canvas, rng: Rng) -> Image:
        """Look at the tissue, here in focus and there not.

        Parameters
        ----------
        reflectance : ([Z,] Y, X) float32 array
            What is looked at.
        canvas : Canvas
            Its shape and spacing.
        rng : numpy.random.Generator
            Draws where it is out of focus.

        Returns
        -------
        ([Z,] Y, X) float32 array
            New; with as much light on average.
        """
        image = blur(reflectance, [self.psf / step for step in canvas.spacing])
        if self.defocus > 0:
            wide = blur(reflectance, [self.defocus_psf / step for step in canvas.spacing])
            z = smooth_field(canvas, self.defocus_scale, rng)
            _mix(image.ravel(), wide.ravel(), z.ravel(), np.float32(self.defocus / 2))
        return image

    def _speckle(self, canvas: Canvas, rng: Rng) -> Image:
        """Draw grains as wide as the point spread function: a cubic B-spline of step h has the sd h / sqrt 3."""
        return smooth_field(canvas, max(np.sqrt(3) * self.psf, min(canvas.spacing)), rng)


@kernel
def _mix(sharp, wide, z, half):  # type: ignore[no-untyped-def]
    """Replace a share of the sharp light, half (1 + z / sqrt(1 + z²)), by light out of focus, in place."""
    one = np.float32(1)
    for i in range(sharp.size):
        sharp[i] += half * (one + z[i] / np.sqrt(one + z[i] * z[i])) * (wide[i] - sharp[i])
