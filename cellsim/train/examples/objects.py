"""Single objects of label images, each in a window of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from scipy import ndimage

from cellsim.datasets.layout import show
from cellsim.datasets.reader import Dataset
from cellsim.errors import InputError
from cellsim.masks.crops import Crop, Crops, mapped, whole_objects
from cellsim.sample import Labels
from cellsim.seeds import stream
from cellsim.steps import parameter
from cellsim.train.examples.base import Examples, ExampleSet, Item, plane_of

Floats = NDArray[np.float64]


class Objects(Examples):
    """The objects of a data set in square windows, all at one scale, turned and mirrored.

    A pixel of a window is the share of it that the object covers, from -1 for none to 1 for all. With `places: centred`
    the centroid lies in the middle, and objects that do not fit are left out. With `places: random` it lies anywhere in
    the window, whose border may cut the object: that is what the de-novo nuclei paper [1]_ says of its 28 x 28 images.
    What chance decides is drawn anew in each pass. Objects that touch the border of their image are left out.

    References
    ----------
    .. [1] Cosacak, M. I., Kizil, C. Using conditional generative adversarial networks (GAN) to generate de novo
       synthetic cell nuclei for training machine learning-based image segmentation.
    """

    kind: Literal["objects"] = "objects"
    version: Literal[1] = 1
    edge: int = parameter(28, unit="px", doc="Of a window, a multiple of 4.", bounds=">= 8, <= 128")
    pixel: float | None = parameter(
        None, unit="µm", doc="Edge of a pixel of the window; as in the data set if not given.", bounds="> 0"
    )
    places: Literal["centred", "random"] = parameter("centred", doc="Where in the window an object stands.")
    rotations: bool = parameter(True, doc="Turn objects by any angle.")
    flips: bool = parameter(True, doc="Mirror half of them.")
    oversampled: int = parameter(4, doc="Parts of a pixel's edge; 1 makes masks of -1 and 1 only.", bounds=">= 1, <= 8")
    smallest: float = parameter(0.0, unit="µm²", doc="Objects with a smaller area are left out.", bounds=">= 0")
    fitting: float = parameter(
        0.9, doc="Least share of the objects that must fit, where they are centred.", bounds=">= 0, <= 1"
    )
    fill_holes: bool = parameter(True, doc="Fill holes in objects.")
    structure: str | None = Field(None, description="Which structure of the labels; the first if not given.")

    @property
    def settings(self) -> dict[str, object]:
        """Size of a pixel in µm (None: that of the data set), and where objects stand."""
        return {"pixel": self.pixel, "places": self.places}

    @property
    def centred(self) -> bool:
        """Whether objects stand whole in the middle of a window."""
        return self.places == "centred"

    def __call__(self, dataset: Dataset, indices: Sequence[int] | None = None, seed: int = 0) -> ExampleSet:
        """Cut out the objects.

        Parameters
        ----------
        dataset : Dataset
            2D.
        indices : sequence of int, optional
            Samples that are used; all if None.
        seed : int
            Of angles and places.

        Returns
        -------
        ObjectSet
            Items are {"image": (1, edge, edge) float32 in [-1, 1]}.

        Raises
        ------
        InputError
            If the samples are volumes, have no such structure, hold no whole object, or too few fit.
        """
        return ObjectSet(self, dataset, range(len(dataset)) if indices is None else indices, seed)


class ObjectSet(ExampleSet):
    """The objects of some samples, kept in memory.

    Parameters
    ----------
    step : Objects
        How they are cut out.
    dataset : Dataset
        2D.
    indices : sequence of int
        Of the samples that are used.
    seed : int
        Of angles and places.

    Raises
    ------
    InputError
        If no example can be made of these samples.
    """

    def __init__(self, step: Objects, dataset: Dataset, indices: Sequence[int], seed: int) -> None:
        self.step, self.seed, where = step, seed, show(dataset.location)
        plane = plane_of(step.structure, dataset, step.kind)
        spacing = np.array(dataset.spec.spacing)
        self.scale: Floats = spacing / (spacing if step.pixel is None else step.pixel)
        least = step.smallest / float(spacing.prod())
        found: list[Crop] = []
        for sample in dataset.labels(list(indices)):
            found += [one for one in _objects_of(sample[plane], step.fill_holes) if one.sum() >= least]
        if not found:
            raise InputError(f"{where}: no object of >= {step.smallest:g} µm² that does not touch a border")
        if step.centred:
            found = self._fitting(found, where)
        self.objects = Crops.from_list(found, 2)

    def _fitting(self, objects: list[Crop], where: str) -> list[Crop]:
        """Leave out objects that a window cannot hold, whichever way they are turned, with a pixel to spare."""
        reach = np.array([_reach(one, self.scale) for one in objects])
        fits = reach <= self.step.edge / 2 - 1
        if not fits.any() or fits.mean() < self.step.fitting:
            needed = float(np.quantile(reach, self.step.fitting)) / (self.step.edge / 2 - 1)
            raise InputError(
                f"{where}: {fits.mean():.0%} of the objects fit into {self.step.edge} x {self.step.edge} px, fitting "
                f"asks for {self.step.fitting:.0%}: make pixel {needed:.3g} times as large"
            )
        return [one for one, there in zip(objects, fits, strict=True) if there]

    def __len__(self) -> int:
        return len(self.objects)

    def __getitem__(self, index: int) -> Item:
        """Put one object into a window.

        Parameters
        ----------
        index : int
            >= 0; those from `len` on are of later passes.

        Returns
        -------
        dict of str to Tensor
            "image": (1, edge, edge) float32 in [-1, 1].
        """
        step, rng = self.step, stream(self.seed, index, "objects")
        angle = rng.uniform(0, 2 * np.pi) if step.rotations else 0.0
        mirrored = step.flips and rng.random() < 0.5
        centre: Floats = np.full(2, step.edge / 2) if step.centred else rng.uniform(0, step.edge, 2)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        forward = turn * self.scale * (1, -1 if mirrored else 1) * step.oversampled
        which = np.array([index % len(self)], np.int64)
        placed = mapped(
            self.objects, which, np.ascontiguousarray(forward[np.newaxis]), centre[np.newaxis] * step.oversampled
        )
        covered = pasted(placed, step.edge * step.oversampled).reshape(step.edge, step.oversampled, step.edge, -1)
        return {"image": torch.from_numpy(covered.mean(axis=(1, 3), dtype=np.float32)[np.newaxis] * 2 - 1)}


def pasted(placed: Crops, edge: int) -> NDArray[np.bool_]:
    """Lay one object into a window, which may cut it.

    Parameters
    ----------
    placed : Crops
        One 2D object.
    edge : int
        Of the window in px.

    Returns
    -------
    (edge, edge) bool array
        True inside.
    """
    window, crop = np.zeros((edge, edge), np.bool_), placed.crop(0)
    corner = placed.corner[0, 1:]
    low, high = (np.clip(end, 0, edge) for end in (corner, corner + crop.shape))
    (y0, x0), (y1, x1) = low - corner, high - corner
    window[low[0] : high[0], low[1] : high[1]] = crop[y0:y1, x0:x1]
    return window


def _objects_of(labels: Labels, fill_holes: bool) -> list[Crop]:
    found = whole_objects(labels)
    return [np.asarray(ndimage.binary_fill_holes(one)) for one in found] if fill_holes else found


def _reach(mask: Crop, scale: Floats) -> float:
    """Greatest distance of a corner of a pixel from the centroid, in pixels of the window."""
    places = np.argwhere(mask) + 0.5
    return float(np.linalg.norm((np.abs(places - places.mean(axis=0)) + 0.5) * scale, axis=1).max())
