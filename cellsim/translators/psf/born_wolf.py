"""The point spread function of a lens without aberrations."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from cellsim.distributions import Number
from cellsim.steps import parameter
from cellsim.translators.psf.lens import Array, Lens


class BornWolf(Lens):
    """Scalar diffraction by a round pupil without aberrations, after Born and Wolf.

    In focus it is the pattern of Airy, (2 J1(v) / v)^2 with v = 2 pi `numerical_aperture` r / `wavelength_nm`; on the
    axis (sin(u/4) / (u/4))^2 with u = 2 pi `numerical_aperture`^2 z / (`wavelength_nm` `index`). A closed `pinhole`
    squares both, as excitation and detection are of one wavelength here. Without one every plane out of focus
    gets as much light as that in focus: how much of it, is said by the depth of the canvas.

    Voxels have the mean over them. What a lens makes of a canvas is computed once and kept, so parameters that vary
    from sample to sample cost time.

    References
    ----------
    .. [1] Born, M., Wolf, E. (1999). Principles of Optics, 7th edition, section 8.8. Cambridge University Press.
    .. [2] Wilson, T., Sheppard, C. (1984). Theory and Practice of Scanning Optical Microscopy. Academic Press.
    """

    kind: Literal["born-wolf"] = "born-wolf"
    version: Literal[1] = 1
    index: Number = parameter(1.515, doc="Refractive index of immersion and specimen.", bounds=">= 1, <= 2")

    @model_validator(mode="after")
    def _has_an_angle(self) -> Self:
        if not self.numerical_aperture < self.index:
            raise ValueError(
                f"numerical_aperture must be < index, got {self.numerical_aperture} and the index {self.index}"
            )
        return self

    def path(self, z: Array, rho: Array) -> Array:
        """Return the optical path of light from the axis through a ring of the pupil, of small angles.

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
        return -z * (self.numerical_aperture * rho) ** 2 / (2 * self.index)
