"""Real objects, drawn from a data set."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cellsim.datasets.reference import DatasetReference
from cellsim.distributions import PerObject, draw_each
from cellsim.generators.base import Shape
from cellsim.masks.crops import Crop, tight, turned, whole_objects
from cellsim.masks.relabel import largest_pieces
from cellsim.seeds import Rng
from cellsim.steps import parameter

MOST = 20_000  # objects kept in memory; of a larger data set, the objects of evenly spread samples
TRIES = 20


class Bank(Shape):
    """An object of a data set, mirrored, turned and scaled at random.

    Objects that touch the border of their image are left out, for they may be cut. The size of pixels of both
    data sets counts: an object keeps its size in µm.

    References
    ----------
    .. [1] Zargari, A. et al. (2024). cGAN-Seg, high-density masks. The published program meant to resize objects
       but pasted the unresized ones, and cut the last row and column off each; neither happens here.
    """

    kind: Literal["bank"] = "bank"
    version: Literal[1] = 1
    dataset: DatasetReference = parameter(doc="Data set to take objects from, such as nuclei.zarr or nuclei.zarr@v1.")
    flip: bool = parameter(True, doc="Mirror half of the objects.")
    rotate: bool = parameter(True, doc="Turn objects by any angle.")
    scale: PerObject = parameter(1.0, doc="Factor on the size of each object.", bounds="> 0, <= 10")
    smallest: float = parameter(0.0, unit="µm²", doc="Objects with a smaller area are left out.", bounds=">= 0")

    def __call__(self, rng: Rng, spacing: Sequence[float]) -> NDArray[np.bool_]:
        """Draw one object.

        Parameters
        ----------
        rng : numpy.random.Generator
            The only source of chance.
        spacing : (2,) floats
            Size of a pixel in µm.

        Returns
        -------
        (Y, X) bool array
            A tight crop, one connected piece.

        Raises
        ------
        ValueError
            If the canvas or the data set is not 2D, if the data set has no whole object, or if objects vanish when
            scaled to the canvas.
        StoreError
            If the data set is not there or holds other samples than the recipe names.
        """
        objects, step = whole_objects_of(self.dataset, self.smallest)
        if len(spacing) != 2:
            raise ValueError(f"a bank draws 2D objects, got a canvas with spacing {tuple(spacing)}")
        for _ in range(TRIES):
            crop = objects[rng.integers(len(objects))]
            angle = rng.uniform(0, 2 * np.pi) if self.rotate else 0.0
            factor = float(draw_each(self.scale, rng, 1)[0])
            scale = (factor * step[0] / spacing[0], factor * step[1] / spacing[1])
            drawn = turned(crop, angle, scale, mirror=self.flip and rng.random() < 0.5)
            if drawn.size:
                return tight(largest_pieces(drawn.astype(np.uint16)) > 0)
        raise ValueError(f"objects of {self.dataset.path} vanish at {tuple(spacing)} µm per pixel")


@lru_cache(maxsize=4)
def whole_objects_of(reference: DatasetReference, smallest: float) -> tuple[list[Crop], tuple[float, ...]]:
    """Read the objects of a data set, once a process.

    Parameters
    ----------
    reference : DatasetReference
        2D.
    smallest : float
        Area in µm² below which objects are left out.

    Returns
    -------
    objects : list of (Y, X) bool arrays
        Tight crops of objects that do not touch a border.
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
    return found, spacing
