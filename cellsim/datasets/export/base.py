"""What a format is: how a sample becomes files, and how files become a sample again."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from cellsim.datasets.export.folder import Folder
from cellsim.datasets.ingest.pairs import Pair
from cellsim.errors import InputError
from cellsim.sample import Labels

Pixels = NDArray[Any]  # (C, [Z,] Y, X) uint8, uint16 or float32


@dataclass(frozen=True)
class Entry:
    """A sample as it is listed.

    Parameters
    ----------
    name : str
        Of its files, such as "000012": its index in the data set.
    part : str
        "train", "val" or "test"; "" if the set is not split.
    facts : mapping of str to float, str or None
        Its parent, and the numbers kept beside it; None for one that it lacks.
    """

    name: str
    part: str
    facts: Mapping[str, float | str | None] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Item(Entry):
    """A sample with its pixels.

    Parameters
    ----------
    labels : (S, [Z,] Y, X) uint16 array
        A plane for each structure.
    image : (C, [Z,] Y, X) array or None
        As it is stored (uint8 or uint16), or float32 in [0, 1].
    """

    labels: Labels = field(kw_only=True)
    image: Pixels | None = field(kw_only=True)

    @property
    def pixels(self) -> Pixels:
        """The image, where a format has checked that there is one."""
        if self.image is None:
            raise InputError(f"sample {self.name} has no image")
        return self.image


@dataclass(frozen=True)
class Contents:
    """What all samples of an export have in common.

    Parameters
    ----------
    name : str
        Of the data set.
    shape : (D,) ints
        In pixels, ([z,] y, x).
    spacing : (D,) floats
        Size of a pixel in µm.
    structures, channels : tuple of str
        Names of label planes and of channels.
    dtype : str
        "uint8", "uint16" or "float32"; of the images.
    digest : str
        Of the content of the version.
    entries : sequence of Entry
        All samples, in the order of the data set.
    """

    name: str
    shape: tuple[int, ...]
    spacing: tuple[float, ...]
    structures: tuple[str, ...]
    channels: tuple[str, ...]
    dtype: str
    digest: str
    entries: Sequence[Entry] = ()

    @property
    def parts(self) -> dict[str, list[Entry]]:
        """The samples of each part, in order; parts without samples are left out."""
        found: dict[str, list[Entry]] = {}
        for name in dict.fromkeys(["", "train", "val", "test"]):
            if listed := [entry for entry in self.entries if entry.part == name]:
                found[name] = listed
        return found


class Format(ABC):
    """A layout of files that other programs read.

    Attributes
    ----------
    name : str
        As on the command line.
    volumes, floats, labels_alone : bool
        Whether it can hold volumes, images of float32, and sets without images.
    every_structure : bool
        Whether it holds all label planes; else the one that was asked for, or the first.
    samples_a_unit : int
        Samples that are written together, whole or not at all.
    """

    name: ClassVar[str]
    volumes: ClassVar[bool] = True
    floats: ClassVar[bool] = True
    labels_alone: ClassVar[bool] = False
    every_structure: ClassVar[bool] = False
    samples_a_unit: ClassVar[int] = 1

    def check(self, contents: Contents) -> None:
        """Refuse what the format cannot hold.

        Parameters
        ----------
        contents : Contents
            Of the export.

        Raises
        ------
        InputError
            If it cannot be written.
        """
        if len(contents.shape) == 3 and not self.volumes:
            raise InputError(f"{self.name} holds 2D images, '{contents.name}' has volumes: {VOLUMES}")
        if contents.dtype == "float32" and not self.floats:
            raise InputError(f"{self.name} holds images of 8 or 16 bits, not float32: leave out --float")
        if not contents.channels and not self.labels_alone:
            raise InputError(f"{self.name} needs images, '{contents.name}' has labels only: export it as tiff")

    @abstractmethod
    def files(self, entries: Sequence[Entry], contents: Contents) -> list[str]:
        """Name the files of one unit, relative to the output.

        Parameters
        ----------
        entries : sequence of Entry
            The samples of the unit, all of one part.
        contents : Contents
            Of the export.

        Returns
        -------
        list of str
            A unit is finished if all of them are there.
        """

    @abstractmethod
    def write(self, items: Sequence[Item], contents: Contents, folder: Folder) -> None:
        """Write one unit; called from several threads at once.

        Parameters
        ----------
        items : sequence of Item
            The samples of the unit.
        contents : Contents
            Of the export.
        folder : Folder
            The output.
        """

    def finish(self, contents: Contents, folder: Folder) -> None:  # noqa: B027 - most formats list nothing
        """Write what lists the samples, when all of them are there.

        Parameters
        ----------
        contents : Contents
            Of the export.
        folder : Folder
            The output.
        """

    @abstractmethod
    def pairs(self, source: Path, structure: str | None) -> list[Pair]:
        """Find images and their objects; nothing large is read yet.

        Parameters
        ----------
        source : Path
            A folder in this format, written by cellsim or not.
        structure : str or None
            Which label plane; None for the first.

        Returns
        -------
        list of Pair
            In the order of the samples.

        Raises
        ------
        InputError
            If it is no such folder.
        """


VOLUMES = "export volumes as tiff, ome-zarr, cellpose, stardist, nnunet or webdataset"


def under(part: str, *names: str) -> str:
    """Join names to a path below the folder of a part.

    Parameters
    ----------
    part : str
        May be "".
    names : str
        Of folders and the file.

    Returns
    -------
    str
        Relative to the output, with forward slashes.
    """
    return "/".join(name for name in (part, *names) if name)


def is_colour(channels: Sequence[str], dtype: str | np.dtype[Any]) -> bool:
    """Say whether channels are the colours of a picture, rather than stains.

    Parameters
    ----------
    channels : sequence of str
        Their names.
    dtype : dtype
        Of the image.

    Returns
    -------
    bool
        True for red, green and blue of 8 or 16 bits.
    """
    return tuple(channels) == ("red", "green", "blue") and np.dtype(dtype).kind == "u"
