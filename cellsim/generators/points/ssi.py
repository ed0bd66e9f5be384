"""Simple sequential inhibition: the dense hard-core process."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np

from cellsim.distributions import Number, OptionalNumber
from cellsim.generators.base import Placement, Points
from cellsim.generators.points.matern import BALL
from cellsim.generators.points.saturation import put_down
from cellsim.generators.points.window import seen
from cellsim.seeds import Rng
from cellsim.steps import parameter

JAMMED = {2: 0.5470735, 3: 0.3841307}  # covered by balls of diameter `distance` when no more fit


class SSI(Points):
    """Points put down one after the other, each uniform where it is at least `distance` from all before it.

    Without a `density`, until no more fit. Balls of diameter `distance` then cover 0.547 of the plane or 0.384 of
    space [3]_; a denser pattern is refused. Just below that, a small box may be full too early, which is an error.

    References
    ----------
    .. [1] Palásti, I. (1960). On some random space filling problems. Publ. Math. Inst. Hung. Acad. Sci. 5.
    .. [2] Diggle, P. J., Besag, J., Gleaves, J. T. (1976). Statistical analysis of spatial point patterns by
       means of distance methods. Biometrics 32(3).
    .. [3] Zhang, G., Torquato, S. (2013). Precise algorithm to generate random sequential addition of hard
       hyperspheres at saturation. Physical Review E 88(5), 053312.
    """

    kind: Literal["ssi"] = "ssi"
    version: Literal[2] = 2
    density: OptionalNumber = parameter(
        None, unit="1/µm^D", doc="Mean number of points per area or volume; by default as many as fit.", bounds="> 0"
    )
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
        ndim, pad = len(size), 2 * self.distance
        outer = [edge + 2 * pad for edge in size]
        most = self._number(ndim, math.prod(outer), rng)
        placed = put_down(outer, self.distance, most, rng)
        if most is not None and len(placed) < most:
            raise ValueError(
                f"only {len(placed)} of {most} points found a place at distance {self.distance:g} µm: "
                "lower density, or leave it out for as many as fit"
            )
        centres = placed[:, 3 - ndim :] - pad
        return Placement(centres[seen(centres, np.asarray(size, np.float64))])

    def _number(self, ndim: int, content: float, rng: Rng) -> int | None:
        """Return how many points to put down; a fraction is one more with that chance."""
        if self.density is None:
            return None
        ball = BALL[ndim] * (self.distance / 2) ** ndim
        if self.density * ball > JAMMED[ndim]:
            raise ValueError(
                f"density must be <= {JAMMED[ndim] / ball:.4g}/µm^{ndim} for random sequential packing at "
                f"distance {self.distance:g} µm, got {self.density:g}"
            )
        return int(self.density * content + rng.random())
