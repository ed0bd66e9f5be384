"""Crops of samples: where they lie, how they are turned."""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Sequence
from itertools import product
from typing import Any, Literal, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator
from scipy import ndimage

from cellsim.datasets.ingest.tiles import positions
from cellsim.datasets.layout import show
from cellsim.datasets.reader import Dataset
from cellsim.errors import InputError
from cellsim.masks.relabel import consecutive
from cellsim.sample import Labels
from cellsim.seeds import stream
from cellsim.steps import parameter
from cellsim.train.examples.base import Examples, ExampleSet, Item, plane_of

KEPT = 256 * 2**20  # bytes of samples, and of encoded crops, kept in memory by each process
TRIES = 20  # random places looked at before the crop of the grid is taken

Stored = NDArray[np.unsignedinteger[Any]]


class Crop(NamedTuple):
    """Where a crop of the grid lies.

    Parameters
    ----------
    sample : int
        Index of the sample.
    y, x : int
        Its first pixel.
    """

    sample: int
    y: int
    x: int


class CropExamples(Examples):
    """Crops of samples on a grid that overlap, or at random places; turned and mirrored.

    Objects that the border of a crop cuts stay. An example is a crop in one of its orientations; a pass goes through
    all of them.
    """

    shape: tuple[int, int] = parameter(unit="px", doc="Of a crop, (y, x).")
    overlap: float = parameter(0.2, doc="Part of a crop that it shares with the next, at least.", bounds=">= 0, < 1")
    places: Literal["grid", "random"] = parameter(
        "grid", doc="Crops lie on the grid, or at random in the same sample, others in each pass."
    )
    objects: int = parameter(3, doc="Crops with fewer objects are left out.", bounds=">= 0")
    rotations: bool = parameter(True, doc="Turn crops by 0, 90, 180 and 270 degrees.")
    flips: bool = parameter(True, doc="Also mirror them.")
    fill_holes: bool = parameter(True, doc="Fill holes in objects, where no other object lies.")
    structure: str | None = Field(None, description="Which structure of the labels; the first if not given.")

    @model_validator(mode="after")
    def _fits_in_all_orientations(self) -> Self:
        if min(self.shape) < 1:
            raise ValueError(f"shape must be two numbers of pixels >= 1, got {list(self.shape)}")
        if self.rotations and self.shape[0] != self.shape[1]:
            raise ValueError(f"rotations need square crops, got a shape of {list(self.shape)}")
        return self

    @property
    def orientations(self) -> int:
        """How many examples come of a crop: 1, 2, 4 or 8."""
        return (4 if self.rotations else 1) * (2 if self.flips else 1)

    @property
    def reads(self) -> tuple[str, ...]:
        """What is read of a sample: "labels", and "image" if it is needed too."""
        return ("labels",)


