"""WebDataset: tar files of some samples each, read one after the other without a list."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from cellsim.datasets.export.base import Contents, Entry, Format, Item, Pixels
from cellsim.datasets.export.folder import Folder
from cellsim.datasets.export.found import plane_of
from cellsim.datasets.ingest.annotations import Hash, Objects
from cellsim.datasets.ingest.pairs import Pair
from cellsim.datasets.ingest.pictures import checked_labels
from cellsim.errors import InputError

FIELDS = ("image.npy", "labels.npy", "json")


class WebDataset(Format):
    """Shards such as ``train-000000.tar`` of 64 samples, each ``000000.image.npy``, ``.labels.npy`` and ``.json``.

    Arrays are stored as NumPy writes them, (C, [Z,] Y, X) and (S, [Z,] Y, X), for the decoders of pictures make 8
    bits of any. The JSON has spacing, names of channels and structures, and the numbers of the sample. A shard is
    named by its first sample.
    """

    name: ClassVar[str] = "webdataset"
    labels_alone: ClassVar[bool] = True
    every_structure: ClassVar[bool] = True
    samples_a_unit: ClassVar[int] = 64

    def files(self, entries: Sequence[Entry], contents: Contents) -> list[str]:
        """Name the shard of some samples.

        Parameters
        ----------
        entries : sequence of Entry
            Of one part.
        contents : Contents
            Of the export.

        Returns
        -------
        list of str
            One tar file.
        """
        return [f"{entries[0].part or 'train'}-{entries[0].name}.tar"]

    def write(self, items: Sequence[Item], contents: Contents, folder: Folder) -> None:
        """Write a shard.

        Parameters
        ----------
        items : sequence of Item
            Of one part.
        contents : Contents
            Of the export.
        folder : Folder
            The output.
        """
        with (
            folder.replacing(self.files(items, contents)[0]) as path,
            tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar,
        ):
            for item in items:
                known = {
                    "spacing": contents.spacing,
                    "channels": contents.channels,
                    "structures": contents.structures,
                    **item.facts,
                }
                arrays = {"image.npy": item.image, "labels.npy": item.labels}
                for ending, array in arrays.items():
                    if array is not None:
                        _add(tar, f"{item.name}.{ending}", _npy(array))
                _add(tar, f"{item.name}.json", json.dumps(known, ensure_ascii=False).encode())

    def pairs(self, source: Path, structure: str | None) -> list[Pair]:
        """Find the samples in all shards.

        Parameters
        ----------
        source : Path
            A folder of tar files.
        structure : str or None
            Which label plane; None for the first.

        Returns
        -------
        list of Pair
            In the order of the shards.

        Raises
        ------
        InputError
            If there is none, or a sample lacks an array.
        """
        found = []
        for path in sorted(source.glob("*.tar")):
            for key, members in _samples(path).items():
                if lacking := [field for field in FIELDS if field not in members]:
                    raise InputError(f"{path}: the sample '{key}' lacks {key}.{lacking[0]}")
                at = {field: members[field] for field in FIELDS}
                part = path.stem.rpartition("-")[0]
                found.append(Pair(f"{part}/{key}", path / key, TarLabels(path, at, structure), TarImage(path, at)))
        if not found:
            raise InputError(f"{source} holds no tar files")
        return found


def _npy(array: NDArray[Any]) -> bytes:
    written = BytesIO()
    np.save(written, np.ascontiguousarray(array), allow_pickle=False)
    return written.getvalue()


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    tar.addfile(member, BytesIO(content))


Place = tuple[int, int]  # of a file in a tar file: its first byte, and how many


def _samples(path: Path) -> dict[str, dict[str, Place]]:
    found: dict[str, dict[str, Place]] = {}
    try:
        with tarfile.open(path, "r:") as tar:
            for member in tar:
                key, _, field = member.name.partition(".")
                found.setdefault(key, {})[field] = (member.offset_data, member.size)
    except (tarfile.TarError, OSError) as error:
        raise InputError(f"{path} cannot be read as a tar file: {error}") from None
    return found


def _content(path: Path, place: Place) -> bytes:
    with path.open("rb") as file:
        file.seek(place[0])
        return file.read(place[1])


def _array(path: Path, place: Place, seen: Hash) -> NDArray[Any]:
    content = _content(path, place)
    seen.update(content)
    try:
        found: NDArray[Any] = np.load(BytesIO(content), allow_pickle=False)
    except ValueError as error:
        raise InputError(f"{path} holds a damaged array: {error}") from None
    return found


@dataclass(frozen=True)
class TarImage:
    """The image of a sample in a shard.

    Parameters
    ----------
    path : Path
        Of the tar file.
    places : mapping of str to (int, int)
        Where the files of the sample lie in it.
    """

    path: Path
    places: Mapping[str, Place]

    def read(self, ndim: int, seen: Hash) -> Pixels:
        """Read the image.

        Parameters
        ----------
        ndim : int
            2 for images, 3 for volumes.
        seen : Hash
            Takes in the content.

        Returns
        -------
        (C, [Z,] Y, X) uint8 or uint16 array
            As stored.

        Raises
        ------
        InputError
            If it is damaged, or of another type or number of axes.
        """
        image = _array(self.path, self.places["image.npy"], seen)
        if image.dtype not in (np.uint8, np.uint16) or image.ndim != ndim + 1:
            raise InputError(
                f"{self.path}: images must be uint8 or uint16 with {ndim + 1} axes, got {image.dtype} of {image.shape}"
            )
        return image

    def known(self) -> dict[str, Any]:
        """Return the JSON of the sample.

        Returns
        -------
        dict
            Spacing, names, numbers.

        Raises
        ------
        InputError
            If it is damaged.
        """
        try:
            found = json.loads(_content(self.path, self.places["json"]))
        except ValueError as error:
            raise InputError(f"{self.path} holds damaged JSON: {error}") from None
        if not isinstance(found, dict):
            raise InputError(f"{self.path}: the JSON of a sample must be an object, got {type(found).__name__}")
        return found

    def spacing(self) -> tuple[float, ...] | None:
        """Return the size of a pixel.

        Returns
        -------
        ([z,] y, x) in µm or None
            None if it is not said.
        """
        sizes = self.known().get("spacing")
        try:
            return None if sizes is None else tuple(map(float, sizes))
        except (TypeError, ValueError):
            raise InputError(f"{self.path}: the spacing of a sample must be numbers, got {sizes!r}") from None


@dataclass(frozen=True)
class TarLabels:
    """The labels of a sample in a shard.

    Parameters
    ----------
    path : Path
        Of the tar file.
    places : mapping of str to (int, int)
        Where the files of the sample lie in it.
    structure : str or None
        Which plane; None for the first.
    """

    path: Path
    places: Mapping[str, Place]
    structure: str | None
    separate: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.path)

    def read(self, shape: tuple[int, ...], seen: Hash) -> Objects:
        """Read the labels.

        Parameters
        ----------
        shape : (D,) ints
            Of the image in pixels.
        seen : Hash
            Takes in the content.

        Returns
        -------
        ([Z,] Y, X) integer array
            0 is background.

        Raises
        ------
        InputError
            If they are damaged, or do not fit the image.
        """
        planes = _array(self.path, self.places["labels.npy"], seen)
        names = TarImage(self.path, self.places).known().get("structures", ["labels"])
        which = names.index(plane_of(self.structure, names, self.path))
        return checked_labels(self.path, planes[which : which + 1], shape)
