"""The simplest point spread function."""

from __future__ import annotations

from typing import Literal

from cellsim.distributions import Number, OptionalNumber
from cellsim.sample import Image
from cellsim.steps import parameter
from cellsim.translators.optics.blur import blur
from cellsim.translators.psf.base import Psf


class Gaussian(Psf):
    """A Gaussian of one width across the optical axis and another along it.

    For the main lobe of a confocal microscope it is a close fit [1]_; it has no rings and no cone of light out of
    focus. It is fast, and costs no more the wider it is.

    References
    ----------
    .. [1] Zhang, B., Zerubia, J., Olivo-Marin, J.-C. (2007). Gaussian approximations of fluorescence microscope
       point-spread function models. Applied Optics 46(10).
    """

    kind: Literal["gaussian"] = "gaussian"
    version: Literal[1] = 1
    lateral: Number = parameter(unit="µm", doc="Standard deviation along y and x.", bounds=">= 0")
    axial: OptionalNumber = parameter(None, unit="µm", doc="The same along z; none for that of lateral.", bounds=">= 0")

    def __call__(self, image: Image, spacing: tuple[float, ...]) -> Image:
        """Blur an image.

        Parameters
        ----------
        image : (C, [Z,] Y, X) float32 array
            Not written to.
        spacing : (D,) floats
            Size of a pixel in µm.

        Returns
        -------
        (C, [Z,] Y, X) float32 array
            New, of the same energy in each channel.
        """
        axial = self.lateral if self.axial is None else self.axial
        widths = (axial, self.lateral, self.lateral)[-len(spacing) :]
        return blur(image, [width / step for width, step in zip(widths, spacing, strict=True)])
