"""Objects dropped one after the other until the canvas, or its colonies, are as full as asked."""

from __future__ import annotations

import math
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from cellsim.distributions import Number, OptionalNumber, PerObject, draw_each
from cellsim.generators.base import Generator, Shape
from cellsim.kernel import kernel
from cellsim.masks.lift import lift, lift_image
from cellsim.sample import MAX_OBJECTS, Canvas, Sample
from cellsim.seeds import Rng
from cellsim.steps import parameter

TRIES = 200  # places an object is tried at before the next is drawn
PATIENCE = 30  # objects in a row without a place: the region is full
ENOUGH = 0.9  # of what was asked; with less on an open canvas the packing is refused


class Packing(Generator):
    """Whole objects without overlap, at uniform places or in round colonies.

    Each object is tried at random places of the region until it fits: none of its pixels on another object, nor
    nearer to one than `gap`. Where colonies are asked for, the region is the union of disks about random centres,
    and `cover` and `density` refer to it; a colony too small or too full for what was asked is simply full.

    References
    ----------
    .. [1] Zargari, A. et al. (2024). cGAN-Seg, high-density masks. The published program rejects a place if any
       pixel of the bounding box is taken, and loses its last canvas; here the objects' own pixels count.
    """

    kind: Literal["packing"] = "packing"
    version: Literal[1] = 1
    shape: Shape = parameter(doc="What is dropped.")
    cover: OptionalNumber = parameter(None, doc="Fraction of the region under objects.", bounds="> 0, <= 0.6")
    density: OptionalNumber = parameter(None, unit="1/µm^D", doc="Objects per area or volume.", bounds="> 0")
    gap: Number = parameter(0.0, unit="µm", doc="Least distance between pixels of two objects.", bounds=">= 0")
    colonies: Number = parameter(0, doc="Number of colonies; 0 for the whole canvas.", bounds=">= 0")
    colony_radius: PerObject = parameter(100.0, unit="µm", doc="Radius of each colony.", bounds="> 0")

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if (self.cover is None) == (self.density is None):
            raise ValueError(f"give either cover or density, got cover {self.cover} and density {self.density}")
        return self

    def __call__(self, canvas: Canvas, rng: Rng) -> Sample:
        """Drop objects until the target is reached or no more fit.

        Parameters
        ----------
        canvas : Canvas
            Shape and spacing.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        Sample
            `labels` is (1, [Z,] Y, X), objects in the order of placement.

        Raises
        ------
        ValueError
            If no object fits, if an open canvas is full before 0.9 of the target is reached, or if there are more
            objects than uint16 can name.
        """
        region = np.flatnonzero(self.region(canvas, rng))
        labels = np.zeros(canvas.shape, np.uint16)
        blocked = np.zeros(canvas.shape, np.bool_)
        near = _offsets_within(self.gap, lift(canvas.spacing, 1.0))
        target = self._target(len(region), canvas)
        count, covered, failures = 0, 0, 0
        while (covered if self.density is None else count) < target and failures < PATIENCE:
            crop = lift_image(self.shape(rng, canvas.spacing))
            centres = np.stack(np.unravel_index(region[rng.integers(len(region), size=TRIES)], canvas.shape), axis=1)
            corners = lift(centres, 0.0).astype(np.int64) - np.array(crop.shape) // 2
            place = _first_fit(lift_image(blocked), crop, corners)
            failures += place < 0
            if place >= 0:
                count, covered, failures = count + 1, covered + int(crop.sum()), 0
                _check_count(count)
                _paste(lift_image(labels), lift_image(blocked), crop, corners[place], near, count)
        self._check_reached(count, covered if self.density is None else count, target)
        return Sample(labels[np.newaxis], canvas.spacing)

    def region(self, canvas: Canvas, rng: Rng) -> NDArray[np.bool_]:
        """Draw the part of the canvas that objects are dropped on.

        Parameters
        ----------
        canvas : Canvas
            Shape and spacing.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        ([Z,] Y, X) bool array
            True where the centre of an object may lie.
        """
        n = round(self.colonies)
        if n == 0:
            return np.ones(canvas.shape, np.bool_)
        inside = np.zeros(canvas.shape, np.bool_)
        centres = rng.random((n, canvas.ndim)) * canvas.size
        grids = [(np.arange(k) + 0.5) * s for k, s in zip(canvas.shape, canvas.spacing, strict=True)]
        for centre, radius in zip(centres, draw_each(self.colony_radius, rng, n), strict=True):
            squares = [(grid - c) ** 2 for grid, c in zip(grids, centre, strict=True)]
            distance = sum(np.ix_(*squares), start=np.zeros((1,) * canvas.ndim))
            inside |= distance <= max(radius**2, float(distance.min()))  # at least the pixel of its centre
        return inside

    def _target(self, pixels: int, canvas: Canvas) -> float:
        if self.density is None:
            return float(self.cover or 0) * pixels
        return max(1.0, round(self.density * pixels * math.prod(canvas.spacing)))

    def _check_reached(self, count: int, reached: float, target: float) -> None:
        if count == 0:
            raise ValueError("no object fits on the canvas: the shapes are too large for it")
        if round(self.colonies) == 0 and reached < ENOUGH * target:
            asked = f"cover {self.cover:g}" if self.density is None else f"density {self.density:g}"
            raise ValueError(
                f"{asked} cannot be packed with a gap of {self.gap:g} µm: the canvas was full at "
                f"{reached / target:.0%} of it"
            )


