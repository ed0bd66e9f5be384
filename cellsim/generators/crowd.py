"""What populations share: points, a region, and what is done where there is no room."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal, Self

import numpy as np
from pydantic import model_validator

from cellsim.distributions import Number, support
from cellsim.generators.base import Alignment, Generator, Outline, Placement, Points, Shape, check_alignment
from cellsim.generators.outlines.full import Full
from cellsim.masks.directions import border_tensors, directions
from cellsim.masks.planes import Arranged
from cellsim.sample import Canvas, Records
from cellsim.seeds import Rng
from cellsim.steps import parameter


class Crowd(Generator):
    """Objects at points, laid down one after the other."""

    points: Points = parameter(doc="Process that puts down the centres, one an object.")
    region: Outline = parameter(Full(), doc="Part of the canvas where centres may lie.")
    beyond: Number = parameter(0.0, doc="Share of the points outside the region that stay.", bounds=">= 0, <= 1")
    aligned: Alignment = parameter(
        "none",
        doc="Whether objects lie along the nearest border of the region, or across; `spread` of the shape holds.",
    )
    overlap: Number = parameter(
        0.0, doc="Share of an object, or of an earlier one, that both may have in common.", bounds=">= 0, <= 1"
    )
    margin: Number = parameter(20.0, unit="µm", doc="How far outside the canvas centres may lie.", bounds=">= 0")
    border: Literal["cut", "whole"] = parameter(
        "cut", doc="Objects that reach beyond the canvas are cut, or left out to keep whole ones."
    )
    fewer: bool = parameter(
        False, doc="Of points that have several places: objects that find no room are left out, instead of an error."
    )

    @model_validator(mode="after")
    def _can_be_turned(self) -> Self:
        for shape in self._bodies:
            check_alignment(self.aligned, shape, self.region)
            if self.points.several and (shape.follows or self.aligned != "none"):
                raise ValueError(
                    "objects that lie along a field or a border cannot be tried at other places: give the points "
                    "`tries: 1`, or the objects no direction"
                )
        return self

    def check(self, canvas: Canvas) -> None:
        """Refuse what can be seen to be impossible before anything is drawn.

        Parameters
        ----------
        canvas : Canvas
            Shape and spacing.

        Raises
        ------
        ValueError
            If objects are larger than the canvas, or cannot overlap as little as asked.
        """
        longest = max(canvas.size)
        least, most = self._bodies[0].extent
        if least > longest:
            raise ValueError(f"radius must be <= {longest:g} µm, the longer edge of the canvas, got {least:g}")
        number, overlap = self.points.least, support(self.overlap)[1]
        if canvas.ndim != 2 or self.fewer or number < 2 or not math.isfinite(most):
            return
        room = math.prod(edge + 2 * (support(self.margin)[1] + most) for edge in canvas.size)
        possible = (1 + overlap * (number - 1)) * room
        if number * math.pi * least**2 > possible:
            raise ValueError(
                f"{number} objects with a radius of {least:g} µm or more cannot lie on a canvas of "
                f"{' x '.join(f'{edge:g}' for edge in canvas.size)} µm, each pair with an overlap <= {overlap:g}"
            )

    @property
    def _bodies(self) -> tuple[Shape, ...]:
        """The shapes at each point; the overlap of the first counts."""
        raise NotImplementedError

    def _placement(self, canvas: Canvas, rng: Rng) -> Placement:
        region = None if isinstance(self.region, Full) else self.region(canvas, rng)
        placement = self.points(canvas.size, rng, self.margin, region, self.beyond)
        if self.aligned != "none" and region is not None:
            tensors = border_tensors(region, canvas.spacing)
            ways = directions(tensors, canvas.spacing, placement.centres, self.aligned, rng)
            placement = replace(placement, directions=ways)
        return placement

    def _check_room(self, arranged: Arranged, placement: Placement) -> None:
        """Refuse a crowd that is short of objects, where points have several places."""
        lacking = int((arranged.settled.layer < 0).sum())
        if lacking and placement.others is not None and not self.fewer:
            raise ValueError(
                f"{lacking} of {len(placement)} objects found no room at {len(placement.places)} places each, with "
                f"overlap <= {self.overlap:g}: allow more overlap or layers, ask for fewer or smaller ones, or say "
                "`fewer: true`"
            )

    def _records(self, arranged: Arranged, placement: Placement) -> Records:
        """Centre and cluster of every object."""
        records = {"centre": arranged.centres.astype(np.float32)}
        if placement.parents is not None:
            records["cluster"] = placement.parents[arranged.which, np.newaxis].astype(np.float32)
        return records
