"""Matérn's hard-core processes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np

from cellsim.distributions import Number
from cellsim.generators.base import Placement, Points
from cellsim.generators.points.columns import lowest_within, uniform_columns
from cellsim.generators.points.window import seen
from cellsim.seeds import Rng
from cellsim.steps import parameter

BALL = {2: math.pi, 3: 4 * math.pi / 3}  # volume of the unit ball
MOST = 0.99  # of the bound 1 / b; at the bound Matérn II begins with infinitely many points


class MaternI(Points):
    """Poisson points, without those that have another within `distance`.

    With b the volume of a ball of radius `distance`, thinning a Poisson process of density m leaves m exp(-m b),
    which is 1 / (e b) at most, where m = 1 / b. Here `density` is what is left, and m the smaller of the two that
    leave it.

    References
    ----------
    .. [1] Matérn, B. (1960). Spatial variation. Meddelanden från Statens Skogsforskningsinstitut 49(5).
    .. [2] Chiu, S. N., Stoyan, D., Kendall, W. S., Mecke, J. (2013). Stochastic geometry and its applications,
       3rd ed., section 5.4. Wiley.
    """

    kind: Literal["matern-i"] = "matern-i"
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
            If `density` cannot be reached at `distance`.
        """
        return _thinned(size, self._density_before_thinning(len(size)), self.distance, rng, marked=False)

    def _density_before_thinning(self, ndim: int) -> float:
        from scipy.special import lambertw

        ball = BALL[ndim] * self.distance**ndim
        if self.density * ball > math.exp(-1):
            raise ValueError(
                f"density must be <= {math.exp(-1) / ball:.4g}/µm^{ndim} for a Matérn I process of distance "
                f"{self.distance:g} µm, got {self.density:g} (matern-ii packs {MOST * math.e:.2g} times as dense)"
            )
        return -float(lambertw(-self.density * ball).real) / ball


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
    version: Literal[2] = 2
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
            If `density` cannot be reached at `distance`.
        """
        return _thinned(size, self._density_before_thinning(len(size)), self.distance, rng, marked=True)

    def _density_before_thinning(self, ndim: int) -> float:
        ball = BALL[ndim] * self.distance**ndim
        if self.density * ball > MOST:
            denser = 2.2 if ndim == 2 else 3.1
            raise ValueError(
                f"density must be < {MOST / ball:.4g}/µm^{ndim} for a Matérn II process of distance "
                f"{self.distance:g} µm, got {self.density:g} (ssi packs {denser} times as dense)"
            )
        return -math.log1p(-self.density * ball) / ball


def _thinned(size: Sequence[float], before: float, distance: float, rng: Rng, marked: bool) -> Placement:
    """Thin a Poisson process in the box and a rim of width `distance`, which is as far as rivals reach."""
    box = np.asarray(size, np.float64)
    wide = box + 2 * distance
    columns = uniform_columns(wide, int(rng.poisson(before * wide.prod())), distance, rng)
    n = len(columns.points)
    kept = lowest_within(*columns, rng.random(n) if marked else np.zeros(n), distance)
    centres = columns.points[kept, 3 - len(box) :] - distance
    return Placement(centres[seen(centres, box)])
