"""Tissue that fills the canvas."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cellsim.generators.base import Outline
from cellsim.sample import Canvas
from cellsim.seeds import Rng


class Full(Outline):
    """The whole canvas: cells at its border are cut by it."""

    kind: Literal["full"] = "full"
    version: Literal[1] = 1

    def __call__(self, canvas: Canvas, rng: Rng) -> NDArray[np.bool_]:
        """Return the whole canvas; nothing is drawn.

        Parameters
        ----------
        canvas : Canvas
            Shape and spacing.
        rng : numpy.random.Generator
            Not used.

        Returns
        -------
        ([Z,] Y, X) bool array
            True everywhere.
        """
        return np.ones(canvas.shape, np.bool_)
