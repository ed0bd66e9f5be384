"""Real objects, drawn from a data set."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from cellsim.datasets.reference import DatasetReference
from cellsim.distributions import PerObject, draw_each
from cellsim.generators.base import Placement, Shape
from cellsim.masks.crops import Crop, Crops, long_axes, mapped, whole_objects
from cellsim.seeds import Rng
from cellsim.steps import parameter

MOST = 20_000  # objects kept in memory; of a larger data set, the objects of evenly spread samples


class Bank(Shape):
    """Objects of a data set, mirrored, turned and scaled at random.

    Objects that touch the border of their image are left out, for they may be cut. The size of pixels of both
    data sets counts: an object keeps its size in µm. Its centre is its centroid. Where the points have radii, each
    object is scaled to the area of its disk first. Where they have directions, each is turned so that it is longest
    along its own.

    References
    ----------
    .. [1] Zargari, A. et al. (2024). cGAN-Seg, high-density masks. The published program meant to resize objects
       but pasted the unresized ones, and cut the last row and column off each; neither happens here.
    """

    aligns: ClassVar[bool] = True
    kind: Literal["bank"] = "bank"
    version: Literal[2] = 2
    dataset: DatasetReference = parameter(doc="Data set to take objects from, such as nuclei.zarr or nuclei.zarr@v1.")
    flip: bool = parameter(True, doc="Mirror half of the objects.")
    rotate: bool = parameter(True, doc="Turn objects by any angle.")
    scale: PerObject = parameter(1.0, doc="Factor on the size of each object.", bounds="> 0, <= 10")
    smallest: float = parameter(0.0, unit="µm²", doc="Objects with a smaller area are left out.", bounds=">= 0")

    def __call__(self, placement: Placement, spacing: Sequence[float], rng: Rng) -> Crops:
        """Draw an object at every centre.

        Parameters
        ----------
        placement : Placement
            Centres in µm; radii, where there are, are those of the disks of the objects' areas before `scale`.
        spacing : (2,) floats
            Size of a pixel in µm.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        Crops
            Tight windows, one connected piece each.

        Raises
        ------
        ValueError
            If the canvas or the data set is not 2D, or the data set has no whole object; if objects have directions
            and may not be turned.
        StoreError
            If the data set is not there or holds other samples than the recipe names.
        """
        if len(spacing) != 2:
            raise ValueError(f"a bank draws 2D objects, got a canvas with spacing {tuple(spacing)}")
        bank, step = whole_objects_of(self.dataset, self.smallest)
        n = len(placement)
        which = rng.integers(len(bank), size=n)
        angle = rng.uniform(0, 2 * np.pi, n) if self.rotate else np.zeros(n)
        mirrored = rng.random(n) < (0.5 if self.flip else 0.0)
        if placement.directions is not None:
            if not self.rotate:
                raise ValueError("objects with directions are turned: rotate must be true, got false")
            axes = long_axes_of(self.dataset, self.smallest)[which] * np.where(mirrored, -1, 1)
            angle = np.arctan2(*placement.directions.T[::-1]) - axes + np.where(angle < np.pi, 0, np.pi)
        factor = draw_each(self.scale, rng, n)
        if placement.radii is not None:
            sizes = np.add.reduceat(bank.pixels, bank.start[:-1], dtype=np.int64)[which]
            factor = factor * placement.radii / np.sqrt(sizes * step[0] * step[1] / np.pi)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]).transpose(2, 0, 1)
        source = factor[:, np.newaxis] * step * np.where(mirrored[:, np.newaxis], (1, -1), 1)
        forward = turn * source[:, np.newaxis, :] / np.reshape(spacing, (2, 1))
        return mapped(bank, which, np.ascontiguousarray(forward), placement.centres / spacing)


@lru_cache(maxsize=4)
def whole_objects_of(reference: DatasetReference, smallest: float) -> tuple[Crops, tuple[float, ...]]:
    """Read the objects of a data set, once a process.

    Parameters
    ----------
    reference : DatasetReference
        2D.
    smallest : float
        Area in µm² below which objects are left out.

    Returns
    -------
    objects : Crops
        Objects that do not touch a border.
    spacing : (2,) floats
        Size of their pixels in µm.

    Raises
    ------
    ValueError
        If the data set is not 2D or has no whole object.
    """
    dataset = reference.open()
    spacing = dataset.spec.spacing
    if len(spacing) != 2:
        raise ValueError(f"a bank draws 2D objects, but {reference.path} has {len(spacing)} axes")
    found: list[Crop] = []
    every = 1 + int(dataset.drawn["objects"].sum()) // MOST
    for sample in dataset.labels(range(0, len(dataset), every)):
        for plane in sample:
            found += [crop for crop in whole_objects(plane) if crop.sum() * spacing[0] * spacing[1] >= smallest]
    if not found:
        raise ValueError(f"{reference.path} has no object of >= {smallest:g} µm² that does not touch a border")
    return Crops.from_list(found, 2), spacing


@lru_cache(maxsize=4)
def long_axes_of(reference: DatasetReference, smallest: float) -> NDArray[np.float64]:
    """Measure the directions in which the objects of a data set are longest, once a process.

    Parameters
    ----------
    reference : DatasetReference
        2D.
    smallest : float
        Area in µm² below which objects are left out.

    Returns
    -------
    (N,) float64 array
        Angle of the first principal axis of each of `whole_objects_of`, from y towards x, in radians.
    """
    return long_axes(*whole_objects_of(reference, smallest))
