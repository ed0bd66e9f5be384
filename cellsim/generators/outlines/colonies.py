"""Round colonies."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cellsim.distributions import Number, PerObject, draw_each
from cellsim.generators.base import Outline
from cellsim.masks.balls import fill_balls
from cellsim.sample import Canvas
from cellsim.seeds import Rng
from cellsim.steps import parameter


class Colonies(Outline):
    """Disks, or balls, about centres anywhere on the canvas; they may overlap and be cut by its border.

    References
    ----------
    .. [1] Zargari, A. et al. (2024). cGAN-Seg, high-density masks: three disks of random radius on half of them.
    """

    kind: Literal["colonies"] = "colonies"
    version: Literal[1] = 1
    number: Number = parameter(doc="Number of colonies; 0 is the whole canvas.", bounds=">= 0")
    radius: PerObject = parameter(unit="µm", doc="Radius of each colony.", bounds="> 0")

    def __call__(self, canvas: Canvas, rng: Rng) -> NDArray[np.bool_]:
        """Draw the colonies.

        Parameters
        ----------
        canvas : Canvas
            Shape and spacing.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        ([Z,] Y, X) bool array
            True in a colony; each has at least the pixel of its centre.
        """
        n = round(self.number)
        if n == 0:
            return np.ones(canvas.shape, np.bool_)
        centres = rng.random((n, canvas.ndim)) * canvas.size
        return fill_balls(centres, draw_each(self.radius, rng, n), canvas)
