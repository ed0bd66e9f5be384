"""The abstract things of this room, with one verb each: fields, points, shapes, outlines, generators."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from cellsim.masks.crops import Crops
from cellsim.sample import Canvas, Sample
from cellsim.seeds import Rng
from cellsim.steps import Step, parameter


@dataclass(frozen=True, eq=False)
class Placement:
    """Where objects stand.

    Parameters
    ----------
    centres : (N, D) float64 array
        Positions in µm, the corner of the canvas at 0.
    radii : (N,) float64 array, optional
        Radii in µm, of processes that draw them.
    parents : (N,) int64 array, optional
        Index of the cluster that each point belongs to, of processes that have clusters.
    others : (T, N, D) float64 array, optional
        Where each point may stand instead if there is no room for its object, to be tried in turn; NaN for nowhere.
    directions : (N, D) float64 array, optional
        Unit vectors, of generators that align objects.
    """

    centres: NDArray[np.float64]
    radii: NDArray[np.float64] | None = None
    parents: NDArray[np.int64] | None = None
    others: NDArray[np.float64] | None = None
    directions: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.centres)

    @property
    def places(self) -> NDArray[np.float64]:
        """All places of each point, (1 + T, N, D), the centres first."""
        first = self.centres[np.newaxis]
        return first if self.others is None else np.concatenate([first, self.others])

    def take(self, which: NDArray[Any]) -> Placement:
        """Select points.

        Parameters
        ----------
        which : (N,) bool or (M,) integer array
            Mask or indices.

        Returns
        -------
        Placement
            Those points, with all that belongs to them.
        """
        radii, parents, ways = (None if a is None else a[which] for a in (self.radii, self.parents, self.directions))
        others = None if self.others is None else self.others[:, which]
        return Placement(self.centres[which], radii, parents, others, ways)

    def moved(self, by: float) -> Placement:
        """Shift all centres.

        Parameters
        ----------
        by : float
            In µm, along every axis.

        Returns
        -------
        Placement
            The same points elsewhere.
        """
        if not by:
            return self
        return replace(self, centres=self.centres + by, others=None if self.others is None else self.others + by)

    def thinned(self, keep: Callable[[NDArray[np.float64]], NDArray[np.bool_]]) -> Placement:
        """Keep points at some places only; one that has other places moves to the first of them that is kept.

        Parameters
        ----------
        keep : callable
            Takes (M, D) places in µm, gives (M,) bool.

        Returns
        -------
        Placement
            The points that are left.
        """
        if self.others is None:
            return self.take(keep(self.centres))
        places = np.concatenate([self.centres[np.newaxis], self.others])
        kept = ~np.isnan(places[..., 0])
        kept[kept] = keep(places[kept])
        places = np.where(kept[..., np.newaxis], places, np.nan)
        places = np.take_along_axis(places, np.argsort(~kept, axis=0, kind="stable")[..., np.newaxis], axis=0)
        return replace(self, centres=places[0], others=places[1:]).take(kept.any(axis=0))


class Field(Step):
    """A number, or a vector, at every place."""

    room: ClassVar[str] = "cellsim.generators.fields"

    @abstractmethod
    def __call__(self, points: NDArray[np.float64], components: int, rng: Rng) -> NDArray[np.float64]:
        """Evaluate the field.

        Parameters
        ----------
        points : (N, D) float64 array
            Places in µm, the corner of the canvas at 0; they may lie outside the canvas.
        components : int
            1 for a number, D for a direction.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        (N, components) float64 array
            Values.

        Raises
        ------
        ValueError
            If the field has not as many components or axes.
        """


class Points(Step):
    """A point process.

    A concrete kind draws a pattern that is the same everywhere, as the part seen of one without end. A `profile` or
    a region thins it: at x the intensity is then `density` times the profile, and the pair correlation and any hard
    core are those of the whole pattern, up to the border of the region.
    """

    room: ClassVar[str] = "cellsim.generators.points"
    profile: Field | None = parameter(None, doc="Intensity at a place relative to `density`, cut to 0 to 1.")

    @property
    def several(self) -> bool:
        """Whether points have several places each, to be tried in turn."""
        return False

    @property
    def least(self) -> int:
        """Fewest points that objects have to be found room for; 0 where one without room may be left out."""
        return 0

    def __call__(
        self,
        size: Sequence[float],
        rng: Rng,
        margin: float = 0.0,
        region: NDArray[np.bool_] | None = None,
        beyond: float = 0.0,
    ) -> Placement:
        """Draw centres in a box, or in the part of it that a mask covers.

        Parameters
        ----------
        size : (D,) floats
            Edges of the box in µm, D = 2 or 3.
        rng : numpy.random.Generator
            The only source of chance.
        margin : float
            How far outside the box points are wanted too, in µm.
        region : ([Z,] Y, X) bool array, optional
            Laid over the box: points stand where it is True, beyond the box where its nearest pixel is.
        beyond : float
            Share of the points that stay where it is False.

        Returns
        -------
        Placement
            `centres` is (N, D) float64 in µm, from -margin to size + margin; N itself is random.

        Raises
        ------
        ValueError
            If the process cannot be as dense as asked.
        """
        placement = self.pattern([float(edge) + 2 * margin for edge in size], rng).moved(-margin)
        if (profile := self.profile) is not None:
            placement = placement.thinned(lambda places: profile(places, 1, rng)[:, 0] > rng.random(len(places)))
        if region is not None:
            spacing, last = np.asarray(size, np.float64) / region.shape, np.array(region.shape) - 1

            def stays(places: NDArray[np.float64]) -> NDArray[np.bool_]:
                inside: NDArray[np.bool_] = region[tuple(np.clip((places / spacing).astype(np.int64), 0, last).T)]
                return inside | (rng.random(len(inside)) < beyond) if beyond > 0 else inside

            placement = placement.thinned(stays)
        return placement

    @abstractmethod
    def pattern(self, size: Sequence[float], rng: Rng) -> Placement:
        """Draw centres in a box, without edge effects.

        Parameters
        ----------
        size : (D,) floats
            Edges of the box in µm, D = 2 or 3.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        Placement
            `centres` is (N, D) float64 in µm, from 0 to size.
        """


class Shape(Step):
    """A sampler of single objects, as many at a time as are wanted."""

    room: ClassVar[str] = "cellsim.generators.shapes"
    aligns: ClassVar[bool] = False  # whether objects take the directions of a placement

    @property
    def follows(self) -> bool:
        """Whether an object would look otherwise at another place, such as one that follows a field."""
        return False

    @property
    def numbers(self) -> tuple[str, ...]:
        """Names of what it counts: ("rejected",) of a shape that chooses among its draws, or nothing."""
        return ()

    @property
    def extent(self) -> tuple[float, float]:
        """Least radius of the disk or ball of an object's content that can be drawn, and the greatest, in µm."""
        return 0.0, math.inf

    @abstractmethod
    def __call__(self, placement: Placement, spacing: Sequence[float], rng: Rng) -> Crops:
        """Draw an object at every centre.

        Parameters
        ----------
        placement : Placement
            Centres in µm, the corner of the canvas at 0; pixel i is from i to i + 1 times the spacing. Radii, where
            there are, are those of the disks or balls of equal content, and take the place of the shape's own size.
            Directions, where there are, are those of the long axes.
        spacing : (D,) floats
            Size of a pixel in µm.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        Crops
            Tight windows, one an object in the order of the centres; each object is one connected piece of at least
            one pixel.

        Raises
        ------
        ValueError
            If the shape has no size, or cannot be drawn with so many axes.
        """