class CropSet(ExampleSet):
    """The crops of some samples; the data set is opened anew in every process.

    Parameters
    ----------
    step : CropExamples
        How they are cut.
    dataset : Dataset
        2D.
    indices : sequence of int
        Of the samples that are used.
    seed : int
        Of random places.

    Raises
    ------
    InputError
        If no example can be made of these samples.
    """

    def __init__(self, step: CropExamples, dataset: Dataset, indices: Sequence[int], seed: int) -> None:
        self.step, self.seed = step, seed
        self._source = dataset.location, dataset.version.name
        self._plane = plane_of(step.structure, dataset, "crops")
        self._opened: tuple[int, Dataset] | None = None
        self._samples: dict[int, tuple[Labels, Stored | None]] = {}
        self.crops, fullest = self._survey(indices)
        if not self.crops:
            raise InputError(
                f"{show(dataset.location)}: no crop of {step.shape[0]} x {step.shape[1]} px has objects = "
                f"{step.objects}, the fullest has {fullest}"
            )

    def _survey(self, indices: Sequence[int]) -> tuple[list[Crop], int]:
        """List the crops of the grid that hold enough objects, and count the objects of the fullest."""
        found, fullest = [], 0
        for sample in indices:
            labels, _ = self._sample(sample)
            steps = [int(np.ceil(self.step.overlap * n - 1e-9)) for n in self.step.shape]
            axes = [positions(n, m, k) for n, m, k in zip(labels.shape, self.step.shape, steps, strict=True)]
            for y, x in product(*axes):
                objects = _objects_in(self._cut(labels, y, x))
                fullest = max(fullest, objects)
                if objects >= self.step.objects:
                    found.append(Crop(sample, y, x))
        return found, fullest

    def __len__(self) -> int:
        return len(self.crops) * self.step.orientations

    def __getstate__(self) -> dict[str, object]:
        return self.__dict__ | {"_opened": None, "_samples": {}}

    @abstractmethod
    def __getitem__(self, index: int) -> Item:
        """Make one example.

        Parameters
        ----------
        index : int
            >= 0; those from `len` on are of later passes.

        Returns
        -------
        dict of str to Tensor
            One example.
        """

    def labels(self, index: int) -> Labels:
        """Cut and turn the labels of one example.

        Parameters
        ----------
        index : int
            >= 0; those from `len` on are of later passes.

        Returns
        -------
        (Y, X) uint16 array
            Ids 1..N.
        """
        return self.cut(index)[0]

    def cut(self, index: int) -> tuple[Labels, Stored | None]:
        """Cut and turn one example.

        Parameters
        ----------
        index : int
            >= 0; those from `len` on are of later passes.

        Returns
        -------
        labels : (Y, X) uint16 array
            Ids 1..N.
        image : (C, Y, X) unsigned integer array or None
            Grey levels as they are stored; None if they are not read.
        """
        crop, orientation = divmod(index % len(self), self.step.orientations)
        labels, image = self._sample(self.crops[crop].sample)
        y, x = self._place(index, crop, labels)
        turned = self._turned(self._cut(labels, y, x), orientation)
        found = consecutive(np.ascontiguousarray(turned).astype(np.int64))[0]
        return found, None if image is None else self._turned(self._cut(image, y, x), orientation)

    def _turned(self, image: Stored, orientation: int) -> Stored:
        mirrored, turns = divmod(orientation, 4 if self.step.rotations else 1)
        image = np.rot90(image, turns, (-2, -1))
        return np.ascontiguousarray(image[..., ::-1] if mirrored else image)

    def _place(self, index: int, crop: int, sample: Labels) -> tuple[int, int]:
        """Draw the first pixel; that of the grid if no place drawn has enough objects."""
        _, y, x = self.crops[crop]
        if self.step.places == "random":
            rng = stream(self.seed, index, "crops")
            room = [n - m + 1 for n, m in zip(sample.shape, self.step.shape, strict=True)]
            for place in rng.integers(0, room, (TRIES, 2)):
                if _objects_in(self._cut(sample, *place)) >= self.step.objects:
                    return int(place[0]), int(place[1])
        return y, x

    def _cut(self, image: Stored, y: int, x: int) -> Stored:
        return image[..., y : y + self.step.shape[0], x : x + self.step.shape[1]]

    def _sample(self, index: int) -> tuple[Labels, Stored | None]:
        """Read a sample, at least as large as a crop; small data sets are kept in memory."""
        if index in self._samples:
            return self._samples[index]
        if self._opened is None or self._opened[0] != os.getpid():
            self._opened = os.getpid(), Dataset(*self._source, threads=1)
        read = self._opened[1].raw([index], self.step.reads)
        found = np.asarray(read["labels"][0][self._plane])
        if self.step.fill_holes:
            found = filled(found)
        missing = [max(0, m - n) for n, m in zip(found.shape, self.step.shape, strict=True)]
        sample = np.pad(found, [(0, n) for n in missing]), read["image"][0] if "image" in read else None
        size = sum(part.nbytes for part in sample if part is not None)
        if (len(self._samples) + 1) * size <= KEPT:
            self._samples[index] = sample
        return sample


def _objects_in(labels: Labels) -> int:
    return int(np.count_nonzero(np.bincount(labels.ravel())[1:]))


def filled(labels: NDArray[np.unsignedinteger[Any]]) -> Labels:
    """Fill the holes of every object.

    Parameters
    ----------
    labels : (Y, X) uint16 array
        0 is background; not written to.

    Returns
    -------
    (Y, X) uint16 array
        Background that an object encloses belongs to it.
    """
    out: Labels = labels.astype(np.uint16)
    for i, box in enumerate(ndimage.find_objects(labels), 1):
        if box is not None:
            window = out[box]
            window[ndimage.binary_fill_holes(labels[box] == i) & (window == 0)] = i
    return out
