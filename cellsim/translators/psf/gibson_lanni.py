"""The point spread function of a lens that looks into a specimen of another refractive index."""

from __future__ import annotations

from typing import Literal, Self

import numpy as np
from pydantic import model_validator

from cellsim.distributions import Number
from cellsim.steps import parameter
from cellsim.translators.psf.lens import Array, Lens, gauss


class GibsonLanni(Lens):
    """Scalar diffraction with the spherical aberration of a specimen whose refractive index is not that of immersion.

    Light that comes from `depth` below the coverslip, and z beyond the focus, has the path

    n (z + `depth`) sqrt(1 - (a rho / n)^2) - `depth` m^2 / n sqrt(1 - (a rho / m)^2)

    through the ring rho of the pupil, with the aperture a and the indices n of the specimen and m of immersion:
    Gibson's and Lanni's with coverslip and working distance as designed, seen from the specimen. The aberration is
    that of one depth, for all of the canvas. In focus is what has the least spread of paths: the shift of the focus
    is taken off, so that images stay in register with labels. With equal indices there is no aberration, and it is
    that of `born-wolf` without its approximation for small angles.

    References
    ----------
    .. [1] Gibson, S. F., Lanni, F. (1992). Experimental test of an analytical model of aberration in an oil-immersion
       objective lens used in three-dimensional light microscopy. Journal of the Optical Society of America A 9(1).
    """

    kind: Literal["gibson-lanni"] = "gibson-lanni"
    version: Literal[1] = 1
    depth: Number = parameter(unit="µm", doc="How deep in the specimen the canvas lies.", bounds=">= 0")
    index: Number = parameter(1.515, doc="Refractive index of immersion.", bounds=">= 1, <= 2")
    specimen_index: Number = parameter(1.38, doc="Refractive index of the specimen.", bounds=">= 1, <= 2")

    @model_validator(mode="after")
    def _has_an_angle(self) -> Self:
        if not (self.numerical_aperture < self.index and self.numerical_aperture < self.specimen_index):
            raise ValueError(
                f"numerical_aperture must be < index and specimen_index, got {self.numerical_aperture} "
                f"and the indices {self.index} and {self.specimen_index}"
            )
        return self

    def path(self, z: Array, rho: Array) -> Array:
        """Return the optical path of light from the axis through a ring of the pupil.

        Parameters
        ----------
        z : array
            How far beyond the focus the light comes from, in µm.
        rho : array
            Radius of the ring over that of the pupil.

        Returns
        -------
        array
            In µm, but for a constant; of the shape that the two broadcast to.
        """
        defocus, aberration = self._paths(rho)
        return np.asarray((z + self.focus) * defocus + aberration)

    @property
    def focus(self) -> float:
        """Where paths differ least over the pupil, in µm beyond the focus of small angles."""
        nodes, weights = gauss(64)
        defocus, aberration = self._paths(np.sqrt(nodes))  # rings of equal area
        away = defocus - np.average(defocus, weights=weights)
        return -float(np.average(away * aberration, weights=weights) / np.average(away**2, weights=weights))

    def _paths(self, rho: Array) -> tuple[Array, Array]:
        """Path of a µm beyond the focus, and that below the coverslip less what the lens makes up for."""
        n, m = self.specimen_index, self.index
        below, immersion = (np.sqrt(1 - (self.numerical_aperture * rho / index) ** 2) - 1 for index in (n, m))
        return np.asarray(n * below), np.asarray(self.depth * (n * below - m**2 / n * immersion))
