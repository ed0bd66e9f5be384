"""Nuclei with their Golgi: pairs that have a polarity, in two or three structures with equal ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from cellsim.distributions import Number, PerObject, draw_each, support
from cellsim.generators.around import around, stream_of_fields
from cellsim.generators.base import Field, Placement, Shape
from cellsim.generators.crowd import Crowd
from cellsim.masks.crops import Crops
from cellsim.masks.merge import merged
from cellsim.masks.overlaps import Rules
from cellsim.masks.planes import Arranged, arrange, inside
from cellsim.masks.warp import STEEPEST, Displacement, carried, displacement, warped
from cellsim.sample import Canvas, Labels, Records, Sample
from cellsim.seeds import Rng
from cellsim.steps import parameter

Fields = tuple[Displacement, Displacement]


@dataclass(frozen=True, eq=False)
class Pairs:
    """Nuclei and Golgi before they are laid on a canvas; at index i those of one pair.

    Parameters
    ----------
    nuclei, golgi : Crops
        Their pixels.
    centres, tips : (N, D) float64 arrays
        Where nuclei and Golgi stand, in µm.
    """

    nuclei: Crops
    golgi: Crops
    centres: NDArray[np.float64]
    tips: NDArray[np.float64]


class NucleiGolgi(Crowd):
    """Pairs of a nucleus and a Golgi, in any direction or along a field, and some that are alone; 2D or 3D.

    A Golgi stands `distance` from the middle of its nucleus, in the direction of `polarity`, of the border of the
    region (`aligned`), or any. What both would have is the nucleus's. Pairs are laid down one after the other; one that
    overlaps an earlier one is left out (`overlap` as in `population`), so that objects may touch, and share nothing.

    Elastic deformations bend each pair (`pair_warp`) and all of the volume (`warp`): displacements by cubic B-splines
    whose nodes move by independent normal numbers. They are made smaller where they would fold, so that no object
    folds or splits.

    Records, in µm, are the places of `nucleus` and `golgi` after the deformation and the `vector` from one to the
    other; nan of what a lone one lacks. With `pairs` there is a third structure: nucleus and Golgi of all that are not
    alone.

    References
    ----------
    .. [1] Henriques da Rosa, A. Deep learning methods for the segmentation of fluorescent microscopy images (thesis),
       section 4.1.1: ellipsoids and spheres, 40 to 90 pairs a volume, each with an elastic transformation.
    """

    kind: Literal["nuclei-golgi"] = "nuclei-golgi"
    version: Literal[1] = 1
    nucleus: Shape = parameter(doc="What stands at the points.")
    golgi: Shape = parameter(doc="What stands beside them.")
    distance: PerObject = parameter(unit="µm", doc="From the middle of a nucleus to that of its Golgi.", bounds="> 0")
    polarity: Field | None = parameter(None, doc="Direction from nucleus to Golgi, of D components; none for any.")
    spread: Number = parameter(0.0, unit="°", doc="Standard deviation of the angle to it.", bounds=">= 0")
    lone_nuclei: Number = parameter(0.0, doc="Share of points with a nucleus alone.", bounds=">= 0, <= 1")
    lone_golgi: Number = parameter(0.0, doc="Share of points with a Golgi alone.", bounds=">= 0, <= 1")
    pairs: bool = parameter(False, doc="Whether there is a structure of whole pairs too.")
    pair_warp: Number = parameter(0.0, unit="µm", doc="Spread of the nodes that bend a pair.", bounds=">= 0")
    pair_warp_scale: Number = parameter(6.0, unit="µm", doc="Between those nodes.", bounds="> 0")
    warp: Number = parameter(0.0, unit="µm", doc="Spread of the nodes that bend the volume.", bounds=">= 0")
    warp_scale: Number = parameter(30.0, unit="µm", doc="Between those nodes.", bounds="> 0")

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        if support(self.lone_nuclei)[1] + support(self.lone_golgi)[1] > 1:
            raise ValueError("lone_nuclei and lone_golgi must not be more than 1 together")
        if self.aligned != "none" and self.polarity is not None:
            raise ValueError("give either aligned or polarity, got both")
        return self

    @property
    def structures(self) -> tuple[str, ...]:
        """Names of the label planes."""
        return ("nuclei", "golgi", "pairs") if self.pairs else ("nuclei", "golgi")

    @property
    def _bodies(self) -> tuple[Shape, ...]:
        return (self.nucleus,)

    def __call__(self, canvas: Canvas, rng: Rng) -> Sample:
        """Draw the pairs of one sample.

        Parameters
        ----------
        canvas : Canvas
            Shape and spacing.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        Sample
            `labels` is (2 or 3, [Z,] Y, X); records ``nucleus``, ``golgi`` and ``vector`` are (N, D) in µm.

        Raises
        ------
        ValueError
            If the points or the shapes cannot be drawn, a pair finds no room, or there are more than uint16 can name.
        """
        placement = self._placement(canvas, rng)
        pairs = self._warped(self._drawn(placement, canvas, rng), canvas, rng)
        lone = rng.random(len(placement))
        there = np.stack([lone < 1 - self.lone_golgi, lone >= self.lone_nuclei])
        bodies, nuclei, golgi = merged(pairs.nuclei, pairs.golgi, there)
        rules = Rules(self.overlap, whole=self.border == "whole")
        arranged = arrange(bodies, placement.places, canvas, rules, connected=False)
        self._check_room(arranged, placement)
        ids, which = np.arange(1, len(arranged.which) + 1), arranged.which
        moved = [part.moved(arranged.settled.shift) for part in (nuclei, golgi)]
        parts = [inside(part, which, ids, np.zeros_like(which), arranged.labels) for part in moved]
        if self.pairs:
            parts.append(_of_pairs(parts, there[:, which]))
        records = _records(pairs, arranged, there, canvas)
        return Sample(np.concatenate(parts), canvas.spacing, objects=records, structures=self.structures)

    def _drawn(self, placement: Placement, canvas: Canvas, rng: Rng) -> Pairs:
        """Draw nuclei and Golgi before any deformation."""
        centres, field = placement.centres, placement.directions
        if self.polarity is not None:
            field = self.polarity(centres, canvas.ndim, stream_of_fields(rng))
        ways = around(field, self.spread, (len(centres), canvas.ndim), rng)
        ways /= np.linalg.norm(ways, axis=1, keepdims=True)
        tips = centres + draw_each(self.distance, rng, len(centres))[:, np.newaxis] * ways
        nuclei = self.nucleus(placement, canvas.spacing, rng)
        return Pairs(nuclei, self.golgi(Placement(tips), canvas.spacing, rng), centres, tips)

    def _warped(self, pairs: Pairs, canvas: Canvas, rng: Rng) -> Pairs:
        if (self.warp == 0 and self.pair_warp == 0) or not len(pairs.centres):
            return pairs
        fields = self._fields(pairs, canvas, rng)
        nuclei, golgi = (warped(crops, canvas.spacing, fields) for crops in (pairs.nuclei, pairs.golgi))
        return Pairs(nuclei, golgi, carried(pairs.centres, fields), carried(pairs.tips, fields))

    def _fields(self, pairs: Pairs, canvas: Canvas, rng: Rng) -> Fields:
        """Displacements of the volume and of each pair."""
        steepest = STEEPEST / 2 if self.warp > 0 and self.pair_warp > 0 else STEEPEST
        size = np.asarray(canvas.size)[np.newaxis]
        largest = max(pairs.nuclei.shape.max(), pairs.golgi.shape.max()) * max(canvas.spacing)
        reach = (np.linalg.norm(pairs.tips - pairs.centres, axis=1).max() + largest) / 2
        middle = (pairs.centres + pairs.tips) / 2
        whole = displacement(-self.margin + 0 * size, size + self.margin, self.warp_scale, self.warp, rng, steepest)
        each = displacement(middle - reach, middle + reach, self.pair_warp_scale, self.pair_warp, rng, steepest)
        return whole, each


def _of_pairs(parts: list[Labels], there: NDArray[np.bool_]) -> Labels:
    """Nuclei and Golgi of those that have both."""
    both = np.concatenate([[False], there.all(axis=0)])
    whole: Labels = np.maximum(parts[0], parts[1])
    return np.where(both[whole], whole, np.uint16(0))


def _records(pairs: Pairs, arranged: Arranged, there: NDArray[np.bool_], canvas: Canvas) -> Records:
    """Places of nucleus and Golgi, and the vector between them; nan of what is not there."""
    which = arranged.which
    shift = arranged.settled.shift[which, 3 - canvas.ndim :] * np.asarray(canvas.spacing)
    found = [
        np.where(has[which, np.newaxis], place[which] + shift, np.nan)
        for has, place in zip(there, (pairs.centres, pairs.tips), strict=True)
    ]
    rows = {"nucleus": found[0], "golgi": found[1], "vector": found[1] - found[0]}
    return {name: values.astype(np.float32) for name, values in rows.items()}
