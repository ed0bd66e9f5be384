"""The Thomas process: clusters of points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from cellsim.distributions import Number
from cellsim.generators.base import Placement, Points
from cellsim.generators.points.poisson import uniform_points
from cellsim.generators.points.window import seen
from cellsim.seeds import Rng
from cellsim.steps import parameter

REACH = 6  # sd; along an axis, a point is farther from its cluster's centre with a chance of 2e-9


class Thomas(Points):
    """Clusters with Poisson many points each, spread normally about centres that are a Poisson process.

    The centres are not points of the pattern. A cluster has ``density / cluster_density`` points on average, and may
    have none.

    References
    ----------
    .. [1] Thomas, M. (1949). A generalization of Poisson's binomial limit for use in ecology. Biometrika 36(1/2).
    .. [2] Chiu, S. N., Stoyan, D., Kendall, W. S., Mecke, J. (2013). Stochastic geometry and its applications,
       3rd ed., section 5.3. Wiley.
    """

    kind: Literal["thomas"] = "thomas"
    version: Literal[1] = 1
    density: Number = parameter(unit="1/µm^D", doc="Mean number of points per area or volume.", bounds="> 0")
    cluster_density: Number = parameter(unit="1/µm^D", doc="Mean number of clusters.", bounds="> 0")
    spread: Number = parameter(unit="µm", doc="Standard deviation of a cluster along each axis.", bounds="> 0")

    def pattern(self, size: Sequence[float], rng: Rng) -> Placement:
        """Draw centres in a box, without edge effects: clusters outside the box reach into it.

        Parameters
        ----------
        size : (D,) floats
            Edges of the box in µm.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        Placement
            `centres` is (N, D) float64 in µm; `parents` counts the clusters in and around the box, from 0.
        """
        box = np.asarray(size, np.float64)
        rim = REACH * self.spread
        wide = box + 2 * rim
        clusters = uniform_points(wide, int(rng.poisson(self.cluster_density * wide.prod())), rng) - rim
        points = rng.poisson(self.density / self.cluster_density, len(clusters))
        parents = np.repeat(np.arange(len(clusters)), points)
        centres = clusters[parents] + self.spread * rng.standard_normal((len(parents), len(box)))
        inside = seen(centres, box)
        return Placement(centres[inside], parents=parents[inside])
