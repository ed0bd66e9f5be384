"""The outline of SIMCEP: a regular polygon, its vertices perturbed, smoothed by a closed spline."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cellsim.distributions import Number, support
from cellsim.generators.base import Placement
from cellsim.generators.shapes.oriented import Oriented
from cellsim.masks.closed_splines import closed_splines
from cellsim.masks.crops import Crops
from cellsim.masks.polygons import polygon_area, polygon_crops
from cellsim.seeds import Rng
from cellsim.steps import parameter

SMOOTH = 0.02  # px that the drawn polygon may be off the spline, where the outline is a circle
BATCH = 4096  # objects whose outlines are in memory at a time


class Simcep(Oriented):
    """A polygon whose vertices are pushed along the circle and off it, smoothed by a closed cubic spline.

    Vertex k of V is at x = cos(2πk/V + `beta` u) + `alpha` u' and y = sin(2πk/V + `beta` u'') + `alpha` u''', each u
    uniform from -1 to 1. The mean area of the spline is that of a circle times sin²(beta) / beta², whatever alpha, and
    `radius` is that of the disk of this area. 2D only.

    With `compat: simcep` it is the radius before all this, and the spline runs by the roots of the lengths of sides,
    as in SIMCEP itself; outlines are then some 1 % smaller at the defaults.

    References
    ----------
    .. [1] Lehmussola, A., Ruusuvuori, P., Selinummi, J., Huttunen, H., Yli-Harja, O. (2007). Computational framework
       for simulating fluorescence microscope images with cell populations. IEEE Trans. Med. Imaging 26(7).
    """

    kind: Literal["simcep"] = "simcep"
    version: Literal[1] = 1
    scale: Number = parameter(1.0, doc="Factor on all radii; a distribution is drawn once a sample.", bounds="> 0")
    alpha: Number = parameter(0.1, doc="Greatest push of a vertex along y and x, over the radius.", bounds=">= 0, <= 1")
    beta: Number = parameter(0.1, unit="rad", doc="Greatest turn of a vertex.", bounds=">= 0, <= 1")
    vertices: int = parameter(
        10, doc="Vertices of the polygon; SIMCEP lists 11, the last of which is the first.", bounds=">= 4, <= 100"
    )
    compat: Literal["simcep"] | None = parameter(None, doc="simcep: radius and spline as in SIMCEP itself.")

    @property
    def extent(self) -> tuple[float, float]:
        """Least and greatest radius of the disk of an object's area, in µm."""
        (least, most), (smallest, largest) = super().extent, support(self.scale)
        return least * smallest, most * largest

    def __call__(self, placement: Placement, spacing: Sequence[float], rng: Rng) -> Crops:
        """Draw an object at every centre.

        Parameters
        ----------
        placement : Placement
            Centres in µm; radii, where there are, take the place of `radius`.
        spacing : (2,) floats
            Size of a pixel in µm.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        Crops
            Tight windows, one connected piece each.

        Raises
        ------
        ValueError
            If the canvas is not 2D, there is no radius, or the field of directions has not two components.
        """
        if len(spacing) != 2:
            raise ValueError(f"the outlines of SIMCEP are 2D, got a canvas of {len(spacing)} axes")
        radius, elongation, direction = self._sizes(placement, rng)
        radius = self.scale * radius
        corners = self.corners(len(placement), rng)
        if self.compat is None:
            radius = radius / math.sqrt(_area(self.vertices) / math.pi * float(np.sinc(self.beta / math.pi)) ** 2)
        corners = corners * radius[:, np.newaxis, np.newaxis]
        corners = _stretched(corners, elongation, direction) / np.asarray(spacing)
        centres = placement.centres / np.asarray(spacing)
        steps = self._steps(float(radius.max(initial=0)) / min(spacing))
        parts = [
            polygon_crops(
                self._outlines(corners[i : i + BATCH], steps) + centres[i : i + BATCH, np.newaxis],
                centres[i : i + BATCH],
            )
            for i in range(0, max(len(centres), 1), BATCH)
        ]
        return Crops.joined(parts)

    def corners(self, n: int, rng: Rng) -> NDArray[np.float64]:
        """Draw the vertices of polygons about the unit circle.

        Parameters
        ----------
        n : int
            How many polygons.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        (n, vertices, 2) float64 array
            As (y, x).
        """
        angle = 2 * np.pi * np.arange(self.vertices)[:, np.newaxis] / self.vertices - [np.pi / 2, 0]
        turn, push = rng.uniform(-1, 1, (2, n, self.vertices, 2))
        corners: NDArray[np.float64] = np.cos(angle + self.beta * turn) + self.alpha * push
        return corners

    def _outlines(self, corners: NDArray[np.float64], steps: int) -> NDArray[np.float64]:
        if self.compat == "simcep":
            return closed_splines(corners, steps, centripetal=True)
        outlines: NDArray[np.float64] = _basis(self.vertices, steps) @ corners
        return outlines

    def _steps(self, radius_px: float) -> int:
        """Points of the outline a vertex, so that chords are near enough to a circle, with some to spare for bends."""
        half = math.sqrt(2 * SMOOTH / max(radius_px, 1.0))
        return max(4, math.ceil(2 * math.pi / (self.vertices * half)))


@lru_cache
def _basis(vertices: int, steps: int) -> NDArray[np.float64]:
    """Weights of the vertices in the points of a spline that runs by one a side: (vertices * steps, vertices)."""
    basis: NDArray[np.float64] = closed_splines(np.eye(vertices)[np.newaxis], steps)[0]
    return basis


@lru_cache
def _area(vertices: int) -> float:
    """Area of the closed spline through the vertices of a regular polygon in the unit circle."""
    angle = 2 * np.pi * np.arange(vertices) / vertices
    corners = np.stack([np.sin(angle), np.cos(angle)], axis=1)
    return polygon_area(closed_splines(corners[np.newaxis], 64)[0])


def _stretched(
    corners: NDArray[np.float64], elongation: NDArray[np.float64], direction: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Stretch polygons along a direction each, keeping their areas."""
    along = direction / np.linalg.norm(direction, axis=1, keepdims=True)
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    root = np.sqrt(elongation)[:, np.newaxis]
    frame = np.stack([along * root, across / root], axis=1)  # where the axes of the unit circle go
    stretched: NDArray[np.float64] = corners @ frame
    return stretched
