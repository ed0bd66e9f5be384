"""Reading a data set: single samples, batches, and the numbers kept beside them."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import zarr
import zarrs  # noqa: F401 - registers its codec pipeline
from numpy.typing import NDArray
from zarr.core.sync import sync

from cellsim.datasets.layout import Location, Spec, array_of, open_group, read, shard_size, show
from cellsim.datasets.objects import Table, read_table, records_of
from cellsim.datasets.patches import check_shape, reflect, region_of
from cellsim.datasets.versions import Version, find_version
from cellsim.errors import InputError, StoreError
from cellsim.sample import Image, Labels, Records, Sample

if TYPE_CHECKING:
    from cellsim.datasets.torch import PatchDataset, TorchDataset

# Shards are decoded in Rust, three times as fast (docs/decisions/0008); stores it does not know fall back. Chosen where
# a data set is opened, so that the user's own Zarr arrays are left as they are.
CODECS = {"codec_pipeline.path": "zarrs.ZarrsCodecPipeline"}
TABLES = 256  # tables of objects kept in memory


class Dataset(Sequence[Sample]):
    """A version of a data set, open for reading.

    Parameters
    ----------
    location : str, Path or zarr store
        A local path, a URL that fsspec knows, or a store.
    version : str, optional
        Name of the version; the newest if None.
    threads : int, optional
        That decode the chunks of a large sample; one a core if None. A forked process must have 1: it hangs if it
        waits for threads of its parent.

    Attributes
    ----------
    spec : Spec
        Shape, spacing, structures, channels, recipe ...
    version : Version
        Name, number of samples and content digest.

    Raises
    ------
    StoreError
        If there is no data set, or no such version.

    Examples
    --------
    >>> import cellsim
    >>> made = cellsim.make("epidermis", 2, "epidermis.zarr", workers=1)
    >>> dataset = cellsim.open_dataset("epidermis.zarr")
    >>> dataset[0].image.shape
    (1, 256, 256)
    """

    def __init__(self, location: Location, version: str | None = None, threads: int | None = None) -> None:
        self.location = location
        self.group = open_group(location)
        self.spec = Spec.of(self.group)
        self.version: Version = find_version(location, self.group, version)
        names = ("labels", "image") if self.spec.channels else ("labels",)
        with zarr.config.set({**CODECS, "threading.max_workers": threads}):
            self._arrays: dict[str, Any] = {name: array_of(self.group, name).async_array for name in names}
        self._shard = shard_size(self.group)
        self._tables: OrderedDict[int, Table] = OrderedDict()

    def __len__(self) -> int:
        return self.version.samples

    def __repr__(self) -> str:
        return f"<{show(self.location)} {self.version.name}: {len(self)} samples of '{self.spec.name}'>"

    def __getitem__(self, index: int) -> Sample:  # type: ignore[override]
        """Read one sample.

        Parameters
        ----------
        index : int
            From -len to len - 1.

        Returns
        -------
        Sample
            `image` is float32 in [0, 1].

        Raises
        ------
        IndexError
            If there is no such sample.
        StoreError
            If its bytes are damaged.
        """
        return self.batch([index])[0]

    def __iter__(self) -> Iterator[Sample]:
        for start in range(0, len(self), self._shard):
            yield from self.batch(range(start, min(start + self._shard, len(self))))

    def batch(self, indices: Sequence[int]) -> list[Sample]:
        """Read several samples at once, faster than one after the other.

        Parameters
        ----------
        indices : sequence of int
            In any order, from -len to len - 1.

        Returns
        -------
        list of Sample
            In the order of `indices`.

        Raises
        ------
        IndexError
            If there is no such sample.
        StoreError
            If bytes are damaged.
        """
        wanted = [self._position(index) for index in indices]
        raw = self.raw(wanted)
        images = raw.get("image", [None] * len(wanted))
        return [
            Sample(labels, self.spec.spacing, as_intensity(image), self.objects(i), self.spec.structures)
            for i, labels, image in zip(wanted, raw["labels"], images, strict=True)
        ]

    def labels(self, indices: Sequence[int]) -> Iterator[Labels]:
        """Read the labels of samples, without their images.

        Parameters
        ----------
        indices : sequence of int
            From 0 to len - 1.

        Yields
        ------
        (S, [Z,] Y, X) uint16 array
            In the order of `indices`.

        Raises
        ------
        StoreError
            If bytes are damaged.
        """
        for start in range(0, len(indices), self._shard):
            yield from self.raw(indices[start : start + self._shard], ["labels"])["labels"]

    def raw(self, indices: Sequence[int], names: Sequence[str] | None = None) -> dict[str, list[NDArray[Any]]]:
        """Read labels and images as they are stored.

        Parameters
        ----------
        indices : sequence of int
            From 0 to len - 1.
        names : sequence of str, optional
            "labels" or "image"; all there are if None.

        Returns
        -------
        dict of str to list of arrays
            "labels": (S, [Z,] Y, X) uint16; "image": (C, [Z,] Y, X) uint8 or uint16, if there are images.

        Raises
        ------
        StoreError
            If bytes are damaged.
        """
        return self._read(indices, [(int(i),) for i in indices], list(self._arrays) if names is None else names)

    def patch(self, index: int, corner: Sequence[int], shape: Sequence[int]) -> Sample:
        """Read a part of a sample; of large volumes, only the chunks that it touches.

        Parameters
        ----------
        index : int
            From -len to len - 1.
        corner : (D,) ints
            First pixel of the patch, ([z,] y, x).
        shape : (D,) ints
            Of the patch in pixels. Along an axis where it is larger than the canvas, the patch must cover it (the
            corner is at most 0) and is padded by reflection.

        Returns
        -------
        Sample
            Objects keep the ids that they have in the whole sample, so there may be holes in them; `objects` are the
            records of the whole sample, row i of the object with id i + 1.

        Raises
        ------
        IndexError
            If there is no such sample.
        InputError
            If the patch leaves the canvas, or has another number of axes.
        StoreError
            If bytes are damaged.
        """
        position = self._position(index)
        raw = self.raw_patches([position], [corner], shape)
        image = as_intensity(raw["image"][0]) if "image" in raw else None
        return Sample(raw["labels"][0], self.spec.spacing, image, self.objects(position), self.spec.structures)

    def raw_patches(
        self, indices: Sequence[int], corners: Sequence[Sequence[int]], shape: Sequence[int]
    ) -> dict[str, list[NDArray[Any]]]:
        """Read patches of one shape at once, as they are stored.

        Parameters
        ----------
        indices : sequence of int
            Of samples, from 0 to len - 1.
        corners : sequence of (D,) ints
            First pixel of each patch, as in `patch`.
        shape : (D,) ints
            Of all patches in pixels.

        Returns
        -------
        dict of str to list of arrays
            As from `raw`.

        Raises
        ------
        InputError
            If a patch leaves the canvas, or has another number of axes.
        StoreError
            If bytes are damaged.
        """
        shape = check_shape(shape, self.spec.shape)
        regions = [region_of(corner, shape, self.spec.shape) for corner in corners]
        parts = [(int(i), slice(None), *region) for i, region in zip(indices, regions, strict=True)]
        found = self._read(indices, parts, list(self._arrays))
        return {
            name: [reflect(array, corner, shape) for array, corner in zip(arrays, corners, strict=True)]
            for name, arrays in found.items()
        }

    def _read(
        self, indices: Sequence[int], parts: Sequence[tuple[Any, ...]], names: Sequence[str]
    ) -> dict[str, list[NDArray[Any]]]:
        try:
            found = sync(self._gather(parts, names))
        except (OSError, ValueError, RuntimeError, KeyError, TypeError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise StoreError(
                f"{show(self.location)}: samples {min(indices)} to {max(indices)} cannot be read ({reason}): "
                "`cellsim verify` finds what is damaged, `cellsim verify --repair` makes it again"
            ) from error
        n = len(parts)
        return {name: found[k * n : (k + 1) * n] for k, name in enumerate(names)}

    async def _gather(self, parts: Sequence[tuple[Any, ...]], names: Sequence[str]) -> list[NDArray[Any]]:
        reads = [self._arrays[name].getitem(part) for name in names for part in parts]
        return list(await asyncio.gather(*reads))

    def _position(self, index: int) -> int:
        if not -len(self) <= index < len(self):
            raise IndexError(f"sample index must be from {-len(self)} to {len(self) - 1}, got {index}")
        return int(index) % len(self)

    def objects(self, index: int) -> Records:
        """Read the records of the objects of a sample.

        Parameters
        ----------
        index : int
            From -len to len - 1.

        Returns
        -------
        mapping of str to (N, K) float32 arrays
            Row i belongs to the object with id i + 1; empty if the samples have no records.
        """
        shard, within = divmod(self._position(index), self._shard)
        if shard not in self._tables:
            self._tables[shard] = read_table(self.group, shard)
            if len(self._tables) > TABLES:
                self._tables.popitem(last=False)
        return records_of(self._tables[shard], within)

    @property
    def drawn(self) -> dict[str, NDArray[np.float64]]:
        """Numbers kept for each sample, (N,) float64 each: "objects", "cover", and what the recipe drew."""
        array = array_of(self.group, "drawn")
        table = read(self.group, "drawn", slice(len(self)))
        columns: list[str] = list(array.attrs["columns"])  # type: ignore[arg-type]
        return {name: table[:, k] for k, name in enumerate(columns)}

    @property
    def recipe(self) -> dict[str, Any]:
        """The resolved recipe, as plain values.

        Raises
        ------
        InputError
            If the samples were ingested, not made.
        """
        if self.spec.recipe is None:
            raise InputError(f"{show(self.location)} was ingested from images: it has no recipe")
        return self.spec.recipe

    def torch(self) -> TorchDataset:
        """Return a map-style dataset for PyTorch's DataLoader, safe under fork and spawn.

        Returns
        -------
        TorchDataset
            Items are dicts of tensors: "labels" (S, ...) int64 and "image" (C, ...) float32.

        Raises
        ------
        ModuleNotFoundError
            If PyTorch is not installed.
        """
        from cellsim.datasets.torch import TorchDataset

        return TorchDataset(self.location, self.version.name)

    def torch_patches(self, shape: Sequence[int], *, per_sample: int = 1, seed: int = 0) -> PatchDataset:
        """Return the same of random patches, padded by reflection along axes where a sample is smaller.

        Parameters
        ----------
        shape : (D,) ints
            Of a patch in pixels, ([z,] y, x).
        per_sample : int
            Patches of each sample in an epoch.
        seed : int
            Of the places, >= 0.

        Returns
        -------
        PatchDataset
            Items as those of `torch`; its `set_epoch` draws other places.

        Raises
        ------
        InputError
            If patches of that shape cannot be cut.
        ModuleNotFoundError
            If PyTorch is not installed.
        """
        from cellsim.datasets.torch import PatchDataset

        return PatchDataset(self.location, self.version.name, shape, per_sample=per_sample, seed=seed)


def as_intensity(stored: NDArray[np.unsignedinteger[Any]] | None) -> Image | None:
    """Turn grey levels back into intensities in [0, 1].

    Parameters
    ----------
    stored : (...) uint8 or uint16 array or None
        As on disk.

    Returns
    -------
    (...) float32 array or None
        ``stored / top`` with `top` 255 or 65535.
    """
    if stored is None:
        return None
    return stored.astype(np.float32) / np.float32(np.iinfo(stored.dtype).max)


def open_dataset(location: Location, version: str | None = None) -> Dataset:
    """Open a data set for reading.

    Parameters
    ----------
    location : str, Path or zarr store
        A local path, a URL that fsspec knows (``s3://bucket/set.zarr``), or a store.
    version : str, optional
        Name of the version, such as "v1"; the newest if None.

    Returns
    -------
    Dataset
        A sequence of `Sample`.

    Raises
    ------
    StoreError
        If there is no data set, or no such version.
    """
    return Dataset(location, version)
