"""What features are, and what they see of a sample."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from cellsim.errors import InputError
from cellsim.sample import VISIBLE, Image, Labels, Sample
from cellsim.steps import Step, parse

Floats = NDArray[np.float64]
Compared = Literal["images", "masks"]


class Features(Step):
    """Vectors of numbers that describe samples; every kind gives its own.

    Attributes
    ----------
    title : str
        For people: which features a distance was taken in.
    of : {"images", "masks"}
        What of a sample is described.
    reduced : bool
        Distances are taken along the principal axes of the real set; False for published measures, which are not.
    """

    room: ClassVar[str] = "cellsim.evaluate.features"
    reduced: ClassVar[bool] = True

    @property
    def title(self) -> str:
        """For people: which features a distance was taken in."""
        raise NotImplementedError

    @property
    def of(self) -> Compared:
        """What of a sample is described."""
        raise NotImplementedError

    def __call__(self, samples: Sequence[Sample]) -> Floats:
        """Describe samples.

        Parameters
        ----------
        samples : sequence of Sample
            2D, all with the same channels and structures; a batch, so not more than memory holds.

        Returns
        -------
        (N, F) float64 array
            A row a sample; nan is what a sample does not have, such as a mean size without objects.

        Raises
        ------
        InputError
            If a sample is 3D, or lacks the image that is described.
        """
        raise NotImplementedError


def find_features(what: str | dict[str, Any] | Features) -> Features:
    """Build features from what a user gives.

    Parameters
    ----------
    what : str, dict or Features
        A kind such as "texture"; or a mapping with ``kind`` and its fields, as in YAML; or ready features.

    Returns
    -------
    Features
        Ready to be called.

    Raises
    ------
    RecipeError
        If there is no such kind, or a field is wrong or missing.
    """
    return parse(Features, {"kind": what} if isinstance(what, str) else what, "features")


def image_of(sample: Sample) -> Image:
    """Return the image of a sample.

    Parameters
    ----------
    sample : Sample
        2D.

    Returns
    -------
    (C, Y, X) float32 array
        In [0, 1].

    Raises
    ------
    InputError
        If there is no image, or the sample is 3D.
    """
    _check_flat(sample)
    if sample.image is None:
        raise InputError("features of images need images, got samples that have labels only")
    return sample.image


def seen_labels(sample: Sample) -> list[Labels]:
    """Return what is seen of each structure, one plane each.

    Parameters
    ----------
    sample : Sample
        2D.

    Returns
    -------
    list of (Y, X) uint16 arrays
        The plane "-visible" of a structure whose objects overlap, if it has one; else its planes, the first on top.

    Raises
    ------
    InputError
        If the sample is 3D.
    """
    _check_flat(sample)
    if not sample.structures:
        return list(sample.labels)
    planes: dict[str, list[Labels]] = {}
    visible: dict[str, Labels] = {}
    for name, plane in zip(sample.structures, sample.labels, strict=True):
        structure = re.sub(r"-\d+$", "", name).removesuffix(VISIBLE)
        planes.setdefault(structure, []).append(plane)
        if name.endswith(VISIBLE):
            visible[structure] = plane
    return [visible[name] if name in visible else _laid_over(found) for name, found in planes.items()]


def _laid_over(planes: list[Labels]) -> Labels:
    top = planes[0]
    for plane in planes[1:]:
        top = np.where(top > 0, top, plane)
    return top


def _check_flat(sample: Sample) -> None:
    if len(sample.spacing) != 2:
        raise InputError(f"features are taken of 2D samples, got shape {sample.shape}")