def _check_count(count: int) -> None:
    if count > MAX_OBJECTS:
        raise ValueError(f"a label image holds at most {MAX_OBJECTS:,} objects, got more: lower the density")


def _offsets_within(gap: float, spacing: NDArray[np.float64]) -> NDArray[np.int64]:
    """List the offsets in pixels, (M, 3), of the pixels nearer than `gap` µm; always at least the pixel itself."""
    reach = [np.arange(-int(gap / s), int(gap / s) + 1) for s in spacing]
    offsets = np.stack(np.meshgrid(*reach, indexing="ij"), axis=-1).reshape(-1, 3)
    near = ((offsets * spacing) ** 2).sum(axis=1) < gap**2
    return np.ascontiguousarray(offsets[near | (offsets == 0).all(axis=1)])


@kernel
def _first_fit(blocked, crop, corners):  # type: ignore[no-untyped-def]
    """Index of the first corner at which the crop lies on the canvas and on no blocked pixel, or -1."""
    for i in range(len(corners)):
        if _fits(blocked, crop, corners[i]):
            return i
    return -1


@kernel
def _fits(blocked, crop, corner):  # type: ignore[no-untyped-def]
    for axis in range(3):
        if corner[axis] < 0 or corner[axis] + crop.shape[axis] > blocked.shape[axis]:
            return False
    for z in range(crop.shape[0]):
        for y in range(crop.shape[1]):
            for x in range(crop.shape[2]):
                if crop[z, y, x] and blocked[corner[0] + z, corner[1] + y, corner[2] + x]:
                    return False
    return True


@kernel
def _paste(labels, blocked, crop, corner, near, name):  # type: ignore[no-untyped-def]
    """Write an object, and block the pixels that are nearer to it than the gap."""
    depth, height, width = labels.shape
    for z in range(crop.shape[0]):
        for y in range(crop.shape[1]):
            for x in range(crop.shape[2]):
                if not crop[z, y, x]:
                    continue
                labels[corner[0] + z, corner[1] + y, corner[2] + x] = name
                for k in range(len(near)):
                    i, j, m = corner[0] + z + near[k, 0], corner[1] + y + near[k, 1], corner[2] + x + near[k, 2]
                    if 0 <= i < depth and 0 <= j < height and 0 <= m < width:
                        blocked[i, j, m] = True
