"""Disks or balls of random size that avoid overlap, and may attract each other: a marked point process."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np

from cellsim.distributions import Distribution, Number, PerObject
from cellsim.generators.points.birth_death import DEATH, DISKS, overlap_share
from cellsim.generators.points.gibbs import Chain, GibbsPoints, PairLaw, Plan, run_chain
from cellsim.generators.points.matern import BALL
from cellsim.seeds import Rng
from cellsim.steps import parameter

RENEWALS = 8  # lifetimes of a disk; births beyond are forgotten
MOST = 500  # disks of the activity alone, over any place
HARD = 0.5  # most that disks which attract each other may overlap, so that only so many are near one
STICKY = 1.5  # most that near pairs gain over what overlapping ones lose; disks condense at 2.5
NEIGHBOURS = 4  # near pairs of a disk, for how much longer it lives with attraction
NODES = 64  # of the integral over the distance of two disks


class Disks(GibbsPoints):
    """Disks, in 3D balls, whose density is lowered by exp(-penalty s) for every pair that overlaps by the share s.

    s is the area (volume) that two disks share over that of the smaller; pairs with s > `overlap` do not occur.
    `activity` is the density of the Poisson process that the penalty acts on; what is left of it `cellsim check`
    shows. The radii become those of the objects that a generator puts on the points.

    With `attraction`, each pair of disks that lie apart, but whose outlines are nearer than `reach`, raises the
    density by exp(attraction), and disks form clusters. `overlap` must then be <= 0.5, so that no more than a fixed
    number of disks can be near one, and the attraction so weak that disks do not condense into drops.

    References
    ----------
    .. [1] Descombes, X. (2017). Multiple objects detection in biological images using a marked point process
       framework. Methods 115.
    .. [2] DermoGAN, section 3.1, takes its second set of binary images from such a process.
    .. [3] Vliegenthart, G. A., Lekkerkerker, H. N. W. (2000). Predicting the gas-liquid critical point from the
       second virial coefficient. J. Chem. Phys. 112(12).
    """

    kind: Literal["disks"] = "disks"
    version: Literal[1] = 1
    activity: Number = parameter(unit="1/µm^D", doc="Density of disks before the penalty.", bounds="> 0")
    radius: PerObject = parameter(unit="µm", doc="Radius of each disk, before the penalty.", bounds="> 0")
    penalty: Number = parameter(doc="Energy of a pair of which the smaller is wholly covered.", bounds=">= 0")
    overlap: Number = parameter(1.0, doc="Greatest share of the smaller that may be covered.", bounds=">= 0, <= 1")
    attraction: Number = parameter(0.0, doc="Energy that a pair gains which is near, but apart.", bounds=">= 0")
    reach: Number = parameter(0.0, unit="µm", doc="Gap between outlines below which disks attract.", bounds=">= 0")

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
            The pattern with its radii, and the trace.

        Raises
        ------
        ValueError
            If the activity or the attraction is so high that the chain would not settle, or disks that attract each
            other may overlap too much.
        """
        ndim = len(size)
        least, most = self.radius.support if isinstance(self.radius, Distribution) else (self.radius, self.radius)
        if self.attraction > 0:
            self._check_attraction((least + most) / 2, ndim)
        slowing = math.exp(NEIGHBOURS * self.attraction)
        limit = MOST / (BALL[ndim] * ((least + most) / 2) ** ndim) / slowing
        if self.activity > limit:
            attracted = f" with attraction {self.attraction:g}" if self.attraction > 0 else ""
            raise ValueError(
                f"activity must be <= {limit:.4g}/µm^{ndim} for disks of radius {least:g} to {most:g} µm{attracted}, "
                f"got {self.activity:g}: the Markov chain would not settle"
            )
        near = self.reach if self.attraction > 0 else 0.0
        law = PairLaw(DISKS, self.penalty, self.overlap, 2 * most + near, self.attraction, near)
        steps = self.length * RENEWALS / DEATH * self.activity * slowing
        return run_chain(size, law, Plan(self.activity, self.activity, steps, self.radius), rng)

    def _check_attraction(self, radius: float, ndim: int) -> None:
        """Refuse what could pile up or condense, by the second virial coefficient of disks of the mean radius."""
        if self.reach == 0:
            raise ValueError("attraction needs a reach > 0 µm, got 0")
        if self.overlap > HARD:
            raise ValueError(
                f"overlap must be <= {HARD:g} for disks that attract each other, got {self.overlap:g}: without end "
                "they would pile up"
            )
        near = (2 * radius + self.reach) ** ndim - (2 * radius) ** ndim
        limit = math.log1p(STICKY * self._core(radius, ndim) / near)
        if self.attraction > limit:
            raise ValueError(
                f"attraction must be <= {limit:.3g} with reach {self.reach:g} µm, penalty {self.penalty:g} and overlap "
                f"{self.overlap:g}, got {self.attraction:g}: the disks might condense"
            )

    def _core(self, radius: float, ndim: int) -> float:
        """Integrate what the penalty takes from the density about a disk, in contents of a ball of radius 1."""
        edges = np.linspace(0, 2 * radius, NODES + 1)
        share = np.array([overlap_share(r, radius, radius, ndim) for r in (edges[1:] + edges[:-1]) / 2])
        lost = np.where(share <= self.overlap, -np.expm1(-self.penalty * share), 1.0)
        return float(lost @ np.diff(edges**ndim))
