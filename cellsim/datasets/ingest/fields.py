"""A field of view: an image with its objects, read whole."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellsim.datasets.ingest.annotations import Objects
from cellsim.datasets.ingest.images import read_bytes, read_image
from cellsim.datasets.ingest.pairs import Pair


@dataclass(frozen=True, eq=False)
class Field:
    """An image with its objects.

    Parameters
    ----------
    image : (C, [Z,] Y, X) uint8 or uint16 array
        C is any number, but 1 or 3 where a 2D image is one plain file.
    labels : ([Z,] Y, X) integer array
        0 is background; ids may have holes.
    digest : str
        SHA-256 of the content of the files, in hexadecimal.
    """

    image: NDArray[np.unsignedinteger[Any]]
    labels: Objects
    digest: str

    @property
    def coloured(self) -> bool:
        """Whether its channels differ."""
        return bool((self.image != self.image[:1]).any())


def read_field(pair: Pair, ndim: int = 2) -> Field:
    """Read an image and its annotation, each file once.

    Parameters
    ----------
    pair : Pair
        What to read.
    ndim : int
        2 for images, 3 for volumes.

    Returns
    -------
    Field
        In memory.

    Raises
    ------
    InputError
        If a file is damaged, of a kind that is not allowed, or does not fit the other.
    """
    if pair.picture is None:
        content = read_bytes(pair.image)
        image = read_image(pair.image, content, ndim)
        seen = sha256(sha256(content).digest())
    else:
        seen = sha256()
        image = pair.picture.read(ndim, seen)
    labels = pair.annotation.read(image.shape[1:], seen)
    return Field(image, labels, seen.hexdigest())
