"""Writing samples: by parts of one shard, in any order, whole or not at all."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray
from zarr.codecs import ZstdCodec
from zarr.core.sync import sync

from cellsim.datasets.chunks import SHARD
from cellsim.datasets.layout import (
    Location,
    Spec,
    array_of,
    content_digest,
    create_arrays,
    exists,
    object_columns,
    open_group,
    quantise,
    read,
    shard_size,
    show,
)
from cellsim.errors import StoreError
from cellsim.sample import Records, Sample

Drawn = Mapping[str, float]

# a shard's chunks are encoded together and none is looked at for being empty: twice as fast for small samples
WHOLE_SHARDS = {"codec_pipeline.batch_size": SHARD, "array.write_empty_chunks": True}


@dataclass(frozen=True)
class Part:
    """Samples of one shard that are still to be made.

    Parameters
    ----------
    start, stop : int
        Range of sample indices.
    """

    start: int
    stop: int


@contextmanager
def telling(location: Location, doing: str) -> Iterator[None]:
    """Turn an error of the file system, or of a damaged file, into one line that says what to do.

    Parameters
    ----------
    location : str, Path or zarr store
        Of the data set.
    doing : str
        What was under way, such as "writing samples 0-63".

    Yields
    ------
    None
        The block in which errors are caught.

    Raises
    ------
    StoreError
        For any OSError that is not one of ours, and whatever codecs raise on damaged bytes.
    """
    try:
        yield
    except StoreError:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        advice = "free some space, then " if error.errno in (errno.ENOSPC, errno.EDQUOT) else ""
        raise StoreError(
            f"{doing} of {show(location)} failed: {reason}; {advice}run the same command again, "
            "what is finished is kept"
        ) from error
    except (ValueError, RuntimeError, KeyError) as error:
        where = show(location)
        raise StoreError(
            f"{doing} of {where} failed, what is there is damaged ({error}): `cellsim verify --repair` mends it"
        ) from error


def create(location: Location, spec: Spec, n: int) -> zarr.Group:
    """Create a data set, or open the one that is there and make room for more samples.

    Parameters
    ----------
    location : str, Path or zarr store
        Where.
    spec : Spec
        What its samples have in common.
    n : int
        Number of samples that there should be room for.

    Returns
    -------
    zarr.Group
        Open for writing.

    Raises
    ------
    StoreError
        If the data set there holds samples of another source, or cannot be written.
    """
    with telling(location, "creation"):
        if not exists(location) or is_cut_off(location):
            group = begin(location, spec, n)
            group.attrs.update(spec.attributes())  # last, so that a half-created group is never taken for a set
            return group
        group = open_group(location, "r+")
        _check_same_source(location, Spec.of(group), spec)
        for name in ("labels", "image", "drawn", "digests"):
            if name in group and (array := array_of(group, name)).shape[0] < n:
                array.resize((n, *array.shape[1:]))
        return group


def is_cut_off(location: Location) -> bool:
    """Say whether what is there is a group without attributes, as a creation that was cut off leaves it.

    Parameters
    ----------
    location : str, Path or zarr store
        Of a Zarr group.

    Returns
    -------
    bool
        False for a data set, half made or not.
    """
    return not dict(zarr.open_group(location, mode="r").attrs)


def begin(location: Location, spec: Spec, n: int, pixels: bool = True) -> zarr.Group:
    """Create the empty arrays of a data set, where nothing is or a creation was cut off; the attributes come last.

    Parameters
    ----------
    location : str, Path or zarr store
        Where.
    spec : Spec
        What its samples have in common.
    n : int
        Number of samples to make room for.
    pixels : bool
        Whether there are labels and images; else they lie in other sets.

    Returns
    -------
    zarr.Group
        Open for writing, without attributes.

    Raises
    ------
    StoreError
        If arrays of something else are there.
    """
    if exists(location):
        group = zarr.open_group(location, mode="r+")
        foreign = set(group.keys()) - {"labels", "image", "drawn", "digests"}
        if foreign:
            raise StoreError(f"{show(location)} holds a Zarr group that is not a cellsim data set: {sorted(foreign)}")
        for name in list(group.keys()):
            del group[name]
    else:
        group = open_group(location, "w-")
    create_arrays(group, spec, n, pixels)
    return group


def _check_same_source(location: Location, there: Spec, new: Spec) -> None:
    if there.digest != new.digest:
        raise StoreError(
            f"{show(location)} holds samples of '{there.name}' (digest {there.digest[:12]}), not of '{new.name}' "
            f"(digest {new.digest[:12]}){_difference(there, new)}: choose another output, or delete it"
        )
    if (there.shape, there.channels, there.image) != (new.shape, new.channels, new.image):
        raise StoreError(f"{show(location)} has another layout than '{new.name}' although the digests agree")


def _difference(there: Spec, new: Spec) -> str:
    """Name the first values in which two recipes differ."""
    if there.recipe is None or new.recipe is None:
        return "" if there.recipe or new.recipe else ", ingested from other files or with other options"
    old, now = _leaves(there.recipe), _leaves(new.recipe)
    paths = [path for path in {**old, **now} if old.get(path) != now.get(path) and path != "name"]
    shown = [f"{path} {old.get(path, 'absent')} there, {now.get(path, 'absent')} here" for path in paths[:2]]
    return f", differing in {'; '.join(shown)}{' ...' if len(paths) > 2 else ''}" if paths else ""


def _leaves(values: Any, path: str = "") -> dict[str, Any]:
    if isinstance(values, dict | list) and values:
        items = values.items() if isinstance(values, dict) else enumerate(values)
        return {k: v for key, item in items for k, v in _leaves(item, f"{path}.{key}".lstrip(".")).items()}
    return {path: values}


def finished(group: zarr.Group) -> NDArray[np.bool_]:
    """Say which samples are finished.

    Parameters
    ----------
    group : zarr.Group
        Of a data set.

    Returns
    -------
    (N,) bool array
        True where the sample has a content digest.
    """
    return np.asarray(read(group, "digests").any(axis=1))


def missing(group: zarr.Group, n: int) -> list[Part]:
    """List what is still to be made of the first `n` samples.

    Parameters
    ----------
    group : zarr.Group
        Of a data set with room for `n`.
    n : int
        Number of samples wanted.

    Returns
    -------
    list of Part
        Each within one shard; no two share a shard.
    """
    done = finished(group)[:n]
    shard, parts = shard_size(group), []
    for start in range(0, n, shard):
        todo = np.flatnonzero(~done[start : start + shard])
        if len(todo):
            parts.append(Part(start + int(todo[0]), start + int(todo[-1]) + 1))
    return parts


def write(group: zarr.Group, location: Location, start: int, samples: Sequence[Sample], drawn: Sequence[Drawn]) -> None:
    """Write samples of one shard; their digests last, so that they count only when all is there.

    Parameters
    ----------
    group : zarr.Group
        Of the data set, open for writing.
    location : str, Path or zarr store
        The same, for messages.
    start : int
        Index of the first sample.
    samples : sequence of Sample
        Consecutive samples that end within the shard of the first.
    drawn : sequence of mapping
        For each sample, the numbers of the spec's `columns`.

    Raises
    ------
    ValueError
        If the samples reach beyond the shard.
    StoreError
        If other bytes are already there (a finished sample never changes), or writing fails.
    """
    stop, shard = start + len(samples), shard_size(group)
    if start // shard != (stop - 1) // shard:
        raise ValueError(f"samples {start} to {stop - 1} are not of one shard of {shard}")
    spec = Spec.of(group)
    levels = [quantise(sample.image, spec.image) for sample in samples if sample.image is not None]
    table = np.array([[s.count, s.cover, *(d[c] for c in spec.columns)] for s, d in zip(samples, drawn, strict=True)])
    digests = np.stack(
        [
            content_digest([sample.labels, *levels[i : i + 1], table[i], *sample.objects.values()])
            for i, sample in enumerate(samples)
        ]
    )
    with telling(location, f"writing samples {start} to {stop - 1}"), zarr.config.set(WHOLE_SHARDS):
        there = np.asarray(array_of(group, "digests")[start:stop])
        changed = there.any(axis=1) & (there != digests).any(axis=1)
        if changed.any():
            raise StoreError(
                f"sample {start + int(changed.argmax())} of {show(location)} is finished with other content: "
                "finished samples never change"
            )
        _write_objects(group, start, [sample.objects for sample in samples])
        array_of(group, "drawn")[start:stop] = table
        if spec.channels:
            array_of(group, "image")[start:stop] = np.stack(levels)
        array_of(group, "labels")[start:stop] = np.stack([sample.labels for sample in samples])
        array_of(group, "digests")[start:stop] = digests


def _write_objects(group: zarr.Group, start: int, records: Sequence[Records]) -> None:
    """Write the table of the shard's objects, keeping the rows of samples that were there before."""
    if not any(records):
        return
    columns, size = object_columns(records[0]), shard_size(group)
    blocks = []
    for i, objects in enumerate(records, start):
        rows = np.concatenate(list(objects.values()), axis=1)
        address = np.stack([np.full(len(rows), i % size), np.arange(1, len(rows) + 1)], axis=1)
        blocks.append(np.concatenate([address, rows], axis=1, dtype=np.float32))
    name = f"objects/{start // size}"
    if name in group:
        old = np.asarray(array_of(group, name)[:])
        offset = old[:, 0] + start // size * size
        blocks = [old[offset < start], *blocks, old[offset >= start + len(records)]]
    table = np.concatenate(blocks)
    array = group.create_array(
        name,
        shape=table.shape,
        chunks=(max(len(table), 1), table.shape[1]),
        dtype="float32",
        compressors=ZstdCodec(level=1),
        attributes={"columns": columns},
        overwrite=True,
    )
    array[:] = table


def clear_shard(group: zarr.Group, shard: int) -> None:
    """Delete the files of a shard's images, labels and objects; its digests stay.

    For the repair of damaged files, which cannot be read and therefore not be changed either.

    Parameters
    ----------
    group : zarr.Group
        Of the data set, open for writing.
    shard : int
        Index of the shard.
    """
    for name in ("labels", "image"):
        if name in group:
            array = array_of(group, name)
            key = array.metadata.encode_chunk_key((shard, *(0 for _ in array.shape[1:])))
            sync((array.store_path / key).delete())
    if f"objects/{shard}" in group:
        del group[f"objects/{shard}"]
