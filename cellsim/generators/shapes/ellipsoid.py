"""Ellipses and ellipsoids of revolution."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cellsim.distributions import PerObject, draw_each
from cellsim.generators.base import Shape
from cellsim.masks.crops import tight
from cellsim.masks.relabel import largest_pieces
from cellsim.seeds import Rng
from cellsim.steps import parameter


class Ellipsoid(Shape):
    """An ellipse, or in 3D an ellipsoid of revolution, turned at random.

    With r the radius of the disk or ball of equal content and e the elongation, the half axis along the long
    direction is r e^(1/2) in 2D and r e^(2/3) in 3D; the others are e times shorter.
    """

    kind: Literal["ellipsoid"] = "ellipsoid"
    version: Literal[1] = 1
    radius: PerObject = parameter(unit="µm", doc="Radius of the disk or ball of equal content.", bounds="> 0")
    elongation: PerObject = parameter(1.0, doc="Long half axis over the short ones.", bounds=">= 1")

    def __call__(self, rng: Rng, spacing: Sequence[float]) -> NDArray[np.bool_]:
        """Draw one ellipsoid, its centre anywhere within a pixel.

        Parameters
        ----------
        rng : numpy.random.Generator
            The only source of chance.
        spacing : (D,) floats
            Size of a pixel in µm.

        Returns
        -------
        ([Z,] Y, X) bool array
            A tight crop; at least one pixel.
        """
        ndim = len(spacing)
        radius, elongation = (float(draw_each(value, rng, 1)[0]) for value in (self.radius, self.elongation))
        long = radius * elongation ** ((ndim - 1) / ndim)
        along = rng.standard_normal(ndim)
        along /= np.linalg.norm(along)
        reach = [int(np.ceil(long / step)) + 1 for step in spacing]
        offset = rng.random(ndim) - 0.5
        axes = [(np.arange(-n, n + 1) - o) * s for n, o, s in zip(reach, offset, spacing, strict=True)]
        point = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
        square, on_axis = (point**2).sum(axis=-1), (point @ along) ** 2
        inside = on_axis + (square - on_axis) * elongation**2 <= long**2
        inside[tuple(reach)] = True  # an object smaller than a pixel is one pixel
        return tight(largest_pieces(inside.astype(np.uint16)) > 0)  # thinner than a pixel, it may come in pieces
