"""Bands and tubes along random curves: ducts, vessels, fibres."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cellsim.distributions import Number, PerObject, draw_each
from cellsim.generators.base import Outline
from cellsim.kernel import kernel
from cellsim.masks.balls import fill_balls
from cellsim.masks.lift import lift
from cellsim.sample import Canvas
from cellsim.seeds import Rng
from cellsim.steps import parameter

LONGEST = 20  # half a curve, in diagonals of the canvas; one that winds so long has filled it


class Curves(Outline):
    """Bands, or in 3D tubes, along smooth random curves that run through the canvas from border to border.

    Each curve is a worm-like chain through a uniform point, in a uniform direction: its tangent turns as in Brownian
    motion, so that tangents a way s apart have a mean cosine of exp(-s / persistence). A length much above the size
    of the canvas makes straight bands; one not above the width makes lumps.

    References
    ----------
    .. [1] Kratky, O., Porod, G. (1949). Röntgenuntersuchung gelöster Fadenmoleküle. Recl. Trav. Chim. Pays-Bas 68.
    """

    kind: Literal["curves"] = "curves"
    version: Literal[1] = 1
    number: Number = parameter(1, doc="Number of curves.", bounds=">= 1")
    width: PerObject = parameter(unit="µm", doc="Width of each band.", bounds="> 0")
    persistence: Number = parameter(unit="µm", doc="Length over which a curve keeps its direction.", bounds="> 0")

    def __call__(self, canvas: Canvas, rng: Rng) -> NDArray[np.bool_]:
        """Draw the bands.

        Parameters
        ----------
        canvas : Canvas
            Shape and spacing.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        ([Z,] Y, X) bool array
            True nearer to a curve than half its width, and in the pixels the curve runs through.
        """
        widths = draw_each(self.width, rng, round(self.number))
        curves = [self.curve(canvas, float(width) / 2, rng) for width in widths]
        radii = np.repeat(widths / 2, [len(curve) for curve in curves])
        return fill_balls(np.concatenate(curves), radii, canvas)

    def curve(self, canvas: Canvas, beyond: float, rng: Rng) -> NDArray[np.float64]:
        """Draw one curve.

        Parameters
        ----------
        canvas : Canvas
            Shape and spacing.
        beyond : float
            How far outside the canvas it ends, in µm.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        (M, D) float64 array
            Points of the curve in µm, half the least spacing apart.
        """
        step = min(canvas.spacing) / 2
        start = rng.random(canvas.ndim) * canvas.size
        tangent = rng.standard_normal(canvas.ndim)
        halves = [
            _grow(
                rng, (lift(start, 0.0), lift(sign * tangent, 0.0)), (lift(canvas.size, 0.0), beyond), self._turn(step)
            )
            for sign in (1, -1)
        ]
        whole: NDArray[np.float64] = np.concatenate([halves[0][:0:-1], halves[1]])
        return whole[:, 3 - canvas.ndim :]

    def _turn(self, step: float) -> tuple[float, float]:
        """Length of a step, and by how much the tangent turns in it: its standard deviation in 2D, in radians."""
        return step, math.sqrt(2 * step / self.persistence)


@kernel
def _grow(rng, begin, box, move):  # type: ignore[no-untyped-def]
    """Follow a curve from a point until it has left a box, flat axes of size 0 allowed."""
    (start, along), (size, beyond), (step, turn) = begin, box, move
    ndim = np.sum(size > 0)
    point, tangent, kick = start.copy(), along / np.sqrt(np.sum(along * along)), np.empty(3)
    most = int(LONGEST * np.sqrt(np.sum(size * size)) / step) + 1
    points = np.empty((most, 3))
    for n in range(most):
        points[n, 0], points[n, 1], points[n, 2] = point[0], point[1], point[2]
        if np.any(point < -beyond) or np.any(point > size + beyond):
            return points[: n + 1]
        for axis in range(3):
            kick[axis] = rng.standard_normal() if size[axis] > 0 else 0.0
        kick -= np.sum(kick * tangent) * tangent
        tangent += turn / np.sqrt(ndim - 1) * kick
        tangent /= np.sqrt(np.sum(tangent * tangent))
        point += step * tangent
    return points
