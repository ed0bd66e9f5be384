"""Smooth random fields."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cellsim.distributions import Number
from cellsim.generators.base import Field
from cellsim.seeds import Rng
from cellsim.steps import parameter

WAVES = 200  # a component; with as many the values are normal to within 1 % of their fourth moment


class Smooth(Field):
    """A random field that changes smoothly over `scale`: mean + spread Z.

    Z is a sum of plane waves of random direction, length and phase, so that it can be evaluated anywhere. It has
    variance 1 and the correlation exp(-r² / 2 scale²); components are independent. As a direction, a field of mean 0
    makes domains of this size.

    References
    ----------
    .. [1] Rahimi, A., Recht, B. (2007). Random features for large-scale kernel machines. NIPS 20.
    """

    kind: Literal["smooth"] = "smooth"
    version: Literal[1] = 1
    scale: Number = parameter(unit="µm", doc="Length over which the field changes.", bounds="> 0")
    mean: Number = parameter(0.0, doc="Mean of each component.")
    spread: Number = parameter(1.0, doc="Standard deviation of each component.", bounds=">= 0")

    def __call__(self, points: NDArray[np.float64], components: int, rng: Rng) -> NDArray[np.float64]:
        """Draw the waves, and evaluate their sum.

        Parameters
        ----------
        points : (N, D) float64 array
            Places in µm.
        components : int
            Any number.
        rng : numpy.random.Generator
            The only source of chance; takes as much from it however many points there are.

        Returns
        -------
        (N, components) float64 array
            Values.
        """
        values = np.empty((len(points), components))
        for component in range(components):
            waves = rng.standard_normal((points.shape[1], WAVES)) / self.scale
            phases = rng.uniform(0, 2 * np.pi, WAVES)
            values[:, component] = np.cos(points @ waves + phases).sum(axis=1) * np.sqrt(2 / WAVES)
        return self.mean + self.spread * values
