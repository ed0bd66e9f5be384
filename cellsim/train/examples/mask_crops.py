"""Crops of label images, encoded as images."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import product
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field, field_validator, model_validator
from scipy import ndimage
from torch import Tensor
from torch.nn import functional

from cellsim.datasets.ingest.tiles import positions
from cellsim.datasets.layout import show
from cellsim.datasets.reader import Dataset
from cellsim.errors import InputError
from cellsim.masks.encodings import ENCODINGS
from cellsim.masks.relabel import consecutive
from cellsim.nn.levels import as_levels
from cellsim.report.colours import palette
from cellsim.sample import Labels
from cellsim.seeds import stream
from cellsim.steps import near_miss, parameter
from cellsim.train.examples.base import Examples, ExampleSet, Item, plane_of

KEPT = 256 * 2**20  # bytes of samples, and of encoded crops, kept in memory by each process
TRIES = 20  # random places looked at before the crop of the grid is taken


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


class MaskCrops(Examples):
    """Crops of label images on a grid that overlap, or at random places, encoded as images; turned and mirrored.

    Labels are turned before they are encoded, so that vectors in the encoding point where they should. Objects that
    the border of a crop cuts stay. Samples that are smaller than a crop are padded with background. An example is a
    crop in one of its orientations; a pass goes through all of them.

    References
    ----------
    .. [1] Tasnadi, E. et al. (2023). Structure preserving adversarial generation of labeled training samples for
       single-cell segmentation. Cell Reports Methods 3.
    """

    kind: Literal["mask-crops"] = "mask-crops"
    version: Literal[1] = 1
    shape: tuple[int, int] = parameter(unit="px", doc="Of a crop, (y, x).")
    encoding: str = parameter(doc="How label images become images, such as flows.")
    overlap: float = parameter(0.2, doc="Part of a crop that it shares with the next, at least.", bounds=">= 0, < 1")
    places: Literal["grid", "random"] = parameter(
        "grid", doc="Crops lie on the grid, or at random in the same sample, others in each pass."
    )
    objects: int = parameter(3, doc="Crops with fewer objects are left out.", bounds=">= 0")
    rotations: bool = parameter(True, doc="Turn crops by 0, 90, 180 and 270 degrees.")
    flips: bool = parameter(True, doc="Also mirror them.")
    reduced: int = parameter(
        1, unit="px", doc="Encoded images are averaged over squares of this edge: smaller networks.", bounds=">= 1"
    )
    fill_holes: bool = parameter(True, doc="Fill holes in objects, where no other object lies.")
    structure: str | None = Field(None, description="Which structure of the labels; the first if not given.")

    @field_validator("encoding")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value not in ENCODINGS:
            raise ValueError(f"no encoding {value!r}{near_miss(value, ENCODINGS)} (encodings: {', '.join(ENCODINGS)})")
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> MaskCrops:
        if min(self.shape) < 1:
            raise ValueError(f"shape must be two numbers of pixels >= 1, got {list(self.shape)}")
        if self.rotations and self.shape[0] != self.shape[1]:
            raise ValueError(f"rotations need square crops, got a shape of {list(self.shape)}")
        if any(n % self.reduced for n in self.shape):
            raise ValueError(f"shape must be multiples of reduced ({self.reduced}), got {list(self.shape)}")
        return self

    @property
    def settings(self) -> dict[str, object]:
        """How labels are read from the images that networks make."""
        return {"encoding": self.encoding, "reduced": self.reduced}

    @property
    def orientations(self) -> int:
        """How many examples come of a crop: 1, 2, 4 or 8."""
        return (4 if self.rotations else 1) * (2 if self.flips else 1)

    def __call__(self, dataset: Dataset, indices: Sequence[int] | None = None, seed: int = 0) -> ExampleSet:
        """Find the crops that hold enough objects.

        Parameters
        ----------
        dataset : Dataset
            2D.
        indices : sequence of int, optional
            Samples that are used; all if None.
        seed : int
            Of random places.

        Returns
        -------
        CropSet
            Items are {"image": (C, Y, X) float32 in [-1, 1]}.

        Raises
        ------
        InputError
            If the samples are volumes, have no such structure, or no crop has enough objects.
        """
        return CropSet(self, dataset, range(len(dataset)) if indices is None else indices, seed)

    def picture(self, image: Tensor) -> NDArray[np.float32]:
        """Show an encoded image, and beside it the objects that are decoded from it, in colours.

        Parameters
        ----------
        image : (C, Y, X) Tensor
            float32 in [-1, 1].

        Returns
        -------
        (Y, 2 X, 3) float32 array
            In [0, 1].
        """
        labels, levels = self.decode(image), as_levels(image[None], self.reduced)[0]
        shown = super().picture(torch.from_numpy(levels).to(torch.float32) / 127.5 - 1)
        return np.concatenate([shown, palette(int(labels.max(initial=0)) + 1)[labels]], axis=1)

    def decode(self, image: Tensor) -> Labels:
        """Turn an encoded image back into labels.

        Parameters
        ----------
        image : (C, Y, X) Tensor
            float32 in [-1, 1]; what lies outside is cut.

        Returns
        -------
        (Y, X) uint16 array
            Ids 1..N.
        """
        decoded: Labels = ENCODINGS[self.encoding].decode(as_levels(image[None], self.reduced)[0])
        return decoded


class CropSet(ExampleSet):
    """The crops of some samples; opened anew in every process.

    Parameters
    ----------
    step : MaskCrops
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

    def __init__(self, step: MaskCrops, dataset: Dataset, indices: Sequence[int], seed: int) -> None:
        self.step, self.seed = step, seed
        self._source = dataset.location, dataset.version.name
        self._plane = plane_of(step.structure, dataset, step.kind)
        self._opened: tuple[int, Dataset] | None = None
        self._labels: dict[int, Labels] = {}
        self._encoded: dict[int, NDArray[np.uint8]] = {}
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
            labels = self._sample(sample)
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
        return self.__dict__ | {"_opened": None, "_labels": {}, "_encoded": {}}

    def __getitem__(self, index: int) -> Item:
        """Make one example.

        Parameters
        ----------
        index : int
            >= 0; those from `len` on are of later passes.

        Returns
        -------
        dict of str to Tensor
            "image": (C, Y, X) float32 in [-1, 1].
        """
        levels = torch.from_numpy(self._levels(index)).to(torch.float32)
        if self.step.reduced > 1:
            levels = functional.avg_pool2d(levels, self.step.reduced)
        return {"image": levels / 127.5 - 1}

    def _levels(self, index: int) -> NDArray[np.uint8]:
        on_grid = self.step.places == "grid"
        key = index % len(self)
        if on_grid and key in self._encoded:
            return self._encoded[key]
        encoded: NDArray[np.uint8] = ENCODINGS[self.step.encoding].encode(self.labels(index))
        if on_grid and (len(self._encoded) + 1) * encoded.nbytes <= KEPT:
            self._encoded[key] = encoded
        return encoded

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
        crop, orientation = divmod(index % len(self), self.step.orientations)
        sample = self._sample(self.crops[crop].sample)
        found = self._cut(sample, *self._place(index, crop, sample))
        mirrored, turns = divmod(orientation, 4 if self.step.rotations else 1)
        found = np.rot90(found, turns)
        return consecutive(np.ascontiguousarray(found[:, ::-1] if mirrored else found).astype(np.int64))[0]

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

    def _cut(self, labels: Labels, y: int, x: int) -> Labels:
        return labels[y : y + self.step.shape[0], x : x + self.step.shape[1]]

    def _sample(self, index: int) -> Labels:
        """Read the labels of a sample, at least as large as a crop; small data sets are kept in memory."""
        if index in self._labels:
            return self._labels[index]
        if self._opened is None or self._opened[0] != os.getpid():
            self._opened = os.getpid(), Dataset(*self._source, threads=1)
        found = np.asarray(self._opened[1].raw([index], ["labels"])["labels"][0][self._plane])
        if self.step.fill_holes:
            found = filled(found)
        missing = [max(0, m - n) for n, m in zip(found.shape, self.step.shape, strict=True)]
        found = np.pad(found, [(0, n) for n in missing])
        if (len(self._labels) + 1) * found.nbytes <= KEPT:
            self._labels[index] = found
        return found


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
