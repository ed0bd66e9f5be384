"""Matérn's second hard-core process."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np

from cellsim.distributions import Number
from cellsim.generators.base import Placement, Points
from cellsim.generators.points.cells import cell_lists
from cellsim.generators.points.poisson import uniform_points
from cellsim.kernel import kernel
from cellsim.masks.lift import lift
from cellsim.seeds import Rng
from cellsim.steps import parameter

BALL = {2: math.pi, 3: 4 * math.pi / 3}  # volume of the unit ball


class MaternII(Points):
    """Poisson points with marks; a point stays if no other within `distance` has a smaller mark.

    With b the volume of a ball of radius `distance`, thinning a Poisson process of density m leaves
    (1 - exp(-m b)) / b, which is less than 1 / b whatever m. Here `density` is what is left.

    References
    ----------
    .. [1] Matérn, B. (1960). Spatial variation. Meddelanden från Statens Skogsforskningsinstitut 49(5).
    .. [2] Chiu, S. N., Stoyan, D., Kendall, W. S., Mecke, J. (2013). Stochastic geometry and its applications,
       3rd ed., section 5.4. Wiley.
    """

    kind: Literal["matern-ii"] = "matern-ii"
    version: Literal[1] = 1
    density: Number = parameter(unit="1/µm^D", doc="Mean number of points that remain.", bounds="> 0")
    distance: Number = parameter(unit="µm", doc="Least distance between two points.", bounds="> 0")

    def pattern(self, size: Sequence[float], rng: Rng) -> Placement:
        """Draw centres in a box, without edge effects: rivals outside the box count.

        Parameters
        ----------
        size : (D,) floats
            Edges of the box in µm.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        Placement
            `centres` is (N, D) float64 in µm.

        Raises
        ------
        ValueError
            If `density` cannot be packed at `distance`.
        """
        box = np.asarray(size, np.float64) + 2 * self.distance
        before = self._density_before_thinning(len(size))
        points = uniform_points(box, int(rng.poisson(before * box.prod())), rng)  # in the order of their marks
        centres = points[_survivors(lift(points, 0.0), lift(box, 1.0), self.distance)] - self.distance
        return Placement(centres[((centres >= 0) & (centres < size)).all(axis=1)])

    def _density_before_thinning(self, ndim: int) -> float:
        ball = BALL[ndim] * self.distance**ndim
        if self.density * ball > 0.99:
            denser = 2.1 if ndim == 2 else 2.9
            raise ValueError(
                f"density must be < {0.99 / ball:.4g}/µm^{ndim} for a Matérn II process of distance "
                f"{self.distance:g} µm, got {self.density:g} (ssi packs {denser} times as dense)"
            )
        return -math.log1p(-self.density * ball) / ball


@kernel
def _survivors(points, size, distance):  # type: ignore[no-untyped-def]
    """Keep the points that have none before them in the array within `distance`."""
    dims, cell, start, order = cell_lists(points, size, distance)
    keep = np.ones(points.shape[0], np.bool_)
    for i in range(points.shape[0]):
        for z in range(max(cell[i, 0] - 1, 0), min(cell[i, 0] + 2, dims[0])):
            for y in range(max(cell[i, 1] - 1, 0), min(cell[i, 1] + 2, dims[1])):
                row = (z * dims[1] + y) * dims[2]
                first, last = max(cell[i, 2] - 1, 0), min(cell[i, 2] + 2, dims[2])
                for k in order[start[row + first] : start[row + last]]:
                    if k >= i:
                        continue
                    dz, dy, dx = points[k, 0] - points[i, 0], points[k, 1] - points[i, 1], points[k, 2] - points[i, 2]
                    if dz * dz + dy * dy + dx * dx < distance * distance:
                        keep[i] = False
    return keep
