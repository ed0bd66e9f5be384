"""A region given as an image."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cellsim.distributions import Number
from cellsim.generators.base import Outline
from cellsim.generators.fields.image import ImageReference
from cellsim.sample import Canvas
from cellsim.seeds import Rng
from cellsim.steps import parameter


class MaskImage(Outline):
    """The part of the canvas where an image is bright, such as a mask drawn by hand.

    The image is laid on the canvas corner to corner, whatever the spacing of either: a pixel of the canvas is in the
    region if the pixel of the image that its centre lies in is brighter than `threshold` times the brightest in any
    channel. Beyond the border of the image is outside.
    """

    kind: Literal["mask-image"] = "mask-image"
    version: Literal[1] = 1
    image: ImageReference = parameter(doc="PNG or TIFF file.")
    spacing: Number = parameter(unit="µm", doc="Size of its pixels.", bounds="> 0")
    threshold: Number = parameter(0.0, doc="Share of the greatest value that the region is above.", bounds=">= 0, < 1")

    def __call__(self, canvas: Canvas, rng: Rng) -> NDArray[np.bool_]:
        """Look the region up; nothing is drawn.

        Parameters
        ----------
        canvas : Canvas
            Shape and spacing, 2D.
        rng : numpy.random.Generator
            Not used.

        Returns
        -------
        (Y, X) bool array
            True where the image is bright.

        Raises
        ------
        ValueError
            If the canvas is not 2D, or no pixel of it is in the region.
        InputError
            If the file cannot be read, or has changed.
        """
        if canvas.ndim != 2:
            raise ValueError(f"a mask image needs a 2D canvas, got shape {canvas.shape}")
        bright = self.image.read().max(axis=0) > self.threshold
        region = np.zeros(canvas.shape, np.bool_)
        pixels = [
            np.floor((np.arange(n) + 0.5) * step / self.spacing).astype(np.int64)
            for n, step in zip(canvas.shape, canvas.spacing, strict=True)
        ]
        rows, columns = (at[at < n] for at, n in zip(pixels, bright.shape, strict=True))
        region[: len(rows), : len(columns)] = bright[np.ix_(rows, columns)]
        if not region.any():
            raise ValueError(f"{self.image.path} has no pixel on the canvas above {self.threshold:g} of its greatest")
        return region
