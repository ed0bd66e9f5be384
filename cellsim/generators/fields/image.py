"""A field given as an image."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from cellsim.datasets.ingest.images import read_bytes, read_image
from cellsim.distributions import Number
from cellsim.errors import InputError
from cellsim.generators.base import Field
from cellsim.seeds import Rng
from cellsim.steps import Content, parameter


class ImageReference(Content):
    """A PNG or TIFF file; in a recipe written as its path.

    Parameters
    ----------
    path : str
        Where it lies; not part of the identity of a recipe.
    digest : str
        SHA-256 of the file.
    """

    @model_validator(mode="before")
    @classmethod
    def _look_up(cls, value: Any) -> Any:
        if isinstance(value, Mapping):
            return value
        try:
            content = read_bytes(Path(str(value)))
            read_image(Path(str(value)), content)
        except InputError as error:
            raise ValueError(str(error)) from None
        return {"path": str(value), "digest": hashlib.sha256(content).hexdigest()}

    def read(self) -> NDArray[np.float64]:
        """Read the file, once a process.

        Returns
        -------
        (C, Y, X) float64 array
            Relative to the greatest value in it.

        Raises
        ------
        InputError
            If it cannot be read, or has changed.
        """
        return _read(self)


@lru_cache(maxsize=8)
def _read(reference: ImageReference) -> NDArray[np.float64]:
    content = read_bytes(Path(reference.path))
    digest = hashlib.sha256(content).hexdigest()
    if digest != reference.digest:
        raise InputError(
            f"{reference.path} holds another image (digest {digest[:12]}) than the recipe was made with "
            f"({reference.digest[:12]})"
        )
    image = read_image(Path(reference.path), content)
    return image / max(float(image.max(initial=0)), 1.0)


class ImageField(Field):
    """The values of an image laid on the canvas, relative to its greatest; beyond its border, those at the border.

    A gray image gives a number; in 2D, the red and green of a colour image give a direction (y, x), 0 at half of
    the greatest value.
    """

    kind: Literal["image"] = "image"
    version: Literal[1] = 1
    image: ImageReference = parameter(doc="PNG or TIFF file.")
    spacing: Number = parameter(unit="µm", doc="Size of its pixels.", bounds="> 0")

    def __call__(self, points: NDArray[np.float64], components: int, rng: Rng) -> NDArray[np.float64]:
        """Look up the nearest pixel of each point; nothing is drawn.

        Parameters
        ----------
        points : (N, 2) float64 array
            Places in µm.
        components : int
            1 with a gray image, 2 with a colour image.
        rng : numpy.random.Generator
            Not used.

        Returns
        -------
        (N, components) float64 array
            Values, 0 to 1; of a direction -1 to 1.

        Raises
        ------
        ValueError
            If the canvas is not 2D, or the image has other channels.
        InputError
            If the file cannot be read, or has changed.
        """
        if points.shape[1] != 2:
            raise ValueError(f"an image field needs a 2D canvas, got {points.shape[1]} axes")
        image = self.image.read()
        if len(image) != {1: 1, 2: 3}.get(components):
            asked = "a gray image" if components == 1 else "a colour image, whose red and green are (y, x),"
            raise ValueError(f"{asked} is needed here, got {len(image)} channel(s) in {self.image.path}")
        pixel = np.floor(points / self.spacing).astype(np.int64)
        y, x = np.clip(pixel, 0, np.array(image.shape[1:]) - 1).T
        values = image[:components, y, x].T
        return values if components == 1 else 2 * values - 1
