"""A straight band: the wall of a duct, a strip of epithelium."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cellsim.distributions import Number
from cellsim.generators.base import Outline
from cellsim.sample import Canvas
from cellsim.seeds import Rng
from cellsim.steps import parameter


class Band(Outline):
    """A straight band that crosses the canvas; in 3D an upright slab, the same band in every plane."""

    kind: Literal["band"] = "band"
    version: Literal[1] = 1
    width: Number = parameter(unit="µm", doc="Width of the band.", bounds="> 0")
    angle: Number = parameter(0.0, unit="°", doc="Direction of its run: 0 along x, 90 along y.")
    offset: Number = parameter(0.0, unit="µm", doc="Of its middle line from that of the canvas, towards angle + 90°.")

    def __call__(self, canvas: Canvas, rng: Rng) -> NDArray[np.bool_]:
        """Fill the band; nothing is drawn.

        Parameters
        ----------
        canvas : Canvas
            Shape and spacing.
        rng : numpy.random.Generator
            Not used.

        Returns
        -------
        ([Z,] Y, X) bool array
            True in the pixels whose centre is no farther from the middle line than half the width.

        Raises
        ------
        ValueError
            If no pixel of the canvas is in the band.
        """
        y, x = (
            (np.arange(n) + 0.5 - n / 2) * step for n, step in zip(canvas.shape[-2:], canvas.spacing[-2:], strict=True)
        )
        turn = math.radians(self.angle)
        across = np.add.outer(y * math.cos(turn), -x * math.sin(turn)) - self.offset
        plane = abs(across) <= self.width / 2
        if not plane.any():
            raise ValueError(f"the band does not meet the canvas: offset {self.offset:g} µm, width {self.width:g} µm")
        return np.array(np.broadcast_to(plane, canvas.shape))
