"""Crops of label images, encoded as images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import field_validator, model_validator
from torch import Tensor
from torch.nn import functional

from cellsim.datasets.reader import Dataset
from cellsim.masks.encodings import ENCODINGS
from cellsim.nn.levels import as_levels
from cellsim.report.colours import palette
from cellsim.sample import Labels
from cellsim.steps import near_miss, parameter
from cellsim.train.examples.base import ExampleSet, Item
from cellsim.train.examples.crops import KEPT, CropExamples, CropSet


class MaskCrops(CropExamples):
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
    encoding: str = parameter(doc="How label images become images, such as flows.")
    reduced: int = parameter(
        1, unit="px", doc="Encoded images are averaged over squares of this edge: smaller networks.", bounds=">= 1"
    )

    @field_validator("encoding")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value not in ENCODINGS:
            raise ValueError(f"no encoding {value!r}{near_miss(value, ENCODINGS)} (encodings: {', '.join(ENCODINGS)})")
        return value

    @model_validator(mode="after")
    def _can_be_reduced(self) -> MaskCrops:
        if any(n % self.reduced for n in self.shape):
            raise ValueError(f"shape must be multiples of reduced ({self.reduced}), got {list(self.shape)}")
        return self

    @property
    def settings(self) -> dict[str, object]:
        """How labels are read from the images that networks make."""
        return {"encoding": self.encoding, "reduced": self.reduced}

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
        EncodedCrops
            Items are {"image": (C, Y, X) float32 in [-1, 1]}.

        Raises
        ------
        InputError
            If the samples are volumes, have no such structure, or no crop has enough objects.
        """
        return EncodedCrops(self, dataset, range(len(dataset)) if indices is None else indices, seed)

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


class EncodedCrops(CropSet):
    """The encoded crops of some samples; those of a grid are kept in memory.

    Parameters
    ----------
    step : MaskCrops
        How they are cut and encoded.
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

    step: MaskCrops

    def __init__(self, step: MaskCrops, dataset: Dataset, indices: Sequence[int], seed: int) -> None:
        super().__init__(step, dataset, indices, seed)
        self._encoded: dict[int, NDArray[np.uint8]] = {}

    def __getstate__(self) -> dict[str, object]:
        return super().__getstate__() | {"_encoded": {}}

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
