"""The homogeneous Poisson process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cellsim.distributions import Number
from cellsim.generators.base import Placement, Points
from cellsim.seeds import Rng
from cellsim.steps import parameter


def uniform_points(size: NDArray[np.float64], n: int, rng: Rng) -> NDArray[np.float64]:
    """Draw independent uniform points in a box.

    Parameters
    ----------
    size : (D,) float64 array
        Edges of the box.
    n : int
        How many.
    rng : numpy.random.Generator
        The only source of chance.

    Returns
    -------
    (n, D) float64 array
        In [0, size).
    """
    return rng.random((n, len(size))) * size


class Poisson(Points):
    """Points that do not know each other: complete spatial randomness."""

    kind: Literal["poisson"] = "poisson"
    version: Literal[1] = 1
    density: Number = parameter(unit="1/µm^D", doc="Mean number of points per area or volume.", bounds="> 0")

    def pattern(self, size: Sequence[float], rng: Rng) -> Placement:
        """Draw centres in a box: a Poisson count, then uniform positions.

        Parameters
        ----------
        size : (D,) floats
            Edges of the box in µm.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        Placement
            `centres` is (N, D) float64 in µm; N is Poisson with mean density x volume.
        """
        box = np.asarray(size, np.float64)
        return Placement(uniform_points(box, int(rng.poisson(self.density * box.prod())), rng))
