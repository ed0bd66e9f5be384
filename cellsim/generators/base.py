"""The abstract things of this room, with one verb each: points, shapes, outlines, generators."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from cellsim.sample import Canvas, Sample
from cellsim.seeds import Rng
from cellsim.steps import Step


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
    """

    centres: NDArray[np.float64]
    radii: NDArray[np.float64] | None = None
    parents: NDArray[np.int64] | None = None


class Points(Step):
    """A point process."""

    room: ClassVar[str] = "cellsim.generators.points"

    @abstractmethod
    def __call__(self, size: Sequence[float], rng: Rng) -> Placement:
        """Draw centres in a box.

        Parameters
        ----------
        size : (D,) floats
            Edges of the box in µm, D = 2 or 3.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        Placement
            `centres` is (N, D) float64 in µm, within the box; N itself is random.
        """


class Shape(Step):
    """A sampler of single objects."""

    room: ClassVar[str] = "cellsim.generators.shapes"

    @abstractmethod
    def __call__(self, rng: Rng, spacing: Sequence[float]) -> NDArray[np.bool_]:
        """Draw one object.

        Parameters
        ----------
        rng : numpy.random.Generator
            The only source of chance.
        spacing : (D,) floats
            Size of a pixel in µm.

        Returns
        -------
        ([Z,] Y, X) bool array
            A tight crop: every face of the array has a pixel of the object.
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


class Generator(Step):
    """A sampler of annotated canvases: chance -> labels."""

    room: ClassVar[str] = "cellsim.generators"
    structures: ClassVar[tuple[str, ...]] = ("cells",)

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
