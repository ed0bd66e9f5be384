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

    def pattern(self, size: Sequence[float], rng: Rng) -> Placement:
        """Draw centres in a box, as the part seen of a larger periodic pattern (no crowding at the edges).

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
        placed = _put_down(rng, lift(box, 0.0), self.distance, n, TRIES)
        if len(placed) < n:
            raise ValueError(f"only {len(placed)} of {n} points found a place at distance {self.distance:g} µm")
        centres = placed[:, -len(size) :] - pad
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
    """Throw points at a box whose opposite faces are joined, flat axes of size 0 allowed.

    Without faces, at which points would crowd, the density is the same everywhere. A cell of the grid is too small
    for two points and at least half of `distance` wide; cells around the box hold the images of its points.
    """
    edge = distance / math.sqrt(np.sum(size > 0))
    dims = np.maximum(np.ceil(size / edge), 1.0).astype(np.int64)
    width, pad = np.where(size > 0, size / dims, 1.0), np.where(size > 0, 2, 0)
    taken = np.full((dims[0] + 2 * pad[0], dims[1] + 2 * pad[1], dims[2] + 2 * pad[2]), -1, np.int64)
    points, images = np.empty((n, 3)), np.empty((8 * n, 3))
    placed, known = 0, 0
    for _ in range(n * tries):
        if placed == n:
            break
        z, y, x = rng.random() * size[0], rng.random() * size[1], rng.random() * size[2]
        i, j, k = (
            min(int(z / width[0]), dims[0] - 1),
            min(int(y / width[1]), dims[1] - 1),
            min(int(x / width[2]), dims[2] - 1),
        )
        if _is_free((z, y, x), (i + pad[0], j + pad[1], k + pad[2]), taken, images, distance):
            points[placed] = z, y, x
            placed += 1
            known = _note((z, y, x), (i, j, k), (size, dims, pad), taken, images, known)
    return points[:placed]


@kernel
def _note(point, cell, box, taken, images, known):  # type: ignore[no-untyped-def]
    """Write a point, and its images beyond the faces of the box, into the grid."""
    size, dims, pad = box
    for a in range(-1, 2):
        for b in range(-1, 2):
            for c in range(-1, 2):
                i, j, k = cell[0] + pad[0] + a * dims[0], cell[1] + pad[1] + b * dims[1], cell[2] + pad[2] + c * dims[2]
                if 0 <= i < taken.shape[0] and 0 <= j < taken.shape[1] and 0 <= k < taken.shape[2]:
                    images[known] = point[0] + a * size[0], point[1] + b * size[1], point[2] + c * size[2]
                    taken[i, j, k] = known
                    known += 1
    return known


@kernel
def _is_free(point, cell, taken, images, distance):  # type: ignore[no-untyped-def]
    z, y, x = point
    if taken[cell[0], cell[1], cell[2]] >= 0:
        return False
    for i in range(max(cell[0] - 2, 0), min(cell[0] + 3, taken.shape[0])):
        for j in range(cell[1] - 2, cell[1] + 3):
            for k in range(cell[2] - 2, cell[2] + 3):
                p = taken[i, j, k]
                if p >= 0:
                    dz, dy, dx = images[p, 0] - z, images[p, 1] - y, images[p, 2] - x
                    if dz * dz + dy * dy + dx * dx < distance * distance:
                        return False
    return True
