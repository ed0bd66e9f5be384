"""Masks and images of the same place: what networks from masks to images learn from."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, Literal, Self

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field, model_validator
from torch import Tensor

from cellsim.datasets.layout import show
from cellsim.datasets.reader import Dataset, as_intensity
from cellsim.errors import InputError
from cellsim.masks.inputs import MaskInput
from cellsim.masks.overlaps import APART
from cellsim.nn.ranges import Ranges
from cellsim.report.colours import grey_to_rgb
from cellsim.seeds import stream
from cellsim.steps import parameter
from cellsim.train.examples.base import ExampleSet, Item
from cellsim.train.examples.crops import CropExamples, CropSet


class Pairs(CropExamples):
    """Crops of masks and of their images, turned and mirrored alike.

    Masks are turned before they are encoded. Layers are arranged anew whenever an example is taken: the augmentation of
    the de-novo nuclei paper [1]_. The range of the grey levels is measured on the samples that are trained on, and
    kept with the weights.

    References
    ----------
    .. [1] Cosacak, M. I., Kizil, C. Using conditional generative adversarial networks (GAN) to generate de novo
       synthetic cell nuclei for training machine learning-based image segmentation.
    """

    kind: Literal["pairs"] = "pairs"
    version: Literal[1] = 1
    encoding: str = parameter(
        doc="How the network sees masks: layers, layers+merged, labels, boundary+interior, flows."
    )
    layers: int = parameter(4, doc="Layers of the encodings that have them, without the merged one.", bounds=">= 1")
    gap: int = parameter(APART, unit="px", doc="Least background between two objects of a layer.", bounds=">= 0")
    overflow: Literal["error", "share"] = parameter(
        "error", doc="If the layers do not suffice: an error, or objects share a layer though they are nearer."
    )
    fit: Literal["first", "random"] = parameter(
        "first",
        doc="On which layer an object is put: the first where it has room, as in the paper, or any of those, so that "
        "the last layers are learnt as well as the first.",
    )
    arrangements: int | None = parameter(
        None,
        doc="How many arrangements of the layers of a crop there are; null for a new one each time.",
        bounds=">= 1",
    )
    percentiles: tuple[float, float] = parameter(
        (0.0, 100.0), unit="%", doc="Of the grey levels of a channel: what becomes -1 and 1.", bounds=""
    )
    by_image: bool = parameter(
        False,
        doc="Stretch every image by its own percentiles, so that nobody has to learn a brightness that masks do not "
        "tell; images are then made in the mean range.",
    )
    low: tuple[float, ...] | None = Field(
        None,
        description="What becomes -1, one number a channel, 1 being the largest grey level; measured if not given.",
    )
    high: tuple[float, ...] | None = Field(None, description="What becomes 1, likewise.")

    @model_validator(mode="after")
    def _is_encoded_and_ranged(self) -> Self:
        self.input  # noqa: B018 - it checks the encoding
        if not 0 <= self.percentiles[0] < self.percentiles[1] <= 100:
            raise ValueError(f"percentiles must be two numbers from 0 to 100 in order, got {list(self.percentiles)}")
        if (self.low is None) != (self.high is None):
            raise ValueError("low and high must be given together, or neither")
        self.ranges  # noqa: B018 - it checks the range
        return self

    @property
    def input(self) -> MaskInput:
        """How the network sees masks."""
        return MaskInput(self.encoding, self.layers, self.gap, self.overflow, self.fit)

    @property
    def ranges(self) -> Ranges | None:
        """The range of the grey levels; None if it has not been measured yet."""
        return None if self.low is None or self.high is None else Ranges(self.low, self.high)

    @property
    def reads(self) -> tuple[str, ...]:
        """Labels and images."""
        return ("labels", "image")

    @property
    def settings(self) -> dict[str, object]:
        """How masks are encoded, and the range of the images."""
        given = {"encoding": self.encoding, "layers": self.layers, "gap": self.gap, "fit": self.fit}
        return {"input": given, "low": self.low, "high": self.high}

    def settled(self, dataset: Dataset, indices: Sequence[int]) -> Self:
        """Measure the range of the grey levels, if it is not given.

        Parameters
        ----------
        dataset : Dataset
            An open version of a data set, with images.
        indices : sequence of int
            Of the samples that are trained on.

        Returns
        -------
        Pairs
            With `low` and `high`.

        Raises
        ------
        InputError
            If there are no images, or a channel has a single grey level.
        """
        if self.ranges is not None:
            return self
        _check_images(dataset)
        images = (dataset.raw([index], ["image"])["image"][0] for index in indices)
        if self.by_image:
            found = Ranges.mean([Ranges.measured(grey_levels(image), self.percentiles) for image in images])
        else:
            found = Ranges.measured(functools.reduce(np.add, map(grey_levels, images)), self.percentiles)
        return self.model_copy(update={"low": found.low, "high": found.high})

    def __call__(self, dataset: Dataset, indices: Sequence[int] | None = None, seed: int = 0) -> ExampleSet:
        """Find the crops that hold enough objects.

        Parameters
        ----------
        dataset : Dataset
            2D, with images.
        indices : sequence of int, optional
            Samples that are used; all if None.
        seed : int
            Of random places and arrangements.

        Returns
        -------
        PairSet
            Items are {"input": (C, Y, X), "image": (C', Y, X), "examples": ()}: masks and image in [-1, 1], float32,
            and how many examples there are, int64.

        Raises
        ------
        InputError
            If the samples are volumes, have no images or no such structure, are smaller than a crop, or no crop has
            enough objects.
        """
        used = range(len(dataset)) if indices is None else indices
        return PairSet(self.settled(dataset, used), dataset, used, seed)

    def compared(self, image: Tensor, given: Item) -> NDArray[np.float32]:
        """Show masks as the network sees them, the image that it made of them, and the real one.

        Parameters
        ----------
        image : (C, Y, X) Tensor
            float32 in [-1, 1].
        given : dict of str to Tensor
            The example.

        Returns
        -------
        (Y, 3 X, 3) float32 array
            In [0, 1].
        """
        both = torch.cat([image, given["image"]], 2).clamp(-1, 1).numpy() / 2 + 0.5
        masks = given["input"].numpy() / 2 + 0.5
        return np.concatenate([grey_to_rgb(masks), grey_to_rgb(both)], axis=1)


class PairSet(CropSet):
    """The pairs of some samples.

    Parameters
    ----------
    step : Pairs
        How they are cut and encoded; its range is known.
    dataset : Dataset
        2D, with images.
    indices : sequence of int
        Of the samples that are used.
    seed : int
        Of random places and arrangements.

    Raises
    ------
    InputError
        If no example can be made of these samples.
    """

    step: Pairs

    def __init__(self, step: Pairs, dataset: Dataset, indices: Sequence[int], seed: int) -> None:
        _check_images(dataset)
        shape = tuple(dataset.spec.shape)
        if len(shape) == 2 and any(n < m for n, m in zip(shape, step.shape, strict=True)):
            there, asked = (" x ".join(map(str, one)) for one in (shape, step.shape))
            raise InputError(f"{show(dataset.location)}: samples of {there} px are smaller than crops of {asked} px")
        assert step.ranges is not None
        self.ranges = step.ranges
        if len(self.ranges.low) != len(dataset.spec.channels):
            raise InputError(
                f"{show(dataset.location)}: low and high must be {len(dataset.spec.channels)} numbers, one a channel, "
                f"got {len(self.ranges.low)}"
            )
        self._of_image: dict[int, Ranges] = {}
        super().__init__(step, dataset, indices, seed)

    def __getitem__(self, index: int) -> Item:
        """Make one example.

        Parameters
        ----------
        index : int
            >= 0; those from `len` on are of later passes, with other arrangements of the layers.

        Returns
        -------
        dict of str to Tensor
            "input" and "image", (C, Y, X) float32 in [-1, 1]; "examples", how many there are.
        """
        labels, stored = self.cut(index)
        image = as_intensity(stored)
        assert image is not None
        return {
            "input": torch.from_numpy(self.step.input(labels, stream(self.seed, self._arrangement(index), "input"))),
            "image": torch.from_numpy(self._range(index).normalised(image)),
            "examples": torch.tensor(len(self)),
        }

    def _range(self, index: int) -> Ranges:
        """Tell what becomes -1 and 1 in the image of an example."""
        if not self.step.by_image:
            return self.ranges
        sample = self.crops[index % len(self) // self.step.orientations].sample
        if sample not in self._of_image:
            _, stored = self._sample(sample)
            assert stored is not None
            self._of_image[sample] = Ranges.measured(grey_levels(stored), self.step.percentiles)
        return self._of_image[sample]

    def _arrangement(self, index: int) -> int:
        number = self.step.arrangements
        return index if number is None else index % (len(self) * number)


def grey_levels(image: NDArray[np.unsignedinteger[Any]]) -> NDArray[np.int64]:
    """Count the pixels of every grey level.

    Parameters
    ----------
    image : (C, Y, X) uint8 or uint16 array
        As stored.

    Returns
    -------
    (C, K) int64 array
        K is 256 or 65,536.
    """
    count = int(np.iinfo(image.dtype).max) + 1
    return np.stack([np.bincount(plane.ravel(), minlength=count) for plane in image])


def _check_images(dataset: Dataset) -> None:
    if not dataset.spec.channels:
        raise InputError(f"{show(dataset.location)}: pairs need images, the data set has none")
