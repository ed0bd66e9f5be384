"""Disks or balls of random size that avoid each other's overlap: a marked point process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from cellsim.distributions import Distribution, Number, PerObject
from cellsim.generators.points.birth_death import DEATH, DISKS
from cellsim.generators.points.gibbs import Chain, GibbsPoints, PairLaw, Plan, run_chain
from cellsim.generators.points.matern import BALL
from cellsim.seeds import Rng
from cellsim.steps import parameter

RENEWALS = 8  # lifetimes of a disk; births beyond are forgotten
MOST = 500  # disks of the activity alone, over any place


class Disks(GibbsPoints):
    """Disks, in 3D balls, whose density is lowered by exp(-penalty s) for every pair that overlaps by the share s.

    s is the area (volume) that two disks share over that of the smaller; pairs with s > `overlap` do not occur.
    `activity` is the density of the Poisson process that the penalty acts on; what is left of it `cellsim check`
    shows. The radii become those of the objects that a generator puts on the points.

    References
    ----------
    .. [1] Descombes, X. (2017). Multiple objects detection in biological images using a marked point process
       framework. Methods 115.
    .. [2] DermoGAN, section 3.1, takes its second set of binary images from such a process.
    """

    kind: Literal["disks"] = "disks"
    version: Literal[1] = 1
    activity: Number = parameter(unit="1/µm^D", doc="Density of disks before the penalty.", bounds="> 0")
    radius: PerObject = parameter(unit="µm", doc="Radius of each disk, before the penalty.", bounds="> 0")
    penalty: Number = parameter(doc="Energy of a pair of which the smaller is wholly covered.", bounds=">= 0")
    overlap: Number = parameter(1.0, doc="Greatest share of the smaller that may be covered.", bounds=">= 0, <= 1")

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
            If the activity is so high that the chain would not settle.
        """
        ndim = len(size)
        least, most = self.radius.support if isinstance(self.radius, Distribution) else (self.radius, self.radius)
        limit = MOST / (BALL[ndim] * float(np.mean([least, most])) ** ndim)
        if self.activity > limit:
            raise ValueError(
                f"activity must be <= {limit:.4g}/µm^{ndim} for disks of radius {least:g} to {most:g} µm, got "
                f"{self.activity:g}: the Markov chain would not settle"
            )
        law = PairLaw(DISKS, self.penalty, self.overlap, 2 * most)
        steps = self.length * RENEWALS / DEATH * self.activity
        return run_chain(size, law, Plan(self.activity, self.activity, steps, self.radius), rng)
