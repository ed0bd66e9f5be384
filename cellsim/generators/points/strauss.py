"""Strauss's process: points that repel each other within a distance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, Self

from pydantic import model_validator

from cellsim.distributions import Number, OptionalNumber
from cellsim.generators.points.activity import crowding_of, excess, most_crowded, response
from cellsim.generators.points.birth_death import BIRTH, DEATH, STRAUSS
from cellsim.generators.points.gibbs import Chain, GibbsPoints, PairLaw, Plan, run_chain
from cellsim.generators.points.matern import BALL
from cellsim.seeds import Rng
from cellsim.steps import parameter

SETTLING = 8  # relaxation times of the number of points
RENEWALS = 5  # of every point; or
SWEEPS = 120  # moves of every point, whichever takes fewer steps


class Strauss(GibbsPoints):
    """A Poisson process whose density is lowered by a factor `gamma` for every pair nearer than `distance`.

    With gamma = 1 it is the Poisson process, with gamma = 0 the hard-core process, which gets denser than random
    sequential packing. `density` is what is left; or `activity` is given, the density of the Poisson process that
    the factors act on. The length of the Markov chain follows from the parameters; `cellsim check` reports whether
    it has settled.

    References
    ----------
    .. [1] Strauss, D. J. (1975). A model for clustering. Biometrika 62(2).
    .. [2] Kelly, F. P., Ripley, B. D. (1976). A note on Strauss's model for clustering. Biometrika 63(2).
    .. [3] Geyer, C. J., Møller, J. (1994). Simulation procedures and likelihood inference for spatial point
       processes. Scandinavian Journal of Statistics 21(4).
    """

    kind: Literal["strauss"] = "strauss"
    version: Literal[1] = 1
    distance: Number = parameter(unit="µm", doc="Distance within which two points repel each other.", bounds="> 0")
    gamma: Number = parameter(doc="Factor on the density for such a pair.", bounds=">= 0, <= 1")
    density: OptionalNumber = parameter(None, unit="1/µm^D", doc="Mean number of points that there are.", bounds="> 0")
    activity: OptionalNumber = parameter(None, unit="1/µm^D", doc="Density before pairs repel.", bounds="> 0")

    @model_validator(mode="after")
    def _one_measure(self) -> Self:
        if (self.density is None) == (self.activity is None):
            raise ValueError(f"give either density or activity, got density {self.density} and {self.activity}")
        return self

    def chain(self, size: Sequence[float], rng: Rng) -> Chain:
        """Run a Markov chain to its end.

        Parameters
        ----------
        size : (D,) floats
            Edges of the box in µm, D = 2 or 3.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        Chain
            The pattern and the trace.

        Raises
        ------
        ValueError
            If the density cannot be reached at `distance` and `gamma`.
        """
        ndim = len(size)
        crowding = self._crowding(ndim)
        density = crowding / (BALL[ndim] * self.distance**ndim)
        thinning = math.exp(excess(crowding, self.gamma, ndim))
        renewal = thinning / DEATH
        per_point = max(
            SETTLING * response(crowding, self.gamma, ndim) * thinning / BIRTH,
            min(RENEWALS * renewal, SWEEPS / (1 - BIRTH - DEATH)),
        )
        energy = -math.log(self.gamma) if self.gamma > 0 else math.inf
        reach = self.distance if self.gamma < 1 else min(self.distance, density ** (-1 / ndim))  # no pair matters
        law = PairLaw(STRAUSS, reach**2, energy, reach)
        return run_chain(size, law, Plan(thinning * density, density, self.length * per_point * density, 1.0), rng)

    def _crowding(self, ndim: int) -> float:
        """Return the mean number of points in a ball of radius `distance`."""
        ball, most = BALL[ndim] * self.distance**ndim, most_crowded(self.gamma, ndim)
        limit = most / ball
        if self.density is None:
            limit *= math.exp(excess(most, self.gamma, ndim))
        asked = self.activity if self.density is None else self.density
        if asked is None or asked > limit:
            name = "activity" if self.density is None else "density"
            why = "balls would pack too densely to move" if self.gamma == 0 else "points would pile up in heaps"
            raise ValueError(
                f"{name} must be <= {limit:.4g}/µm^{ndim} at distance {self.distance:g} µm and gamma {self.gamma:g}, "
                f"got {asked:g}: {why}"
            )
        return crowding_of(asked * ball, self.gamma, ndim) if self.density is None else asked * ball
