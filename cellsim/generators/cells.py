"""Cells of two or three parts: cytoplasm, nucleus and particles, with equal ids."""

from __future__ import annotations

from typing import Literal

import numpy as np

from cellsim.distributions import PerObject, draw_each
from cellsim.generators.base import Placement, Shape
from cellsim.generators.crowd import Crowd
from cellsim.kernel import kernel
from cellsim.masks.crops import Crops
from cellsim.masks.overlaps import Rules
from cellsim.masks.planes import Arranged, arrange, inside, visible
from cellsim.masks.stamps import window
from cellsim.sample import VISIBLE, Canvas, Labels, Records, Sample
from cellsim.seeds import Rng
from cellsim.steps import parameter


class Cells(Crowd):
    """Cells with a nucleus in the middle and particles anywhere in the cytoplasm; all parts of a cell have its id.

    Cells are laid down as in `population`, each at the first place of its point where its `judged` part overlaps no
    earlier one by more than `overlap`, and where one of the `layers` has room for the whole cell. The planes of a
    structure are ``nuclei-1`` to ``nuclei-<layers>`` (without a number if there is one); in each, objects are at least
    two pixels apart. With `planes: both` there is also ``nuclei-visible``: what is seen of each nucleus where an
    earlier one hides a part of it. With `planes: visible` that is all there is, called ``nuclei``; a cell of which
    nothing is seen is left out. Nucleus and particles are cut to their cytoplasm; a cell whose nucleus lies outside
    the canvas has none there.

    The record ``centre`` of a cell is its point (µm, y before x); ``cluster`` is the number of its cluster, of
    processes that have clusters.

    References
    ----------
    .. [1] Lehmussola, A., Ruusuvuori, P., Selinummi, J., Huttunen, H., Yli-Harja, O. (2007). Computational framework
       for simulating fluorescence microscope images with cell populations. IEEE Trans. Med. Imaging 26(7).
    """

    kind: Literal["cells"] = "cells"
    version: Literal[1] = 1
    cytoplasm: Shape = parameter(doc="Outline of a cell.")
    nucleus: Shape = parameter(doc="Outline of its nucleus, about the same centre.")
    particle: Shape | None = parameter(None, doc="Outline of each particle in the cytoplasm; none for no particles.")
    particles: PerObject = parameter(4, doc="Particles in each cell; rounded.", bounds=">= 0")
    layers: int = parameter(4, doc="Label planes of each structure, for cells that overlap.", bounds=">= 1, <= 64")
    judged: Literal["nuclei", "cytoplasm"] = parameter("nuclei", doc="The part whose overlap counts.")
    planes: Literal["layers", "visible", "both"] = parameter(
        "layers", doc="Planes with all of each object, with what is seen of it where they overlap, or both."
    )

    @property
    def structures(self) -> tuple[str, ...]:
        """Names of the label planes."""
        parts = ("cytoplasm", "nuclei", "particles")[: 2 if self.particle is None else 3]
        if self.planes == "visible":
            return parts
        numbers = [""] if self.layers == 1 else [f"-{i + 1}" for i in range(self.layers)]
        layered = [f"{part}{number}" for part in parts for number in numbers]
        return (*layered, *(f"{part}{VISIBLE}" for part in parts if self.planes == "both"))

    @property
    def _bodies(self) -> tuple[Shape, ...]:
        return (self.nucleus, self.cytoplasm) if self.judged == "nuclei" else (self.cytoplasm, self.nucleus)

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
            `labels` has a plane for each of `structures`, ids in the order of the points; ``objects["centre"]`` is
            (N, D) in µm and, of processes with clusters, ``objects["cluster"]`` (N, 1).

        Raises
        ------
        ValueError
            If the points or the shapes cannot be drawn, a cell finds no room, or there are more than uint16 can name.
        """
        placement = self._placement(canvas, rng)
        cells = self.cytoplasm(placement, canvas.spacing, rng)
        nuclei = self.nucleus(placement, canvas.spacing, rng)
        rules = Rules(self.overlap, "layers", self.layers, self.border == "whole")
        judged = nuclei if self.judged == "nuclei" else None
        arranged = arrange(cells, placement.places, canvas, rules, judged)
        self._check_room(arranged, placement)
        parts = self._parts(cells, nuclei, arranged, canvas, rng)
        records = self._records(arranged, placement)
        if self.planes != "layers":
            seen = [visible(part)[np.newaxis] for part in parts]
            parts = [*parts, *seen] if self.planes == "both" else seen
        labels = np.concatenate(parts)
        if self.planes == "visible":
            labels, records = _without_hidden(labels, records)
        return Sample(labels, canvas.spacing, objects=records, structures=self.structures)

    def _parts(self, cells: Crops, nuclei: Crops, arranged: Arranged, canvas: Canvas, rng: Rng) -> list[Labels]:
        """Label planes of cytoplasm, nuclei and, if there are any, particles."""
        which, settled = arranged.which, arranged.settled
        ids, layer = np.arange(1, len(which) + 1), settled.layer[which]
        parts = [arranged.labels, inside(nuclei.moved(settled.shift), which, ids, layer, arranged.labels)]
        if self.particle is not None:
            owner = np.repeat(np.arange(len(which)), np.rint(draw_each(self.particles, rng, len(which))).astype(int))
            places = _pixels(cells.moved(settled.shift).arrays, which[owner], rng.random(len(owner)))
            centres = (places[:, 3 - canvas.ndim :] + rng.random((len(owner), canvas.ndim))) * canvas.spacing
            bodies = self.particle(Placement(centres), canvas.spacing, rng)
            parts.append(inside(bodies, np.arange(len(owner)), ids[owner], layer[owner], arranged.labels))
        return parts


def _without_hidden(labels: Labels, records: Records) -> tuple[Labels, Records]:
    """Leave out cells of which nothing is seen, and number the others without holes."""
    there = np.unique(labels)
    there = there[there > 0]
    number = np.zeros(int(there.max(initial=0)) + 1, np.uint16)
    number[there] = np.arange(1, len(there) + 1)
    return number[labels], {name: rows[there - 1] for name, rows in records.items()}


@kernel
def _pixels(objects, which, share):  # type: ignore[no-untyped-def]
    """Find a pixel of each of some objects: the one that is a share of the way through all of its pixels."""
    places = np.empty((len(which), 3), np.int64)
    for i in range(len(which)):
        mask, corner = window(objects, which[i]), objects[3][which[i]]
        z, y, x = _pixel(mask, int(share[i] * np.sum(mask)))
        places[i, 0], places[i, 1], places[i, 2] = corner[0] + z, corner[1] + y, corner[2] + x
    return places


@kernel
def _pixel(mask, wanted):  # type: ignore[no-untyped-def]
    """Index of an object's pixel, given how many come before it."""
    for z in range(mask.shape[0]):
        for y in range(mask.shape[1]):
            row = mask[z, y]
            here = np.sum(row)
            if wanted >= here:
                wanted -= here
                continue
            for x in range(row.size):
                wanted -= row[x]
                if wanted < 0:
                    return z, y, x
    return 0, 0, 0
