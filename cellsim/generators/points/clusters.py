"""A given number of points, some of them in a given number of normal clusters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cellsim.distributions import Number, support
from cellsim.generators.base import Placement, Points
from cellsim.generators.points.poisson import uniform_points
from cellsim.seeds import Rng
from cellsim.steps import parameter


class Clusters(Points):
    """A given number of points, of which some stand in clusters and the others anywhere.

    The centres of the clusters are uniform in the box. A point is in one with the chance `clustered`, in each
    equally likely, and then normal about its centre; the normal law is cut at the faces of the box. With `tries` a
    generator may put an object for which there is no room at another place of the same law, in the same cluster.

    The numbers are those of the box that is asked for, with its margin: a generator that wants points beyond its
    canvas spreads them over both. For numbers per area take `thomas`, whose points do not know where the box ends.

    References
    ----------
    .. [1] Lehmussola, A., Ruusuvuori, P., Selinummi, J., Huttunen, H., Yli-Harja, O. (2007). Computational framework
       for simulating fluorescence microscope images with cell populations. IEEE Transactions on Medical Imaging
       26(7).
    """

    kind: Literal["clusters"] = "clusters"
    version: Literal[1] = 1
    points: Number = parameter(doc="Number of points; rounded.", bounds=">= 0")
    clusters: Number = parameter(doc="Number of clusters; rounded.", bounds=">= 1")
    clustered: Number = parameter(doc="Chance that a point is in a cluster.", bounds=">= 0, <= 1")
    spread: Number = parameter(unit="µm", doc="Standard deviation of a cluster along each axis.", bounds="> 0")
    tries: int = parameter(1, doc="Places drawn for each point, for where there is room.", bounds=">= 1, <= 1000")

    @property
    def several(self) -> bool:
        """Whether points have several places each, to be tried in turn."""
        return self.tries > 1

    @property
    def least(self) -> int:
        """Fewest points that objects have to be found room for."""
        return round(support(self.points)[0]) if self.tries > 1 and self.profile is None else 0

    def pattern(self, size: Sequence[float], rng: Rng) -> Placement:
        """Draw centres in a box.

        Parameters
        ----------
        size : (D,) floats
            Edges of the box in µm.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        Placement
            `centres` is (points, D) float64 in µm; `parents` counts the clusters from 0 and is -1 outside them;
            `others` is (tries - 1, points, D).
        """
        box, n, clusters = np.asarray(size, np.float64), round(self.points), round(self.clusters)
        middles = uniform_points(box, clusters, rng)
        parents = np.where(rng.random(n) < self.clustered, rng.integers(clusters, size=n), -1)
        share = rng.random((self.tries, n, len(box)))
        places, member = share * box, parents >= 0
        places[:, member] = _normal_in_box(middles[parents[member]], self.spread, box, share[:, member])
        return Placement(places[0], parents=parents, others=places[1:] if self.tries > 1 else None)


def _normal_in_box(
    means: NDArray[np.float64], spread: float, box: NDArray[np.float64], share: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Quantiles, at uniform numbers, of the normal law about points of a box, given that it does not leave the box."""
    from scipy.special import ndtr, ndtri

    low, high = ndtr(-means / spread), ndtr((box - means) / spread)
    drawn: NDArray[np.float64] = means + spread * ndtri(low + (high - low) * share)
    return np.clip(drawn, 0.0, np.nextafter(box, 0.0))
