"""Tissue islands with smooth random outlines."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cellsim.distributions import Number
from cellsim.generators.base import Outline
from cellsim.masks.polygons import Polygon, closed_bezier, fill_polygon, polygon_area
from cellsim.sample import Canvas
from cellsim.seeds import Rng
from cellsim.steps import parameter

TENSION = 0.35  # takes the corners of a regular octagon to a circle


class Bezier(Outline):
    """Islands bounded by closed cubic Bezier curves through random corners.

    The corners of an island stand around its centre at angles evenly spread and jittered, at radii
    R (1 + roughness z), z normal and cut at +-2; the curve is then scaled so that it encloses its share of
    `cover`. With one island, its centre is near the middle of the canvas; with more, anywhere on it.

    References
    ----------
    .. [1] DermoGAN, section 3.1: tissue masks of random Bezier curves.
    """

    kind: Literal["bezier"] = "bezier"
    version: Literal[1] = 1
    cover: Number = parameter(doc="Area of all islands before overlap and cut, over the canvas.", bounds="> 0, <= 2")
    islands: Number = parameter(1, doc="Number of islands.", bounds=">= 1")
    corners: Number = parameter(8, doc="Corners an island; more make a finer outline.", bounds=">= 3")
    roughness: Number = parameter(0.25, doc="Spread of the corners' radii, relative.", bounds=">= 0, < 0.5")

    def __call__(self, canvas: Canvas, rng: Rng) -> NDArray[np.bool_]:
        """Draw islands of tissue.

        Parameters
        ----------
        canvas : Canvas
            Shape and spacing, 2D.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        (Y, X) bool array
            True where there is tissue.

        Raises
        ------
        ValueError
            If the canvas is not 2D.
        """
        if canvas.ndim != 2:
            raise ValueError(f"a Bezier outline needs a 2D canvas, got shape {canvas.shape}")
        islands = round(self.islands)
        area = self.cover * math.prod(canvas.size) / islands
        wander = 0.1 if islands == 1 else 1.0
        inside = np.zeros(canvas.shape, np.bool_)
        for _ in range(islands):
            centre = (0.5 + wander * (rng.random(2) - 0.5)) * canvas.size
            inside |= fill_polygon(centre + self.island(area, rng), canvas.shape, canvas.spacing)
        return inside

    def island(self, area: float, rng: Rng) -> Polygon:
        """Draw the outline of one island about the origin.

        Parameters
        ----------
        area : float
            What it encloses, in µm².
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        (M, 2) float64 array
            Corners of a fine polygon, in µm.
        """
        corners = round(self.corners)
        angle = 2 * np.pi * (np.arange(corners) + rng.uniform(-0.25, 0.25, corners)) / corners
        radius = 1 + self.roughness * np.clip(rng.standard_normal(corners), -2, 2)
        curve = closed_bezier(radius[:, None] * np.stack([np.sin(angle), np.cos(angle)], axis=1), TENSION)
        return curve * math.sqrt(area / polygon_area(curve))
