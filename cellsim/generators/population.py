"""An object at every point of a point process."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, Self

import numpy as np
from pydantic import model_validator

from cellsim.distributions import Number
from cellsim.generators.base import Alignment, Generator, Outline, Points, Shape, check_alignment
from cellsim.generators.outlines.full import Full
from cellsim.masks.directions import border_tensors, directions
from cellsim.masks.overlaps import Rules, arrange
from cellsim.sample import Canvas, Sample
from cellsim.seeds import Rng
from cellsim.steps import parameter


class Population(Generator):
    """Objects of any shape, one at every point, and what becomes of those that overlap.

    Objects are laid down in the order of the points. One that overlaps an earlier one by more than `overlap` is left
    out; what two that stay have in common goes to one of them, or they lie in two label planes. Points are drawn in
    a margin about the canvas too, and what they would displace there counts, so that the border looks like the
    middle. An object that is cut in pieces keeps its largest.

    With a region, objects may be denser in it than outside (`beyond`), and lie along its border (`aligned`), also
    those outside.

    The record ``centre`` of an object is its point (µm, y before x), also where part of the object was cut off;
    ``cluster`` is the number of its cluster, of processes that have clusters.

    References
    ----------
    .. [1] Lehmussola, A., Ruusuvuori, P., Selinummi, J., Huttunen, H., Yli-Harja, O. (2007). Computational framework
       for simulating fluorescence microscope images with cell populations. IEEE Trans. Med. Imaging 26(7).
    .. [2] Aurenhammer, F. (1987). Power diagrams: properties, algorithms and applications. SIAM J. Comput. 16(1).
    """

    kind: Literal["population"] = "population"
    version: Literal[1] = 1
    points: Points = parameter(doc="Process that puts down the centres, one an object.")
    shape: Shape = parameter(doc="What stands there.")
    region: Outline = parameter(Full(), doc="Part of the canvas where centres may lie.")
    beyond: Number = parameter(0.0, doc="Share of the points outside the region that stay.", bounds=">= 0, <= 1")
    aligned: Alignment = parameter(
        "none",
        doc="Whether objects lie along the nearest border of the region, or across; `spread` of the shape holds.",
    )
    overlap: Number = parameter(
        0.0, doc="Share of an object, or of an earlier one, that both may have in common.", bounds=">= 0, <= 1"
    )
    shared: Literal["first", "cut", "layers"] = parameter(
        "first", doc="Whose shared pixels are: the earlier object's; cut at the contact; both, in label planes."
    )
    layers: int = parameter(4, doc="Label planes, where `shared` is layers.", bounds=">= 1, <= 64")
    margin: Number = parameter(20.0, unit="µm", doc="How far outside the canvas centres may lie.", bounds=">= 0")
    border: Literal["cut", "whole"] = parameter(
        "cut", doc="Objects that reach beyond the canvas are cut, or left out to keep whole ones."
    )

    @model_validator(mode="after")
    def _can_be_aligned(self) -> Self:
        check_alignment(self.aligned, self.shape, self.region)
        return self

    @property
    def structures(self) -> tuple[str, ...]:
        """Names of the label planes."""
        return tuple(f"cells-{i + 1}" for i in range(self.layers)) if self.shared == "layers" else ("cells",)

    def __call__(self, canvas: Canvas, rng: Rng) -> Sample:
        """Draw the objects of one sample.

        Parameters
        ----------
        canvas : Canvas
            Shape and spacing.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        Sample
            `labels` is (1, [Z,] Y, X), or (layers, [Z,] Y, X), ids in the order of the points; ``objects["centre"]``
            is (N, D) in µm and, of processes with clusters, ``objects["cluster"]`` (N, 1).

        Raises
        ------
        ValueError
            If the points or the shapes cannot be drawn, or there are more objects than uint16 can name.
        """
        region = None if isinstance(self.region, Full) else self.region(canvas, rng)
        placement = self.points(canvas.size, rng, self.margin, region, self.beyond)
        if self.aligned != "none" and region is not None:
            tensors = border_tensors(region, canvas.spacing)
            ways = directions(tensors, canvas.spacing, placement.centres, self.aligned, rng)
            placement = replace(placement, directions=ways)
        crops = self.shape(placement, canvas.spacing, rng)
        rules = Rules(self.overlap, self.shared, len(self.structures), self.border == "whole")
        labels, which = arrange(crops, placement.centres, canvas, rules)
        objects = {"centre": placement.centres[which].astype(np.float32)}
        if placement.parents is not None:
            objects["cluster"] = placement.parents[which, np.newaxis].astype(np.float32)
        return Sample(labels, canvas.spacing, objects=objects)