class Outline(Step):
    """A sampler of tissue regions."""

    room: ClassVar[str] = "cellsim.generators.outlines"

    @abstractmethod
    def __call__(self, canvas: Canvas, rng: Rng) -> NDArray[np.bool_]:
        """Draw the region that tissue covers.

        Parameters
        ----------
        canvas : Canvas
            Shape and spacing.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        ([Z,] Y, X) bool array
            True where there is tissue.
        """


Alignment = Literal["none", "along", "across"]  # of objects, to the border of a region


def check_alignment(aligned: Alignment, shape: Shape, region: Outline) -> None:
    """Refuse to align what cannot be turned, to what has no border.

    Parameters
    ----------
    aligned : {"none", "along", "across"}
        To the border of the region.
    shape : Shape
        What is aligned.
    region : Outline
        To whose border.

    Raises
    ------
    ValueError
        If objects cannot take directions, or have others already; if the region is the whole canvas.
    """
    if aligned == "none":
        return
    name, place = getattr(shape, "kind", type(shape).__name__), getattr(region, "kind", "")
    if place == "full":
        raise ValueError(f"aligned: {aligned} needs a region that has a border, got full")
    if not shape.aligns:
        raise ValueError(f"aligned: {aligned} needs a shape that can be turned, got {name}")
    if shape.follows:
        raise ValueError(f"give either aligned or the field `along` of {name}, got both")


class Generator(Step):
    """A sampler of annotated canvases: chance -> labels."""

    room: ClassVar[str] = "cellsim.generators"

    @property
    def structures(self) -> tuple[str, ...]:
        """Names of the label planes."""
        return ("cells",)

    @property
    def numbers(self) -> tuple[str, ...]:
        """Names of what it counts of every sample (`Sample.numbers`); nothing unless overridden."""
        return ()

    def check(self, canvas: Canvas) -> None:
        """Refuse what can be seen to be impossible before anything is drawn; nothing unless overridden.

        Parameters
        ----------
        canvas : Canvas
            Shape and spacing.

        Raises
        ------
        ValueError
            Saying what cannot be.
        """

    @abstractmethod
    def __call__(self, canvas: Canvas, rng: Rng) -> Sample:
        """Draw the labels of one sample.

        Parameters
        ----------
        canvas : Canvas
            Shape and spacing.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        Sample
            One label plane for each of `structures`, ids 1..N; no image.
        """

    def many(self, canvas: Canvas, rngs: Sequence[Rng]) -> list[Sample]:
        """Draw several samples; neural generators override this to work in batches.

        Parameters
        ----------
        canvas : Canvas
            Shape and spacing.
        rngs : sequence of numpy.random.Generator
            One stream a sample.

        Returns
        -------
        list of Sample
            In the order of `rngs`.
        """
        return [self(canvas, rng) for rng in rngs]
