"""Confluent tissue: an outline, seeds in it, and their Voronoi cells."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from cellsim.distributions import Number
from cellsim.generators.base import Generator, Outline, Points
from cellsim.masks.relabel import whole_cells
from cellsim.masks.voronoi import voronoi
from cellsim.sample import Canvas, Sample
from cellsim.seeds import Rng
from cellsim.steps import parameter


class Tissue(Generator):
    """Cells of a tissue: seeds of a point process, and what lies nearest to each within an outline.

    Seeds are drawn in the canvas and a margin about it, so that cells at the border of the canvas look like any
    other. A cell that the outline cuts in pieces keeps its largest. The record ``seed`` of an object is the
    position of its seed (µm, y before x), the ground truth of centre-finding methods.

    References
    ----------
    .. [1] DermoGAN, section 3.1: Bezier tissue mask, hard-core seeds, Voronoi tessellation.
    """

    kind: Literal["tissue"] = "tissue"
    version: Literal[1] = 1
    outline: Outline = parameter(doc="Region of the canvas that the tissue covers.")
    seeds: Points = parameter(doc="Process that puts down the seeds, one a cell.")
    membrane: Number = parameter(0.0, unit="µm", doc="Width of the unlabelled gap between cells.", bounds=">= 0")
    margin: Number = parameter(20.0, unit="µm", doc="How far outside the canvas seeds may lie.", bounds=">= 0")

    smallest: Number = parameter(4.0, unit="µm^D", doc="Cells cut smaller than this are background.", bounds=">= 0")

    def __call__(self, canvas: Canvas, rng: Rng) -> Sample:
        """Draw the cells of one sample.

        Parameters
        ----------
        canvas : Canvas
            Shape and spacing.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        Sample
            `labels` is (1, [Z,] Y, X); `objects["seed"]` is (N, D) in µm.
        """
        inside = self.outline(canvas, rng)
        seeds = self.seeds(canvas.size, rng, self.margin).centres
        cells = voronoi(inside, canvas.spacing, seeds, self.membrane)
        labels, ids = whole_cells(cells, math.ceil(self.smallest / math.prod(canvas.spacing)))
        records = {"seed": seeds[ids - 1].astype(np.float32)}
        return Sample(labels[np.newaxis], canvas.spacing, objects=records, structures=self.structures)
