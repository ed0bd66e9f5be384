"""The objects of one image: a label image, or one mask file an object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from cellsim.datasets.ingest.images import by, read_bytes, read_mask
from cellsim.errors import InputError

Objects = NDArray[np.integer[Any]]  # a label image as it came: ids may have holes
Pixels = NDArray[np.intp]  # of one object, as indices into the flat image


class Hash(Protocol):
    """What takes in the content of files."""

    def update(self, content: bytes, /) -> None:
        """Take in bytes.

        Parameters
        ----------
        content : bytes
            Of a file.
        """


class Annotation(Protocol):
    """Where the objects of one image are found."""

    separate: ClassVar[bool]  # whether the layout itself tells objects apart

    def read(self, shape: tuple[int, ...], seen: Hash) -> Objects:
        """Read the objects.

        Parameters
        ----------
        shape : (D,) ints
            Of the image in pixels.
        seen : Hash
            Takes in the content that was read.

        Returns
        -------
        ([Z,] Y, X) integer array
            0 is background; ids may have holes.

        Raises
        ------
        InputError
            If it cannot be read or does not fit the image.
        """


@dataclass(frozen=True)
class LabelImage:
    """A file whose pixel values are the ids of objects.

    Parameters
    ----------
    path : Path
        Of a PNG, TIFF or HDF5 file.
    """

    path: Path
    separate: ClassVar[bool] = False

    def __str__(self) -> str:
        return str(self.path)

    def read(self, shape: tuple[int, ...], seen: Hash) -> Objects:
        """Read the label image.

        Parameters
        ----------
        shape : (D,) ints
            Of the image in pixels.
        seen : Hash
            Takes in the content of the file.

        Returns
        -------
        ([Z,] Y, X) integer array
            0 is background; ids may have holes.

        Raises
        ------
        InputError
            If the file is damaged, has another size, or holds no integer labels >= 0.
        """
        labels = _read_sized(self.path, shape, seen)
        if labels.dtype == np.bool_:
            raise InputError(f"{self.path}: label images must be integers (one value an object), got bool")
        if labels.min(initial=0) < 0:
            raise InputError(f"{self.path}: labels must be >= 0, got {labels.min()}")
        return labels


@dataclass(frozen=True)
class ObjectMasks:
    """A folder of binary masks, one file an object, as in the Data Science Bowl 2018.

    Parameters
    ----------
    folder : Path
        Of the files.
    paths : tuple of Path
        PNG or TIFF files in a fixed order; the k-th is the object k + 1.
    """

    folder: Path
    paths: tuple[Path, ...]
    separate: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.folder)

    def read(self, shape: tuple[int, ...], seen: Hash) -> Objects:
        """Read the masks and paint them into one image; where they overlap the smaller one lies on top.

        Parameters
        ----------
        shape : (D,) ints
            Of the image in pixels.
        seen : Hash
            Takes in the content of the files.

        Returns
        -------
        ([Z,] Y, X) int32 array
            0 is background; a mask without a pixel leaves a hole in the ids.

        Raises
        ------
        InputError
            If a file is damaged, has another size, or more than one value besides 0.
        """
        return paint([self._pixels(path, shape, seen) for path in self.paths], shape)

    def _pixels(self, path: Path, shape: tuple[int, ...], seen: Hash) -> Pixels:
        mask = _read_sized(path, shape, seen)
        pixels = np.flatnonzero(mask)
        values = np.unique(mask.ravel()[pixels])
        if len(values) > 1:
            raise InputError(f"{path}: the mask of one object must have one value besides 0, got {len(values)}")
        return pixels


def _read_sized(path: Path, shape: tuple[int, ...], seen: Hash) -> NDArray[Any]:
    content = read_bytes(path)
    seen.update(sha256(content).digest())
    mask = read_mask(path, content, len(shape))
    if mask.shape != shape:
        raise InputError(f"{path}: a mask must be as large as its image, {by(shape)} px, got {by(mask.shape)} px")
    return mask


def paint(objects: Sequence[Pixels], shape: tuple[int, ...]) -> NDArray[np.int32]:
    """Paint objects into one label image, large ones first, so that a small one is never hidden by a larger one.

    Parameters
    ----------
    objects : sequence of (M,) integer arrays
        Pixels of each object, as indices into the flat image.
    shape : (D,) ints
        Of the image in pixels.

    Returns
    -------
    ([Z,] Y, X) int32 array
        Id k + 1 for ``objects[k]``.
    """
    labels = np.zeros(shape, np.int32)
    for k in sorted(range(len(objects)), key=lambda k: -len(objects[k])):
        labels.ravel()[objects[k]] = k + 1
    return labels
