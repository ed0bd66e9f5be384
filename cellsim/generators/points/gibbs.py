"""Gibbs processes: given by a density, drawn by a Markov chain of births, deaths and moves."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cellsim.distributions import Distribution, Number, draw_each
from cellsim.generators.base import Placement, Points
from cellsim.generators.points import birth_death
from cellsim.generators.points.window import seen
from cellsim.masks.lift import lift
from cellsim.seeds import Rng
from cellsim.steps import parameter

RECORDS = 64  # states of a chain that are noted
MOST_AT_ONCE = 2**20  # steps, whose radii are drawn beforehand


class PairLaw(NamedTuple):
    """What a pair of points puts on the density.

    Parameters
    ----------
    model : int
        `birth_death.STRAUSS` or `birth_death.DISKS`.
    first, second : float
        Its parameters: range² and -log gamma; penalty and greatest overlap.
    reach : float
        Distance beyond which a pair has no energy, in µm.
    attraction, near : float
        Energy that a pair of disks gains whose outlines are apart but nearer than `near`, in µm.
    """

    model: int
    first: float
    second: float
    reach: float
    attraction: float = 0.0
    near: float = 0.0


class Plan(NamedTuple):
    """How a chain is run.

    Parameters
    ----------
    activity : float
        Density of the Poisson process that the energy acts on, in 1/µm^D.
    start : float
        Density of points tried at the start, in 1/µm^D.
    steps : float
        Steps, for each µm^D.
    radius : float or Distribution
        Radii of the points, in µm.
    """

    activity: float
    start: float
    steps: float
    radius: float | Distribution


@dataclass(frozen=True, eq=False)
class Chain:
    """The end of a Markov chain, and how it came there.

    Parameters
    ----------
    placement : Placement
        The part of the pattern in the box that was asked for.
    steps : int
        Births, deaths and moves proposed.
    proposed, accepted : (3,) int64 arrays
        Births, deaths and moves.
    counts, energies : (T,) float64 arrays
        Points, and energy, of the whole pattern after each of T equal parts of the chain.
    """

    placement: Placement
    steps: int
    proposed: NDArray[np.int64]
    accepted: NDArray[np.int64]
    counts: NDArray[np.float64]
    energies: NDArray[np.float64]


class GibbsPoints(Points):
    """A process that is given by a density with respect to the Poisson process."""

    length: Number = parameter(1.0, doc="Length of the Markov chain, relative to the one chosen.", bounds="> 0")

    @abstractmethod
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
        """

    def pattern(self, size: Sequence[float], rng: Rng) -> Placement:
        """Draw centres in a box, as the part seen of a larger one whose opposite faces are joined.

        Parameters
        ----------
        size : (D,) floats
            Edges of the box in µm, D = 2 or 3.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        Placement
            `centres` is (N, D) float64 in µm.

        Raises
        ------
        ValueError
            If the parameters cannot be reached.
        """
        return self.chain(size, rng).placement


def run_chain(size: Sequence[float], law: PairLaw, plan: Plan, rng: Rng) -> Chain:
    """Draw a Gibbs process in a box, without edge effects.

    The chain runs on a box that is larger by twice the reach of the interaction and whose opposite faces are joined.

    Parameters
    ----------
    size : (D,) floats
        Edges of the box in µm.
    law : PairLaw
        Energy of a pair.
    plan : Plan
        Activity, start, steps, radii.
    rng : numpy.random.Generator
        The only source of chance.

    Returns
    -------
    Chain
        The pattern in the box, with radii where they vary, and the trace.
    """
    ndim, edges = len(size), np.asarray(size, np.float64)
    outer = np.maximum(edges + 2 * law.reach, 4 * law.reach)
    box, expected = lift(outer, 1.0), plan.activity * float(outer.prod())
    dims = np.ones(3, np.int64)
    dims[3 - ndim :] = np.minimum(outer / law.reach, 2 + expected ** (1 / ndim))
    space = (tuple(box.tolist()), tuple(dims.tolist()), tuple((dims / box).tolist()))
    pair = law.model, ndim, law.first, law.second, law.attraction, law.near
    model = (*space, pair, (expected, law.reach))
    tries = int(rng.poisson(plan.start * outer.prod()))
    state = birth_death.scatter(rng, tries, _radii(plan.radius, tries, rng), model)
    steps = max(RECORDS, int(plan.steps * outer.prod()))
    traces, tallies = [], np.zeros((2, 3), np.int64)
    for part in _parts(steps, at_once=not isinstance(plan.radius, Distribution)):
        trace = np.empty((max(1, RECORDS * part // steps), 2))
        state, more = birth_death.evolve(rng, state, _radii(plan.radius, part, rng), model, part, trace)
        traces.append(trace)
        tallies += more
    points, _, n, _ = state
    centres = points[:n, 3 - ndim : 3] - (outer - edges) / 2
    which = seen(centres, edges)
    counts, energies = np.concatenate(traces).T
    placement = Placement(centres[which], points[which, 3] if law.model == birth_death.DISKS else None)
    return Chain(placement, steps, tallies[0], tallies[1], counts, energies)


def _radii(radius: float | Distribution, n: int, rng: Rng) -> NDArray[np.float64]:
    """Draw a radius for each of n births; one number if they are all the same."""
    return draw_each(radius, rng, n) if isinstance(radius, Distribution) else np.full(1, radius)


def _parts(steps: int, at_once: bool) -> list[int]:
    """Cut a chain in parts, so that the radii of one fit in memory."""
    parts = 1 if at_once else -(-steps // MOST_AT_ONCE)
    return [steps * (i + 1) // parts - steps * i // parts for i in range(parts)]
