"""Whether the Markov chains of a recipe have settled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellsim.distributions import settle
from cellsim.generators.points.gibbs import Chain, GibbsPoints
from cellsim.recipe import Recipe
from cellsim.seeds import stream
from cellsim.steps import inner_steps

CHAINS = 16
STEADY = 4.0  # standard errors; a settled chain drifts further once in a thousand checks


@dataclass(frozen=True)
class Convergence:
    """How the chains of one point process ran.

    Parameters
    ----------
    path : str
        Of the process in the recipe.
    kind : str
        Its kind.
    steps : int
        Mean length of a chain.
    points : float
        Mean number of points on the canvas.
    accepted : tuple of float
        Shares of the births, deaths and moves proposed.
    drift : float
        From the third quarter of the chains to the last, of the number of points or of the energy, whichever drifts
        more; in standard errors.
    """

    path: str
    kind: str
    steps: int
    points: float
    accepted: tuple[float, float, float]
    drift: float

    @property
    def settled(self) -> bool:
        """Whether the drift may be chance."""
        return abs(self.drift) < STEADY


def convergence(recipe: Recipe, chains: int = CHAINS) -> list[Convergence]:
    """Run several chains of every Gibbs process in a recipe on its canvas, and compare their last two quarters.

    Parameters
    ----------
    recipe : Recipe
        Validated.
    chains : int
        How many, each with the numbers drawn for another sample.

    Returns
    -------
    list of Convergence
        Empty if the recipe has no Gibbs process.
    """
    return [_measure(recipe, path, chains) for path in _processes(recipe, 0)]


def _processes(recipe: Recipe, index: int) -> dict[str, GibbsPoints]:
    """Find the Gibbs processes of a sample, by their paths in the recipe."""
    generator = settle(recipe.generator, "generator", recipe.drawn(index))
    return {path: step for path, step in inner_steps(generator, "generator") if isinstance(step, GibbsPoints)}


def _measure(recipe: Recipe, path: str, chains: int) -> Convergence:
    ran: list[Chain] = []
    for index in range(chains):
        process = _processes(recipe, index)[path]
        ran.append(process.chain(recipe.canvas.size, stream(recipe.seed, index, f"convergence of {path}")))
    proposed, accepted = (np.sum([getattr(one, name) for one in ran], axis=0) for name in ("proposed", "accepted"))
    births, deaths, moves = accepted / np.maximum(proposed, 1)
    return Convergence(
        path=path,
        kind=str(getattr(process, "kind", type(process).__name__)),
        steps=round(np.mean([one.steps for one in ran])),
        points=float(np.mean([len(one.placement) for one in ran])),
        accepted=(float(births), float(deaths), float(moves)),
        drift=max((_drift([getattr(one, name) for one in ran]) for name in ("counts", "energies")), key=abs),
    )


def _drift(traces: list[NDArray[np.float64]]) -> float:
    """Mean change from the third quarter to the last, over its standard error between the chains."""
    changes = []
    for trace in traces:
        _, _, third, last = np.array_split(trace, 4)
        changes.append(last.mean() - third.mean())
    error = np.std(changes, ddof=1) / np.sqrt(len(changes))
    return float(np.mean(changes) / error) if error > 0 else 0.0
