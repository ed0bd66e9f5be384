"""The main job of this room: plan, write the missing shards, seal."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

import zarr
from zarr.abc.store import Store

from cellsim.datasets import versions, writer
from cellsim.datasets.ingest.options import IngestOptions
from cellsim.datasets.ingest.pairs import Pair, find_pairs
from cellsim.datasets.ingest.plan import Names, Plan, plan
from cellsim.datasets.layout import Location, read

Progress = Callable[[int, int], None]  # samples finished, samples wanted


@dataclass(frozen=True)
class Ingested:
    """What `ingest` did.

    Parameters
    ----------
    location : str, Path or zarr store
        Of the data set.
    version : Version
        The version that holds the samples.
    images : int
        Images read.
    tiles : int
        Tiles kept; with rotations there are four samples a tile.
    dropped : int
        Tiles left out, since they have too few objects.
    objects : int
        Objects in the version; those that lie in several tiles count in each.
    seconds : float
        Wall time of this run.
    """

    location: Location
    version: versions.Version
    images: int
    tiles: int
    dropped: int
    objects: int
    seconds: float


def ingest(
    images: str | Path,
    masks: str | Path,
    location: Location,
    *,
    options: IngestOptions | None = None,
    progress: Progress | None = None,
) -> Ingested:
    """Make a data set of real annotated images, or what is missing of it.

    All images are looked at before anything is written. Run again after a crash it makes the missing parts; run
    again on a finished set it does nothing; other options or other files are refused.

    Parameters
    ----------
    images : str or Path
        Folder of images: PNG, TIFF or HDF5, gray or RGB, 8 or 16 bits a channel, all alike; or of volumes, TIFF or
        HDF5, with any channels. ``folder::/raw`` names the array in every HDF5 file of a folder, ``file.h5::/raw``
        in one file.
    masks : str or Path
        Folder of label images of the same stems, or of folders of these names with one mask file an object; a COCO
        file (`.json`), whose crowds are skipped; or `images` again, for ``<id>/images`` and ``<id>/masks`` as in
        the Data Science Bowl 2018, or for a set in parts such as ``train/images`` and ``train/masks``.
    location : str, Path or zarr store
        Of the data set.
    options : IngestOptions, optional
        Canvas, spacing, overlap, which tiles are kept, rotations, parents.
    progress : callable, optional
        Called with (samples finished, samples) once the images are looked at, and after every shard.

    Returns
    -------
    Ingested
        Version, counts, seconds.

    Raises
    ------
    InputError
        If images or masks cannot be used as they are, or no tile is left.
    StoreError
        If the data set there is of another source, or cannot be written.

    Examples
    --------
    >>> import cellsim
    >>> from cellsim.datasets.ingest import IngestOptions
    >>> done = cellsim.ingest("images", "masks", "real.zarr", options=IngestOptions(spacing=(0.5, 0.5)))
    >>> done.version.name
    'v1'
    """
    options = IngestOptions() if options is None else options
    pairs = find_pairs(Path(images), Path(masks))
    return ingest_pairs(pairs, location, options, name=_name(location, Path(images)), progress=progress)


def ingest_pairs(
    pairs: list[Pair],
    location: Location,
    options: IngestOptions,
    *,
    name: str,
    names: Names | None = None,
    progress: Progress | None = None,
) -> Ingested:
    """Make a data set of images and annotations that were found in any layout.

    Parameters
    ----------
    pairs : list of Pair
        In the order of the samples.
    location : str, Path or zarr store
        Of the data set.
    options : IngestOptions
        Canvas, spacing, overlap, which tiles are kept, rotations, parents.
    name : str
        Of the data set.
    names : Names, optional
        Of channels and objects.
    progress : callable, optional
        As in `ingest`.

    Returns
    -------
    Ingested
        Version, counts, seconds.

    Raises
    ------
    InputError
        If images or annotations cannot be used as they are, or no tile is left.
    StoreError
        If the data set there is of another source, or cannot be written.
    """
    began = time.perf_counter()
    ready = plan(pairs, options, name, names)
    group = writer.create(location, ready.spec, ready.samples)
    _record(location, group, ready)
    _write_missing(location, group, ready, progress)
    version = versions.seal(location, group, ready.samples)
    objects = int(read(group, "drawn", slice(ready.samples))[:, 0].sum())
    seconds = time.perf_counter() - began
    return Ingested(location, version, len(ready.pairs), len(ready.tiles), ready.dropped, objects, seconds)


def _name(location: Location, images: Path) -> str:
    name = "" if isinstance(location, Store) else PurePosixPath(Path(location).as_posix()).stem
    return name or images.resolve().name


def _record(location: Location, group: zarr.Group, ready: Plan) -> None:
    """Keep the options beside the samples: they are to an ingested set what the recipe is to a made one."""
    known: dict[str, Any] = {"images": len(ready.pairs), **ready.options.record()}
    if group.attrs.get("ingested") != known:
        with writer.telling(location, "creation"):
            group.attrs.update({"ingested": known})


def _write_missing(location: Location, group: zarr.Group, ready: Plan, progress: Progress | None) -> None:
    parts = writer.missing(group, ready.samples)
    finished = ready.samples - sum(part.stop - part.start for part in parts)
    field = lru_cache(maxsize=1)(ready.read)  # an image whose tiles lie in two shards is read once
    if progress:
        progress(finished, ready.samples)
    for part in parts:
        indices = range(part.start, part.stop)
        samples = [ready.draw(i, field(ready.tile(i).pair)) for i in indices]
        writer.write(group, location, part.start, samples, [{"parent": float(ready.parent(i))} for i in indices])
        finished += len(samples)
        if progress:
            progress(finished, ready.samples)
