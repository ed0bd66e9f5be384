"""The way back: a folder in one of the formats becomes a data set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cellsim.datasets.export import find_format
from cellsim.datasets.export.manifest import NAME, TABLE, load_manifest
from cellsim.datasets.ingest.fields import read_field
from cellsim.datasets.ingest.images import by
from cellsim.datasets.ingest.ingesting import Ingested, Progress, ingest_pairs
from cellsim.datasets.ingest.options import IngestOptions
from cellsim.datasets.ingest.pairs import Pair
from cellsim.datasets.ingest.plan import Names
from cellsim.datasets.layout import Location
from cellsim.errors import InputError


@dataclass(frozen=True)
class Framing:
    """How the images of a folder become samples, where the files do not say it.

    Parameters
    ----------
    shape : (D,) ints, optional
        Canvas in pixels, ([z,] y, x): images are cut into tiles as `ingest` does. None for whole images, which must
        be of one size.
    spacing : (D,) floats or (1,) float, optional
        Size of a pixel in µm; None for what the files say.
    """

    shape: tuple[int, ...] | None = None
    spacing: tuple[float, ...] | None = None


def import_dataset(
    source: str | Path,
    kind: str,
    location: Location,
    *,
    structure: str | None = None,
    framing: Framing | None = None,
    progress: Progress | None = None,
) -> Ingested:
    """Make a data set of a folder in the format of another program.

    What `export_dataset` wrote comes back as it was: labels, grey levels, spacing, names of channels, parents and the
    order of samples. One label plane is read. In folders of other origin, images may differ in size: then give a
    canvas, and they are cut as `ingest` does.

    Parameters
    ----------
    source : str or Path
        The folder.
    kind : str
        A key of `cellsim.datasets.export.FORMATS`.
    location : str, Path or zarr store
        Of the data set.
    structure : str, optional
        Which label plane, category or class; None for the first, or, if cellsim did not write the folder, for all
        categories or classes.
    framing : Framing, optional
        Canvas and spacing, where images are to be cut, or the files do not say the size of a pixel.
    progress : callable, optional
        Called with (samples finished, samples).

    Returns
    -------
    Ingested
        Version, counts, seconds.

    Raises
    ------
    InputError
        If the folder is not in that format, or its images cannot be used as they are.
    StoreError
        If an export is not finished, or the data set there is of another source.

    Examples
    --------
    >>> import cellsim
    >>> made = cellsim.make("epidermis", 2, "epidermis.zarr", workers=1)
    >>> done = cellsim.export_dataset("epidermis.zarr", "stardist", "for-stardist")
    >>> cellsim.import_dataset("for-stardist", "stardist", "again.zarr").version.samples
    2
    """
    source, about = Path(source), _about(Path(source), kind)
    if structure is None and about:
        structure = about["structures"][0]
    elif about and structure not in about["structures"]:
        raise InputError(f"{source} has no labels '{structure}' (labels: {', '.join(about['structures'])})")
    pairs = _ordered(find_format(kind).pairs(source, structure))
    options = _options(pairs, about, source, Framing() if framing is None else framing)
    names = Names(tuple(about.get("channels", ())), structure or "cells")
    return ingest_pairs(pairs, location, options, name=_name(source, about), names=names, progress=progress)


def _about(source: Path, kind: str) -> dict[str, Any]:
    """Read what the exporter says of a folder; nothing if it comes from elsewhere."""
    manifest = load_manifest(source)
    if manifest is None:
        return {}
    if manifest.identity["format"] != kind:
        raise InputError(f"{source} is an export as {manifest.identity['format']}, not as {kind}")
    if not manifest.finished:
        raise InputError(f"{source / NAME}: the export is not finished; run `cellsim export` again")
    return {**manifest.about, "name": manifest.identity["name"]}


def _name(source: Path, about: dict[str, Any]) -> str:
    return str(about.get("name") or source.resolve().name)


def _ordered(pairs: list[Pair]) -> list[Pair]:
    """Put the samples of all parts into one order: by number, if no two parts have the same names."""
    bare = [pair.stem.rpartition("/")[2] for pair in pairs]
    stems = bare if len(set(bare)) == len(bare) else [pair.stem for pair in pairs]
    found = [Pair(stem, pair.image, pair.annotation, pair.picture) for stem, pair in zip(stems, pairs, strict=True)]
    return sorted(found, key=lambda pair: (len(pair.stem), pair.stem))


def _options(pairs: list[Pair], about: dict[str, Any], source: Path, framing: Framing) -> IngestOptions:
    """Take each image as one sample, or cut it."""
    spacing = framing.spacing or (tuple(about["spacing"]) if about else _spacing(pairs[0]))
    parents = source / TABLE if about.get("parents") else None
    if framing.shape is not None:
        return IngestOptions(shape=framing.shape, spacing=_as_many(spacing, len(framing.shape)), parents=parents)
    shape = tuple(about["shape"]) if about else _shape(pairs, spacing)
    return IngestOptions(
        shape=shape, spacing=_as_many(spacing, len(shape)), overlap=0.0, min_objects=0, parents=parents
    )


def _as_many(spacing: tuple[float, ...] | None, ndim: int) -> tuple[float, ...] | None:
    """Make one number fit all axes, and leave out the distance of slices where there are none."""
    return spacing if spacing is None else spacing * ndim if len(spacing) == 1 else spacing[-ndim:]


def _spacing(pair: Pair) -> tuple[float, ...] | None:
    return pair.picture.spacing() if pair.picture else None


def _shape(pairs: list[Pair], spacing: tuple[float, ...] | None) -> tuple[int, ...]:
    """Find the size of the images, which may be volumes."""
    first = _size(pairs[0], (3, 2) if spacing and len(spacing) == 3 else (2, 3))
    for pair in pairs[1:]:
        if (other := _size(pair, (len(first),))) != first:
            raise InputError(
                f"{pair.image} is {by(other)} px, {pairs[0].image} {by(first)} px: say a canvas, and they are cut"
            )
    return first


def _size(pair: Pair, ndims: Sequence[int]) -> tuple[int, ...]:
    for ndim in ndims:
        try:
            return read_field(pair, ndim).labels.shape
        except InputError as error:
            reason = error
    raise reason
