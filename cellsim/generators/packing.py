"""Objects dropped one after the other until the canvas, or a region of it, is as full as asked."""

from __future__ import annotations

import math
from typing import Literal, Self

import numpy as np
from pydantic import model_validator

from cellsim.distributions import Number, OptionalNumber
from cellsim.generators.base import Alignment, Generator, Outline, Placement, Shape, check_alignment
from cellsim.generators.outlines.full import Full
from cellsim.kernel import kernel
from cellsim.masks.directions import border_tensors, directions
from cellsim.masks.lift import lift, lift_image
from cellsim.masks.pieces import keep_largest, survey
from cellsim.masks.stamps import block, is_free, offsets_within, part, window
from cellsim.sample import MAX_OBJECTS, Canvas, Sample
from cellsim.seeds import Rng
from cellsim.steps import parameter

BATCH = 64  # most objects drawn at a time
AT_FIRST = 16  # objects drawn where it is not known how many make the cover
TRIES = 200  # places an object is tried at before the next is drawn
PATIENCE = 30  # objects in a row without a place: the region is full
ENOUGH = 0.9  # of what was asked; with less on a whole canvas the packing is refused

State = tuple[int, int, int]  # objects, pixels under them, and tries in a row in vain


class Packing(Generator):
    """Objects without overlap, at uniform places of a region.

    Each object is tried at random places until it fits: none of its pixels on another object, nor nearer to one than
    `gap`. That keeps large objects as frequent as small ones, as long as there is room. Objects that follow a field of
    directions, or the border of the region, are drawn anew for every place instead, so that small ones are more
    frequent where it is crowded.
    `cover` and `density` refer to the region; one too small or too full for what was asked is simply full.

    References
    ----------
    .. [1] Zargari, A. et al. (2024). cGAN-Seg, high-density masks. The published program rejects a place if any
       pixel of the bounding box is taken, and loses its last canvas; here the objects' own pixels count.
    """

    kind: Literal["packing"] = "packing"
    version: Literal[2] = 2
    shape: Shape = parameter(doc="What is dropped.")
    cover: OptionalNumber = parameter(None, doc="Fraction of the region under objects.", bounds="> 0, <= 0.6")
    density: OptionalNumber = parameter(None, unit="1/µm^D", doc="Objects per area or volume.", bounds="> 0")
    gap: Number = parameter(0.0, unit="µm", doc="Least distance between pixels of two objects.", bounds=">= 0")
    region: Outline = parameter(Full(), doc="Part of the canvas where centres may lie.")
    aligned: Alignment = parameter(
        "none",
        doc="Whether objects lie along the nearest border of the region, or across; `spread` of the shape holds.",
    )
    border: Literal["whole", "cut"] = parameter("whole", doc="Objects lie wholly on the canvas, or may be cut by it.")

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if (self.cover is None) == (self.density is None):
            raise ValueError(f"give either cover or density, got cover {self.cover} and density {self.density}")
        check_alignment(self.aligned, self.shape, self.region)
        return self

    @property
    def numbers(self) -> tuple[str, ...]:
        """What the shape counts."""
        return self.shape.numbers

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
            If the region is the whole canvas and no object fits, or it is full before 0.9 of the target is reached;
            if there are more objects than uint16 can name.
        """
        region = self.region(canvas, rng)
        whole = bool(region.all())
        places = np.zeros(0, np.int64) if whole else np.flatnonzero(region)  # of the whole canvas, none are listed
        target = self._target(region.size if whole else len(places), canvas)
        labels = np.zeros(canvas.shape, np.uint16)
        grids = lift_image(labels), np.zeros(lift_image(labels).shape, np.bool_)
        near = offsets_within(self.gap, lift(canvas.spacing, 1.0))
        tries = 1 if self.shape.follows or self.aligned != "none" else TRIES
        tensors = None if self.aligned == "none" else border_tensors(region, canvas.spacing)
        rules = float(target), self.density is None, self.border == "whole", tries
        state: State = (0, 0, 0)
        rejected = 0
        while (whole or len(places)) and self._reached(state) < target and state[2] < PATIENCE * TRIES:
            pixels = rng.integers(region.size if whole else len(places), size=self._wanted(state, target))
            home = np.stack(np.unravel_index(pixels if whole else places[pixels], canvas.shape), axis=1)
            centres = (home + rng.random(home.shape)) * canvas.spacing
            ways = None
            if tensors is not None and self.aligned != "none":
                ways = directions(tensors, canvas.spacing, centres, self.aligned, rng)
            crops = self.shape(Placement(centres, directions=ways), canvas.spacing, rng)
            rejected += crops.rejected
            state = _drop((crops.arrays, lift(home, 0.0).astype(np.int64)), grids, (places, near), rules, state, rng)
            if state[0] > MAX_OBJECTS:
                raise ValueError(f"a label image holds at most {MAX_OBJECTS:,} objects, got more: lower the density")
        if whole:
            self._check_reached(state, target)
        counted = dict.fromkeys(self.numbers, rejected)
        return Sample(labels[np.newaxis], canvas.spacing, structures=self.structures, numbers=counted)

    def _target(self, pixels: int, canvas: Canvas) -> float:
        if self.density is None:
            return float(self.cover or 0) * pixels
        return max(1.0, round(self.density * pixels * math.prod(canvas.spacing)))

    def _reached(self, state: State) -> int:
        return state[1] if self.density is None else state[0]

    def _wanted(self, state: State, target: float) -> int:
        """Return how many objects are drawn next: as many as are likely to be missing."""
        if state[0] == 0:
            return AT_FIRST if self.density is None else min(round(target), BATCH)
        reached = self._reached(state)
        return min(math.ceil((target - reached) / reached * state[0]), BATCH)

    def _check_reached(self, state: State, target: float) -> None:
        if state[0] == 0:
            raise ValueError("no object fits on the canvas: the shapes are too large for it")
        if (reached := self._reached(state)) < ENOUGH * target:
            asked = f"cover {self.cover:g}" if self.density is None else f"density {self.density:g}"
            raise ValueError(
                f"{asked} cannot be packed with a gap of {self.gap:g} µm: the canvas was full at "
                f"{reached / target:.0%} of it"
            )


@kernel
def _drop(objects, grids, space, rules, state, rng):  # type: ignore[no-untyped-def]
    """Try each object at the place it was drawn for, then at others; until the target is reached."""
    (arrays, homes), (labels, blocked) = objects, grids
    (places, near), (target, by_cover, whole, tries), (count, covered, vain) = space, rules, state
    for i in range(len(homes)):
        if (covered if by_cover else count) >= target or count > MAX_OBJECTS or vain >= PATIENCE * TRIES:
            break
        mask = window(arrays, i)
        shift = arrays[3][i] - homes[i]
        corner = arrays[3][i, 0], arrays[3][i, 1], arrays[3][i, 2]
        for attempt in range(tries):
            if attempt:
                corner = _elsewhere(places, labels.shape, shift, rng)
            if _fits(mask, corner, blocked, whole):
                count, vain = count + 1, 0
                covered += _paste(mask, corner, labels, count)
                block(mask, corner, near, blocked)
                break
            vain += 1
    return count, covered, vain


@kernel
def _elsewhere(places, shape, shift, rng):  # type: ignore[no-untyped-def]
    """Corner of a window whose centre is in a random pixel of the region."""
    if len(places):
        pixel = places[int(rng.random() * len(places))]
    else:
        pixel = int(rng.random() * (shape[0] * shape[1] * shape[2]))
    row = pixel // shape[2]
    return row // shape[1] + shift[0], row % shape[1] + shift[1], pixel % shape[2] + shift[2]


@kernel
def _fits(mask, corner, blocked, whole):  # type: ignore[no-untyped-def]
    """Whether an object lies on the canvas, with all or at least one of its pixels, and on none that is blocked."""
    low, high = part(mask, corner, blocked)
    cut = False
    for axis in range(3):
        cut |= high[axis] - low[axis] < mask.shape[axis]
    if cut and (whole or not mask[low[0] : high[0], low[1] : high[1], low[2] : high[2]].any()):
        return False
    return is_free(mask, corner, blocked)


@kernel
def _paste(mask, corner, labels, name):  # type: ignore[no-untyped-def]
    """Write an object, or the largest piece of it that is on the canvas; how many pixels it has there."""
    low, high = part(mask, corner, labels)
    seen = mask[low[0] : high[0], low[1] : high[1], low[2] : high[2]].copy()
    if seen.size < mask.size and not survey(seen)[0]:
        keep_largest(seen)
    z, y, x = corner[0] + low[0], corner[1] + low[1], corner[2] + low[2]
    size = 0
    for k in range(seen.shape[0]):
        for j in range(seen.shape[1]):
            for i in range(seen.shape[2]):
                if seen[k, j, i]:
                    labels[z + k, y + j, x + i] = name
                    size += 1
    return size
