"""What a point spread function is."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from cellsim.sample import Image
from cellsim.steps import Step


class Psf(Step):
    """A point spread function: what a microscope makes of a point of light, the same everywhere in a canvas."""

    room: ClassVar[str] = "cellsim.translators.psf"

    @abstractmethod
    def __call__(self, image: Image, spacing: tuple[float, ...]) -> Image:
        """Spread the light of an image, mirrored at the border of the canvas; a flat image stays as it is.

        Parameters
        ----------
        image : (C, [Z,] Y, X) float32 array
            Light, >= 0; not written to. In 2D it is in focus.
        spacing : (D,) floats
            Size of a pixel in µm.

        Returns
        -------
        (C, [Z,] Y, X) float32 array
            New, >= 0.
        """
