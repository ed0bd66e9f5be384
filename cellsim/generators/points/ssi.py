"""Simple sequential inhibition: the dense hard-core process."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np

from cellsim.distributions import Number
from cellsim.generators.base import Placement, Points
from cellsim.generators.points.matern import BALL
from cellsim.kernel import kernel
from cellsim.masks.lift import lift
from cellsim.seeds import Rng
from cellsim.steps import parameter

PACKING = {2: 0.52, 3: 0.36}  # of balls of diameter `distance`; random sequential packing jams at 0.547 and 0.384
TRIES = 20_000  # a point; below PACKING far fewer are needed


class SSI(Points):
    """Points put down one after the other, each redrawn until it is at least `distance` from all before it.

    References
    ----------
    .. [1] Palásti, I. (1960). On some random space filling problems. Publ. Math. Inst. Hung. Acad. Sci. 5.
    .. [2] Diggle, P. J., Besag, J., Gleaves, J. T. (1976). Statistical analysis of spatial point patterns by
       means of distance methods. Biometrics 32(3).
    """

    kind: Literal["ssi"] = "ssi"
    version: Literal[1] = 1
    density: Number = parameter(unit="1/µm^D", doc="Mean number of points per area or volume.", bounds="> 0")
    distance: Number = parameter(unit="µm", doc="Least distance between two points.", bounds="> 0")

    def __call__(self, size: Sequence[float], rng: Rng) -> Placement:
        """Draw centres in a box, as the part seen of a larger pattern (no crowding at the edges).

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
        self._check_packing(len(size))
        pad = 2 * self.distance
        box = np.asarray(size, np.float64) + 2 * pad
        wanted = self.density * float(box.prod())
        n = int(wanted + rng.random())  # the fraction left over is one more point with that chance
        centres = _put_down(rng, lift(box, 0.0), self.distance, n, TRIES)[:, -len(size) :] - pad
        return Placement(centres[((centres >= 0) & (centres < size)).all(axis=1)])

    def _check_packing(self, ndim: int) -> None:
        ball = BALL[ndim] * (self.distance / 2) ** ndim
        if self.density * ball > PACKING[ndim]:
            raise ValueError(
                f"density must be <= {PACKING[ndim] / ball:.4g}/µm^{ndim} for random sequential packing at distance "
                f"{self.distance:g} µm, got {self.density:g}"
            )


@kernel
def _put_down(rng, size, distance, n, tries):  # type: ignore[no-untyped-def]
    """Throw points at a box, flat axes of size 0 allowed; a cell of the grid is too small for two points."""
    axes = 0
    for axis in range(3):
        axes += size[axis] > 0
    edge = distance / math.sqrt(axes)
    dims = np.empty(3, np.int64)
    for axis in range(3):
        dims[axis] = int(size[axis] / edge) + 1
    taken = np.full((dims[0], dims[1], dims[2]), -1, np.int64)
    points = np.empty((n, 3))
    placed = 0
    for _ in range(n * tries):
        if placed == n:
            break
        z, y, x = rng.random() * size[0], rng.random() * size[1], rng.random() * size[2]
        if _is_free((z, y, x), taken, points, edge, distance):
            taken[int(z / edge), int(y / edge), int(x / edge)] = placed
            points[placed] = z, y, x
            placed += 1
    return points[:placed]


@kernel
def _is_free(point, taken, points, edge, distance):  # type: ignore[no-untyped-def]
    z, y, x = point
    cz, cy, cx = int(z / edge), int(y / edge), int(x / edge)
    if taken[cz, cy, cx] >= 0:
        return False
    for i in range(max(cz - 2, 0), min(cz + 3, taken.shape[0])):
        for j in range(max(cy - 2, 0), min(cy + 3, taken.shape[1])):
            for k in range(max(cx - 2, 0), min(cx + 3, taken.shape[2])):
                p = taken[i, j, k]
                if p >= 0:
                    dz, dy, dx = points[p, 0] - z, points[p, 1] - y, points[p, 2] - x
                    if dz * dz + dy * dy + dx * dx < distance * distance:
                        return False
    return True
