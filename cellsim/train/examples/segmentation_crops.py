"""Images and the flows of their objects: what segmenters learn from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import model_validator
from torch import Tensor

from cellsim.datasets.layout import show
from cellsim.datasets.reader import Dataset, as_intensity
from cellsim.errors import InputError
from cellsim.masks.flows import encode_flows
from cellsim.nn.segmenting import objects_of, percentiles_of, stretched
from cellsim.report.colours import grey_to_rgb, palette
from cellsim.sample import Image
from cellsim.seeds import stream
from cellsim.steps import parameter
from cellsim.train.examples.base import ExampleSet, Item
from cellsim.train.examples.crops import Crop, CropExamples, CropSet


class SegmentationCrops(CropExamples):
    """Crops of images with the flows and the probability of their objects [1]_, turned and mirrored alike.

    Intensities are normalised by percentiles of the whole image, as they are when a trained segmenter is used; then
    brightness and contrast vary. Labels are turned before they are encoded, so that the flow points where it should; of
    an object that the border of a crop cuts, it leads to the centre of what is left.

    References
    ----------
    .. [1] Stringer, C., Wang, T., Michaelos, M., Pachitariu, M. (2021). Cellpose: a generalist algorithm for cellular
       segmentation. Nature Methods 18, 100-106.
    """

    kind: Literal["segmentation-crops"] = "segmentation-crops"
    version: Literal[1] = 1
    percentiles: tuple[float, float] = parameter(
        (1.0, 99.0), unit="%", doc="Of the intensities of an image: what becomes -1 and 1."
    )
    brightness: float = parameter(
        0.2, doc="Most that is added to intensities, in [-1, 1], or taken off.", bounds=">= 0"
    )
    contrast: float = parameter(0.2, doc="Most that contrast changes, relative.", bounds=">= 0, < 1")
    balanced: bool = parameter(
        False, doc="Of a mixture, take equally many crops of every source, however many samples each has."
    )

    @model_validator(mode="after")
    def _is_a_range(self) -> SegmentationCrops:
        if not 0 <= self.percentiles[0] < self.percentiles[1] <= 100:
            raise ValueError(f"percentiles must be two numbers from 0 to 100 in order, got {list(self.percentiles)}")
        return self

    @property
    def reads(self) -> tuple[str, ...]:
        """Labels and images."""
        return ("labels", "image")

    @property
    def settings(self) -> dict[str, object]:
        """How images are normalised."""
        return {"percentiles": self.percentiles}

    def __call__(self, dataset: Dataset, indices: Sequence[int] | None = None, seed: int = 0) -> ExampleSet:
        """Find the crops that hold enough objects.

        Parameters
        ----------
        dataset : Dataset
            2D, with images; a mixture if examples are balanced.
        indices : sequence of int, optional
            Samples that are used; all if None.
        seed : int
            Of random places, brightness and contrast.

        Returns
        -------
        SegmentationCropSet
            Items are {"image": (C, Y, X), "flow": (2, Y, X), "cell": (Y, X)}, float32: intensities in [-1, 1], unit
            vectors (y, x) to the centre of an object, and 1 inside of objects.

        Raises
        ------
        InputError
            If the samples are volumes, have no images or no such structure, are smaller than a crop, or no crop has
            enough objects; or if they are of no mixture and should be balanced.
        """
        return SegmentationCropSet(self, dataset, range(len(dataset)) if indices is None else indices, seed)

    def compared(self, image: Tensor, given: Item) -> NDArray[np.float32]:
        """Show an image, the objects that a network finds in it, and the true ones.

        Parameters
        ----------
        image : (3, Y, X) Tensor
            What the network made: flow (y, x), and the probability of a cell in [-1, 1].
        given : dict of str to Tensor
            The example.

        Returns
        -------
        (Y, 3 X, 3) float32 array
            In [0, 1].
        """
        planes = image.numpy()
        found = objects_of(planes[:2], planes[2] / 2 + 0.5)
        true = objects_of(given["flow"].numpy(), given["cell"].numpy())
        coloured = [palette(int(labels.max(initial=0)) + 1)[labels] for labels in (found, true)]
        return np.concatenate([grey_to_rgb(given["image"].numpy() / 2 + 0.5), *coloured], axis=1)


class SegmentationCropSet(CropSet):
    """The crops of some samples.

    Parameters
    ----------
    step : SegmentationCrops
        How they are cut and encoded.
    dataset : Dataset
        2D, with images.
    indices : sequence of int
        Of the samples that are used.
    seed : int
        Of random places, brightness and contrast.

    Raises
    ------
    InputError
        If no example can be made of these samples.
    """

    step: SegmentationCrops

    def __init__(self, step: SegmentationCrops, dataset: Dataset, indices: Sequence[int], seed: int) -> None:
        where, shape = show(dataset.location), tuple(dataset.spec.shape)
        if not dataset.spec.channels:
            raise InputError(f"{where}: segmenters learn from images, the data set has none")
        if len(shape) == 2 and any(n < m for n, m in zip(shape, step.shape, strict=True)):
            there, asked = (" x ".join(map(str, one)) for one in (shape, step.shape))
            raise InputError(f"{where}: samples of {there} px are smaller than crops of {asked} px")
        super().__init__(step, dataset, indices, seed)
        self._ranges: dict[int, tuple[Image, Image]] = {}
        if step.balanced:
            if "source" not in dataset.drawn:
                raise InputError(f"{where}: only a mixture has sources that can be balanced")
            sources = dataset.drawn["source"]
            if bare := {int(sources[i]) for i in indices} - {int(sources[crop.sample]) for crop in self.crops}:
                raise InputError(
                    f"{where}: no crop of source {min(bare)} has objects = {step.objects}: it cannot be balanced with "
                    "the others"
                )
            self.crops = balanced(self.crops, sources)

    def __getitem__(self, index: int) -> Item:
        """Make one example.

        Parameters
        ----------
        index : int
            >= 0; those from `len` on are of later passes, with other brightness and contrast.

        Returns
        -------
        dict of str to Tensor
            "image", "flow" and "cell".
        """
        labels, stored = self.cut(index)
        image = as_intensity(stored)
        assert image is not None
        flow, cell = encode_flows(labels)
        seen = self._varied(stretched(image, *self._range(index)), index)
        return {"image": torch.from_numpy(seen), "flow": torch.from_numpy(flow), "cell": torch.from_numpy(cell)}

    def _range(self, index: int) -> tuple[Image, Image]:
        """Return what becomes -1 and 1 in the sample that an example is cut from."""
        sample = self.crops[index % len(self) // self.step.orientations].sample
        if sample not in self._ranges:
            image = as_intensity(self._sample(sample)[1])
            assert image is not None
            self._ranges[sample] = percentiles_of(image, self.step.percentiles)
        return self._ranges[sample]

    def _varied(self, image: Image, index: int) -> Image:
        shift, gain = stream(self.seed, index, "intensities").uniform(-1, 1, 2)
        seen = image * (1 + self.step.contrast * gain) + self.step.brightness * shift
        return np.asarray(np.clip(seen, -1, 1), np.float32)


def balanced(crops: Sequence[Crop], sources: NDArray[np.float64]) -> list[Crop]:
    """Repeat crops until there are equally many of every source.

    Parameters
    ----------
    crops : sequence of Crop
        Those there are.
    sources : (N,) float64 array
        Of each sample, the number of its source.

    Returns
    -------
    list of Crop
        Those of one source after those of another.
    """
    groups: dict[float, list[Crop]] = {}
    for crop in crops:
        groups.setdefault(float(sources[crop.sample]), []).append(crop)
    most = max(len(group) for group in groups.values())
    return [groups[source][k % len(groups[source])] for source in sorted(groups) for k in range(most)]
