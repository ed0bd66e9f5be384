"""A layer in the form of the dentate gyrus: two blades that meet in a crest."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cellsim.distributions import Number, OptionalNumber, PerObject, draw_each
from cellsim.generators.base import Outline
from cellsim.masks.balls import fill_balls
from cellsim.sample import Canvas
from cellsim.seeds import Rng
from cellsim.steps import parameter

MODES = 3  # half waves, and shorter ones, that a curve is bent by
THIN = 0.6  # width at the ends of the blades over that at the crest


class Gyrus(Outline):
    """A thick open curve of two blades that meet in a crest, as the granule cells of the dentate gyrus lie.

    Along the curve, s µm from the crest, the tangent has turned by the angle

        T/2 tanh(2 s / (T crest)) + waviness Z(s),   T = 180° - opening,

    so that the curvature at the crest is that of a circle of radius `crest`, and the blades run straight but for the
    waviness. Z is a smooth random function of variance 1. The layer is `width` thick at the crest and thins to 0.6
    of it at the ends of the blades. The box about it has its middle in that of the canvas.

    References
    ----------
    .. [1] Amaral, D. G., Scharfman, H. E., Lavenex, P. (2007). The dentate gyrus: fundamental neuroanatomical
       organization. Prog. Brain Res. 163.
    """

    kind: Literal["gyrus"] = "gyrus"
    version: Literal[1] = 1
    blade: PerObject = parameter(unit="µm", doc="Length of each blade along its curve.", bounds="> 0")
    width: Number = parameter(unit="µm", doc="Thickness of the layer at the crest.", bounds="> 0")
    opening: Number = parameter(40.0, unit="°", doc="Angle between the blades.", bounds=">= 0, < 180")
    crest: Number = parameter(60.0, unit="µm", doc="Radius of curvature at the crest.", bounds="> 0")
    waviness: Number = parameter(8.0, unit="°", doc="Standard deviation of the tangent's angle.", bounds=">= 0")
    direction: OptionalNumber = parameter(
        None, unit="°", doc="Where the blades open to: 0 towards +x, 90 towards +y; none for anywhere."
    )

    def __call__(self, canvas: Canvas, rng: Rng) -> NDArray[np.bool_]:
        """Draw the layer.

        Parameters
        ----------
        canvas : Canvas
            Shape and spacing, 2D.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        (Y, X) bool array
            True in the layer.

        Raises
        ------
        ValueError
            If the canvas is not 2D.
        """
        if canvas.ndim != 2:
            raise ValueError(f"a gyrus needs a 2D canvas, got shape {canvas.shape}")
        blades = draw_each(self.blade, rng, 2)
        direction = 360 * rng.random() if self.direction is None else self.direction
        step = min(canvas.spacing) / 2
        s = np.arange(-blades[0], blades[1], step)
        curve, turn = self._curve(s, step, rng), math.radians(direction)
        curve = curve @ np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])  # of (y, x)
        curve += np.array(canvas.size) / 2 - (curve.min(axis=0) + curve.max(axis=0)) / 2
        part = abs(s) / np.where(s < 0, *blades)
        return fill_balls(curve, self.width / 2 * (1 - (1 - THIN) * part**2), canvas)

    def _curve(self, s: NDArray[np.float64], step: float, rng: Rng) -> NDArray[np.float64]:
        """Draw the curve (y, x) through its points, those at `s`, which opens towards +x."""
        bend = math.pi - math.radians(self.opening)
        modes = np.arange(1, MODES + 1)
        weights = rng.standard_normal((2, MODES)) / modes / math.sqrt(float((1 / modes**2).sum()))
        phase = np.pi * np.outer(s / np.ptp(s), modes)
        angle = bend / 2 * np.tanh(2 * s / (bend * self.crest))
        angle += math.radians(self.waviness) * (np.sin(phase) @ weights[0] + np.cos(phase) @ weights[1])
        curve: NDArray[np.float64] = step * np.cumsum(np.stack([np.cos(angle), np.sin(angle)], axis=1), axis=0)
        return curve
