"""Samples as they are stored, wherever they lie: in the arrays of a set, as a selection of them, or in other sets."""

from __future__ import annotations

import asyncio
import os
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import zarr
import zarrs  # noqa: F401 - registers its codec pipeline
from numpy.typing import NDArray
from zarr.core.sync import sync

from cellsim.datasets.layout import Location, Spec, array_of, open_group, read, shard_size, show
from cellsim.datasets.objects import Table, read_table, records_of
from cellsim.datasets.patches import check_shape, reflect, region_of
from cellsim.datasets.versions import Version, find_version, is_by_reference, positions, verify_one, versions
from cellsim.errors import StoreError
from cellsim.sample import Records

# Shards are decoded in Rust, three times as fast (docs/decisions/0008); stores it does not know fall back. Chosen where
# a data set is opened, so that the user's own Zarr arrays are left as they are.
CODECS = {"codec_pipeline.path": "zarrs.ZarrsCodecPipeline"}
STEP = 16  # pixels; a look at a few tells that most samples are not all zero
TABLES = 256  # tables of objects kept in memory


class Stored:
    """The samples of a version as they are stored, named by their index in it.

    Parameters
    ----------
    location : str, Path or zarr store
        A local path, a URL that fsspec knows, or a store.
    version : str, optional
        Name of the version; the newest if None.
    threads : int, optional
        That decode the chunks of a large sample; one a core if None. A forked process must have 1: it hangs if it
        waits for threads of its parent.

    Raises
    ------
    StoreError
        If there is no data set, or no such version, or a set that it refers to is not what it was.
    """

    def __init__(self, location: Location, version: str | None = None, threads: int | None = None) -> None:
        self.location = location
        self.group = open_group(location)
        self.spec = Spec.of(self.group)
        self.version: Version = find_version(location, self.group, version)
        self._kept = positions(self.group, self.version)
        self._shard = shard_size(self.group)
        self._there: set[tuple[str, str]] = set()  # shards that were looked for
        self._tables: OrderedDict[int, Table] = OrderedDict()
        self._names = ["labels", "image"] if self.spec.channels else ["labels"]
        self._sources = self._open_sources(threads) if is_by_reference(self.group) else []
        self.arrays: dict[str, Any] = {}
        if self._sources:
            self._origins = read(self.group, "drawn")[:, [2, 3]].astype(np.int64)
            return
        codecs = {} if show(location).startswith("http") else CODECS  # zarrs 0.2.3 waits for ever on web servers
        with zarr.config.set({**codecs, "threading.max_workers": threads}):
            self.arrays = {name: array_of(self.group, name).async_array for name in self._names}

    def _open_sources(self, threads: int | None) -> list[Stored]:
        found = []
        for known in self.group.attrs["sources"]:  # type: ignore[union-attr]
            path, version, digest = (str(known[key]) for key in ("path", "version", "digest"))  # type: ignore[index, call-overload]
            where = path if "://" in path else Path(os.path.realpath(show(self.location))).parent / path
            source = Stored(where, version, threads)
            if source.version.digest != digest:
                raise StoreError(
                    f"{show(self.location)} refers to {where} {version}, which holds other samples (digest "
                    f"{source.version.digest[:12]}) than when they were mixed ({digest[:12]})"
                )
            found.append(source)
        return found

    def __len__(self) -> int:
        return self.version.samples

    @property
    def positions(self) -> NDArray[np.int64]:
        """Where the samples stand in the arrays of this set, (N,) int64: in a curated version, with gaps."""
        return np.arange(len(self)) if self._kept is None else self._kept

    @property
    def samples_before_curation(self) -> int:
        """How many samples the version has from which this one was curated, and that from which that was, and so on."""
        known = {version.name: version for version in versions(self.group)}
        first: Version | None = self.version
        while first is not None and first.of:
            first = known.get(first.of)  # a copy may lack it
        return array_of(self.group, "digests").shape[0] if first is None else first.samples

    def place(self, index: int) -> tuple[Stored, int]:
        """Say where the pixels of a sample lie.

        Parameters
        ----------
        index : int
            From 0 to len - 1.

        Returns
        -------
        stored : Stored
            The set that holds them: this one, or one that it refers to.
        position : int
            Of the sample in the arrays of that set.
        """
        position = int(index) if self._kept is None else int(self._kept[index])
        if not self._sources:
            return self, position
        source, of_source = self._origins[position]
        where: Stored = self._sources[source]
        return where.place(of_source)

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
        return self._read(indices, [()] * len(indices), self._names if names is None else names)

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
        found = self._read(indices, [(slice(None), *region) for region in regions], self._names)
        return {
            name: [reflect(array, corner, shape) for array, corner in zip(arrays, corners, strict=True)]
            for name, arrays in found.items()
        }

    def _read(
        self, indices: Sequence[int], parts: Sequence[tuple[Any, ...]], names: Sequence[str]
    ) -> dict[str, list[NDArray[Any]]]:
        try:
            if self._is_run(indices, parts):  # in one read, four times as fast
                found = [
                    part for n in names for part in sync(self.arrays[n].getitem(slice(indices[0], indices[-1] + 1)))
                ]
            else:
                found = sync(_gather([self.place(i) for i in indices], parts, names))
        except (OSError, ValueError, RuntimeError, KeyError, TypeError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise StoreError(
                f"{show(self.location)}: samples {min(indices)} to {max(indices)} cannot be read ({reason}): "
                "`cellsim verify` finds what is damaged, `cellsim verify --repair` makes it again"
            ) from error
        n = len(parts)
        for k, array in enumerate(found):
            if not array[..., ::STEP, ::STEP].any() and not array.any():
                stored, position = self.place(indices[k % n])
                stored.check_shard(names[k // n], position)
        return {name: found[k * n : (k + 1) * n] for k, name in enumerate(names)}

    def check_shard(self, name: str, position: int) -> None:
        """See that a sample is all zero because it was stored so: what is not there reads as zeros too.

        Parameters
        ----------
        name : str
            Of the array, "labels" or "image".
        position : int
            Of the sample in the arrays of this set.

        Raises
        ------
        StoreError
            If the file of its shard is lost.
        """
        array = self.arrays[name]
        key = array.metadata.encode_chunk_key((position // self._shard, *(0 for _ in array.shape[1:])))
        if (name, key) in self._there:
            return
        if not sync((array.store_path / key).exists()) and (problem := verify_one(self.group, position)):
            raise StoreError(
                f"{show(self.location)}: {name}/{key} is lost, and sample {position} {problem}: `cellsim verify` finds "
                "what is damaged, `cellsim verify --repair` makes it again"
            )
        self._there.add((name, key))

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
        stored, position = self.place(self._position(index))
        known = stored.records(position)
        if not self._sources:
            return known
        return {name: known[name] for name in cast("list[str]", self.group.attrs["records"]) if name in known}

    def records(self, position: int) -> Records:
        """Read the records of the objects of a sample that lies in this set.

        Parameters
        ----------
        position : int
            Of the sample in the arrays, as `place` says.

        Returns
        -------
        mapping of str to (N, K) float32 arrays
            As from `objects`.
        """
        shard, within = divmod(position, self._shard)
        if shard not in self._tables:
            self._tables[shard] = read_table(self.group, shard)
            if len(self._tables) > TABLES:
                self._tables.popitem(last=False)
        return records_of(self._tables[shard], within)

    @property
    def drawn(self) -> dict[str, NDArray[np.float64]]:
        """Numbers kept for each sample, (N,) float64 each: "objects", "cover", and what the recipe drew."""
        array = array_of(self.group, "drawn")
        table = read(self.group, "drawn", slice(len(self) if self._kept is None else None))
        table = table if self._kept is None else table[self._kept]
        columns: list[str] = list(array.attrs["columns"])  # type: ignore[arg-type]
        return {name: table[:, k] for k, name in enumerate(columns)}

    def _is_run(self, indices: Sequence[int], parts: Sequence[tuple[Any, ...]]) -> bool:
        """Say whether whole samples that follow each other in the arrays of this set are wanted."""
        if self._kept is not None or self._sources or len(indices) < 2 or any(parts):
            return False
        return indices[-1] < len(self) and list(indices) == list(range(indices[0], indices[0] + len(indices)))


async def _gather(
    places: Sequence[tuple[Stored, int]], parts: Sequence[tuple[Any, ...]], names: Sequence[str]
) -> list[NDArray[Any]]:
    reads = [
        stored.arrays[name].getitem((position, *part))
        for name in names
        for (stored, position), part in zip(places, parts, strict=True)
    ]
    return list(await asyncio.gather(*reads))
