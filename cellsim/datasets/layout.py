"""The format on disk: which arrays there are, how they are cut, how a sample is named by its content.

set.zarr/
  zarr.json   attributes: format, name, recipe, digest, axes, spacing, structures, channels, versions
  image       (N, C, [Z,] Y, X)  uint8 or uint16; one chunk a sample, 64 samples a shard; large volumes as in `chunks`
  labels      (N, S, [Z,] Y, X)  uint16; likewise
  drawn       (N, K)  float64; a table of numbers a sample, `columns` in its attributes
  objects/k   (M, K)  float32; a table of the objects of shard k, `columns` in its attributes
  digests     (N, 16) uint8; content digest of each finished sample, zero where there is none; written last
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
import zarr
from numpy.typing import NDArray
from zarr.abc.store import Store
from zarr.codecs import ZstdCodec
from zarr.errors import GroupNotFoundError

from cellsim.datasets.chunks import chunk_shape, is_large, samples_a_shard
from cellsim.errors import InputError, StoreError
from cellsim.kernel import kernel
from cellsim.sample import Image

FORMAT = 2  # the newest that is read
PLAIN = 1  # of sets without curated versions, whose samples are their own
DIGEST = 16  # bytes

Location = str | Path | Store
Mode = Literal["r", "r+", "w-"]


@dataclass(frozen=True)
class Spec:
    """What every sample of a data set has in common, and where the samples come from.

    Parameters
    ----------
    name : str
        Of the recipe, or of what was ingested.
    digest : str
        Names the source by its content: samples with another digest are never mixed in.
    shape : (D,) ints
        Of the canvas in pixels, ([z,] y, x).
    spacing : (D,) floats
        Size of a pixel in µm.
    structures : tuple of str
        Names of the label planes.
    channels : tuple of str
        Names of the image channels; empty if there is no image.
    image : str
        Data type of the stored image, "uint8" or "uint16".
    columns : tuple of str
        Names of the numbers kept for each sample, besides "objects" and "cover".
    recipe : dict, optional
        The resolved recipe; None for ingested images.
    parents : tuple of str
        Names of the fields of view that the column "parent" counts; empty for synthetic samples.
    """

    name: str
    digest: str
    shape: tuple[int, ...]
    spacing: tuple[float, ...]
    structures: tuple[str, ...]
    channels: tuple[str, ...]
    image: str = "uint8"
    columns: tuple[str, ...] = ()
    recipe: dict[str, Any] | None = None
    parents: tuple[str, ...] = field(default=())

    @property
    def axes(self) -> tuple[str, ...]:
        """Names of the axes of `image` and `labels`."""
        return ("sample", "channel", "z", "y", "x")[:2] + ("z", "y", "x")[-len(self.shape) :]

    def attributes(self) -> dict[str, Any]:
        """Return what is written into the attributes of the group.

        Returns
        -------
        dict
            Plain JSON values.
        """
        from cellsim import __version__

        known = {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}
        made_by = {"format": {"cellsim": PLAIN}, "created_by": f"cellsim {__version__}"}
        return made_by | known | {"axes": list(self.axes), "versions": {}}

    @classmethod
    def of(cls, group: zarr.Group) -> Spec:
        """Read the spec back from a data set.

        Parameters
        ----------
        group : zarr.Group
            As `open_group` returns it.

        Returns
        -------
        Spec
            Equal to the one it was created with.
        """
        known = {key: group.attrs[key] for key in cls.__dataclass_fields__}
        return cls(**{key: tuple(value) if isinstance(value, list) else value for key, value in known.items()})  # type: ignore[arg-type]


def show(location: Location) -> str:
    """Return a location as people write it.

    Parameters
    ----------
    location : str, Path or zarr store
        Of a data set.

    Returns
    -------
    str
        A path or URL.
    """
    return str(location)


def _as_store(location: Location) -> str | Store:
    return location if isinstance(location, Store) else str(location)


def exists(location: Location) -> bool:
    """Say whether there is a Zarr group at a location.

    Parameters
    ----------
    location : str, Path or zarr store
        Of a data set.

    Returns
    -------
    bool
        True for any group, ours or not.
    """
    try:
        zarr.open_group(_as_store(location), mode="r")
    except (FileNotFoundError, GroupNotFoundError):
        return False
    return True


def open_group(location: Location, mode: Mode = "r") -> zarr.Group:
    """Open the group of a data set.

    Parameters
    ----------
    location : str, Path or zarr store
        A local path, a URL that fsspec knows (``s3://bucket/set.zarr``), or a store.
    mode : {"r", "r+", "w-"}
        Read, read and write, or create.

    Returns
    -------
    zarr.Group
        The root group.

    Raises
    ------
    StoreError
        If there is no data set, if it is not one of ours, or if it is of a newer format.
    """
    try:
        group = zarr.open_group(_as_store(location), mode=mode, zarr_format=3)
    except (FileNotFoundError, GroupNotFoundError) as error:
        if mode == "w-":
            raise StoreError(f"cannot create {show(location)}: {error}") from None
        raise StoreError(f"no data set at {show(location)}") from None
    except OSError as error:
        raise StoreError(f"cannot open {show(location)}: {error.strerror or error}") from None
    except ValueError as error:
        raise StoreError(f"cannot open {show(location)}: its zarr.json is damaged ({error})") from None
    if mode == "w-":
        return group
    found = group.attrs.get("format")
    if not isinstance(found, dict) or "cellsim" not in found:
        raise StoreError(f"{show(location)} is a Zarr group, but not a cellsim data set (no 'format' attribute)")
    if cast("int", found["cellsim"]) > FORMAT:
        raise StoreError(
            f"{show(location)} has format {found['cellsim']}; this cellsim reads up to {FORMAT}: update it"
        )
    return group


def array_of(group: zarr.Group, name: str) -> zarr.Array[Any]:
    """Return an array of a data set.

    Parameters
    ----------
    group : zarr.Group
        Of the data set.
    name : str
        Of the array.

    Returns
    -------
    zarr.Array
        Not read yet.

    Raises
    ------
    StoreError
        If the data set lacks it.
    """
    found = group.get(name)
    if not isinstance(found, zarr.Array):
        raise StoreError(f"{group.store_path} lacks the array '{name}': the data set is damaged")
    return found


def read(group: zarr.Group, name: str, region: slice = slice(None)) -> NDArray[Any]:
    """Read a range of the samples of an array.

    Parameters
    ----------
    group : zarr.Group
        Of the data set.
    name : str
        Of the array.
    region : slice
        Of samples; all if left out.

    Returns
    -------
    (n, ...) array
        As stored.

    Raises
    ------
    StoreError
        If the data set lacks the array, or its bytes are damaged.
    """
    array = array_of(group, name)
    try:
        return np.asarray(array[region])
    except (ValueError, RuntimeError, KeyError, TypeError) as error:
        raise StoreError(
            f"{array.store_path} is damaged ({type(error).__name__}: {error}): `cellsim verify` finds damaged samples, "
            "`cellsim verify --repair` makes them again; if it cannot, delete the damaged file and make the set again"
        ) from error


def shard_size(group: zarr.Group) -> int:
    """Say how many samples a shard has; it is the atomic unit of work, and the batch of neural steps.

    Parameters
    ----------
    group : zarr.Group
        Of a data set.

    Returns
    -------
    int
        As its arrays were created.

    Raises
    ------
    StoreError
        If the data set is damaged.
    """
    return array_of(group, "digests").chunks[0]


def create_arrays(group: zarr.Group, spec: Spec, n: int, pixels: bool = True) -> None:
    """Create the empty arrays of a data set.

    Parameters
    ----------
    group : zarr.Group
        Empty.
    spec : Spec
        Gives shapes and types.
    n : int
        Number of samples to make room for.
    pixels : bool
        Whether there are labels and images; else they lie in other sets.
    """
    stored = 2 * len(spec.structures) + len(spec.channels) * np.dtype(spec.image).itemsize
    shard, chunk = samples_a_shard(spec.shape, stored), chunk_shape(spec.shape)
    padded = [-(-n // edge) * edge for n, edge in zip(spec.shape, chunk, strict=True)]

    def dense(name: str, planes: int, dtype: str, level: int) -> None:
        group.create_array(
            name,
            shape=(n, planes, *spec.shape),
            chunks=(1, 1 if is_large(spec.shape) else planes, *chunk),
            shards=(shard, planes, *padded),
            dtype=dtype,
            compressors=ZstdCodec(level=level),
        )

    if pixels:
        dense("labels", len(spec.structures), "uint16", 3)
    if pixels and spec.channels:
        dense("image", len(spec.channels), spec.image, 1)
    columns = ["objects", "cover", *spec.columns]
    group.create_array(
        "drawn", shape=(n, len(columns)), chunks=(shard, len(columns)), dtype="float64", attributes={"columns": columns}
    )
    group.create_array("digests", shape=(n, DIGEST), chunks=(shard, DIGEST), dtype="uint8", compressors=None)


def quantise(image: Image, dtype: str) -> NDArray[np.unsignedinteger[Any]]:
    """Turn intensities in [0, 1] into grey levels; what lies outside is clipped.

    Parameters
    ----------
    image : (...) float32 array
        Intensities.
    dtype : {"uint8", "uint16"}
        Type of the grey levels.

    Returns
    -------
    (...) uint8 or uint16 array
        ``round(image * top)`` with `top` 255 or 65535.

    Raises
    ------
    InputError
        If a value is not finite.
    """
    levels = np.empty(image.shape, dtype)
    if not _quantise(image.ravel(), np.float32(np.iinfo(dtype).max), levels.reshape(-1)):
        raise InputError("an image has values that are not finite (nan or inf)")
    return levels


@kernel
def _quantise(image, top, levels):  # type: ignore[no-untyped-def]
    finite = True
    for i in range(image.size):
        finite &= np.isfinite(image[i])
        levels[i] = np.rint(min(max(image[i], np.float32(0)), np.float32(1)) * top)
    return finite


def content_digest(parts: Sequence[NDArray[Any]]) -> NDArray[np.uint8]:
    """Name a sample by its content.

    Parameters
    ----------
    parts : sequence of arrays
        Labels, image, records and numbers, as they are stored.

    Returns
    -------
    (16,) uint8 array
        BLAKE2b over types, shapes and little-endian bytes (faster than SHA-256 where that has no instruction of its
        own); never all zero but by a chance of 2^-128.
    """
    seen = hashlib.blake2b(digest_size=DIGEST)
    for part in parts:
        array = np.ascontiguousarray(part, part.dtype.newbyteorder("<"))
        seen.update(f"{array.dtype.str}{array.shape}".encode())
        seen.update(array.data)
    return np.frombuffer(seen.digest(), np.uint8)


def object_columns(objects: Mapping[str, NDArray[np.float32]]) -> list[str]:
    """Name the columns of a table of objects.

    Parameters
    ----------
    objects : mapping of str to (N, K) arrays
        The records of a sample.

    Returns
    -------
    list of str
        "sample", "id", then ``name.k`` for each column of each record.
    """
    return ["sample", "id", *(f"{name}.{k}" for name, rows in objects.items() for k in range(rows.shape[1]))]
