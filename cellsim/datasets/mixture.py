"""Mixtures: one data set of samples of several, by reference or copied, each with where it comes from."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cellsim.datasets.layout import (
    FORMAT,
    Location,
    Spec,
    array_of,
    content_digest,
    exists,
    open_group,
    read,
    show,
)
from cellsim.datasets.reader import Dataset
from cellsim.datasets.split import addresses, named_parents
from cellsim.datasets.stored import Stored
from cellsim.datasets.versions import Version, is_by_reference, is_whole, seal, split_version, verify_one, versions
from cellsim.datasets.writer import begin, create, is_cut_off, missing, telling, write
from cellsim.errors import InputError, StoreError
from cellsim.sample import Sample
from cellsim.seeds import stream

Progress = Callable[[int, int], object]
SYNTHETIC, REAL, BOTH, UNSURE = "synthetic", "real", "real and synthetic", "real or synthetic"
OWN = ("source", "index", "parent")  # columns that say where a sample comes from


class Mixed(NamedTuple):
    """What was mixed.

    Parameters
    ----------
    location : str, Path or zarr store
        Of the mixture.
    version : Version
        All of it.
    taken, there : tuple of int
        Samples that each source gave, and had.
    """

    location: Location
    version: Version
    taken: tuple[int, ...]
    there: tuple[int, ...]


def mix(
    sources: Sequence[str | Path | Dataset],
    output: Location,
    *,
    ratio: Sequence[float] | None = None,
    copy: bool = False,
    seed: int = 0,
    progress: Progress | None = None,
) -> Mixed:
    """Make one data set of samples of several.

    No sample is taken twice: of a source that has more than the ratio asks for, a random part is left out. The samples
    stand in random order. `drawn` says of each its "source" (a number; the attribute `sources` names them), its "index"
    in that version, and its "parent" (the attribute `parents` names them): the field of view, or the synthetic sample
    itself. It has the numbers of all sources, NaN where one lacks them; of the records of objects those that all have.

    Parameters
    ----------
    sources : sequence of str, Path or Dataset
        Two or more; ``real.zarr``, ``real.zarr@v1``, or open ones. Labels and images must be of one shape and spacing;
        where there are several structures or channels, these must have the same names.
    output : str, Path or zarr store
        Where.
    ratio : sequence of float, optional
        Parts of each source, such as (1, 5); all samples if None.
    copy : bool
        Whether pixels are copied; else the mixture refers to the sources, which must stay where they are.
    seed : int
        Of the choice and the order.
    progress : callable, optional
        Called with (samples written, samples wanted).

    Returns
    -------
    Mixed
        How many samples of each there are.

    Raises
    ------
    InputError
        If the sources do not fit together, the ratio is none, or a source cannot be referred to.
    StoreError
        If something else is at `output`, or it cannot be written.
    """
    opened = [source if isinstance(source, Dataset) else _open(source) for source in sources]
    counts = _counts([len(source) for source in opened], ratio)
    spec = _joint_spec(opened, ratio, seed)
    origins = _draw_origins(opened, counts, seed)
    table, parents = _table(opened, origins, spec)
    spec = Spec(**{**{key: getattr(spec, key) for key in Spec.__dataclass_fields__}, "parents": tuple(parents)})
    attributes = {
        "sources": [_named(source, output, copy) for source in opened],
        "records": _shared_records(opened),
        "addresses": list(parents.values()),
    }
    _check_way(output, spec, copy)
    if copy:
        _copy(opened, origins, table, (output, spec), attributes, progress)
    else:
        _refer(opened, origins, table, (output, spec), attributes)
    version = seal(output, open_group(output, "r+"), len(origins))
    return Mixed(output, version, tuple(counts), tuple(len(source) for source in opened))


def _open(source: str | Path) -> Dataset:
    return Dataset(*split_version(str(source)))


def _counts(there: list[int], ratio: Sequence[float] | None) -> list[int]:
    if len(there) < 2:
        raise InputError(f"a mixture needs two or more data sets, got {len(there)}")
    if ratio is None:
        return there
    if len(ratio) != len(there) or min(ratio) <= 0:
        raise InputError(f"the ratio of {len(there)} data sets needs {len(there)} numbers > 0, got {list(ratio)}")
    most = min(n / part for n, part in zip(there, ratio, strict=True))
    counts = [min(n, int(part * most + 1e-9)) for n, part in zip(there, ratio, strict=True)]
    if min(counts) < 1:
        raise InputError(f"at that ratio {counts} samples would be taken of data sets of {there}: each must give one")
    return counts


def _joint_spec(opened: list[Dataset], ratio: Sequence[float] | None, seed: int) -> Spec:
    first = opened[0].spec
    for other in (source.spec for source in opened[1:]):
        if other.shape != first.shape or not np.allclose(other.spacing, first.spacing, rtol=0.01):
            raise InputError(
                f"samples of a mixture must have one shape and spacing: '{first.name}' has {first.shape} px at "
                f"{first.spacing} µm, '{other.name}' {other.shape} px at {other.spacing} µm"
            )
        for what in ("structures", "channels"):
            one, two = getattr(first, what), getattr(other, what)
            if len(one) != len(two) or (len(one) > 1 and one != two):
                raise InputError(f"samples of a mixture must have the same {what}: {list(one)} and {list(two)}")
    numbers = dict.fromkeys(name for source in opened for name in source.spec.columns if name not in OWN)
    said = {"mixed": [source.version.digest for source in opened], "ratio": ratio and list(ratio), "seed": seed}
    return Spec(
        name="+".join(source.spec.name for source in opened),
        digest=hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest(),
        shape=first.shape,
        spacing=first.spacing,
        structures=first.structures,
        channels=first.channels,
        image=max((source.spec.image for source in opened), key=lambda name: np.dtype(name).itemsize),
        columns=("source", "index", "parent", *numbers),
    )


def _draw_origins(opened: list[Dataset], counts: list[int], seed: int) -> NDArray[np.int64]:
    """Draw (source, index) of each sample of the mixture."""
    each = [
        np.stack([np.full(n, k), np.sort(stream(seed, k, "mix").permutation(len(source))[:n])], axis=1)
        for k, (source, n) in enumerate(zip(opened, counts, strict=True))
    ]
    joined: NDArray[np.int64] = np.concatenate(each)
    return np.asarray(joined[stream(seed, 0, "mixed order").permutation(len(joined))])


def _table(opened: list[Dataset], origins: NDArray[np.int64], spec: Spec) -> tuple[NDArray[np.float64], dict[str, str]]:
    """Gather the numbers of the samples, and name their parents, with the digests of their addresses."""
    drawn = [source.drawn for source in opened]
    table = np.full((len(origins), 2 + len(spec.columns)), np.nan)
    table[:, 2:4] = origins
    for k, numbers in enumerate(drawn):
        mine = origins[:, 0] == k
        for column, name in enumerate(("objects", "cover", *spec.columns)):
            if name in numbers and name not in OWN:
                table[mine, column] = numbers[name][origins[mine, 1]]
    parents = [named_parents(source) for source in opened]
    digests = [addresses(source)[1] for source in opened]
    stems = _stems(opened)
    known: dict[str, tuple[int, str]] = {}
    for row, (k, i) in enumerate(origins):
        of_sample, names = parents[k]
        name = f"{stems[k]}/{names[of_sample[i]]}"
        table[row, 4], _ = known.setdefault(name, (len(known), digests[k][of_sample[i]]))
    return table, {name: digest for name, (_, digest) in known.items()}


def _stems(opened: list[Dataset]) -> list[str]:
    """Name each source by its file; by a number too, where several have that name."""
    stems = [Path(show(source.location)).stem for source in opened]
    taken = {stem for stem in stems if stems.count(stem) == 1}
    found = []
    for k, stem in enumerate(stems):
        name = stem
        while stems.count(stem) > 1 and (name == stem or name in taken):
            name = f"{name}-{k}"
        taken.add(name)
        found.append(name)
    return found


def _shared_records(opened: list[Dataset]) -> list[str]:
    """Name the records that the objects of all sources have, with as many columns."""
    found = []
    for source in opened:
        full = np.flatnonzero(source.drawn["objects"] > 0)
        records = source.objects(int(full[0])) if len(full) else {}
        found.append({(name, rows.shape[1]) for name, rows in records.items()})
    return sorted(name for name, _ in set.intersection(*found))


def _named(source: Dataset, output: Location, copy: bool) -> dict[str, Any]:
    where = source.location
    version = source.version
    if not copy and not (isinstance(where, str | Path) and isinstance(output, str | Path)):
        raise InputError("only a data set at a path or URL can be referred to, from a path or URL: copy the samples")
    path = show(where)
    if "://" not in path and "://" not in show(output):
        path = os.path.relpath(os.path.realpath(path), Path(os.path.realpath(show(output))).parent)
    elif "://" not in path and not copy:
        raise InputError(f"{show(output)} cannot refer to {path}, which is on this machine only: copy the samples")
    return {
        "path": path,
        "version": version.name,
        "digest": version.digest,
        "name": source.spec.name,
        "kind": kind_of(source),
    }


def _check_way(output: Location, spec: Spec, copy: bool) -> None:
    """Refuse to go on with a mixture that was made in the other way."""
    if not exists(output) or is_cut_off(output):
        return
    group = open_group(output)
    there = not is_by_reference(group)
    if Spec.of(group).digest == spec.digest and there != copy:
        way = "as a copy of its samples" if there else "by reference"
        raise StoreError(f"{show(output)} holds this mixture {way}: choose another output, or delete it")


def kind_of(dataset: Dataset) -> str:
    """Say whether samples are real or synthetic; those of a mixture may be both.

    Parameters
    ----------
    dataset : Dataset
        Open.

    Returns
    -------
    str
        "real", "synthetic", "real and synthetic"; "real or synthetic" for a mixture that does not record it.
    """
    mixed: Any = dataset.group.attrs.get("sources")
    if not mixed:
        return SYNTHETIC if dataset.spec.recipe is not None else REAL
    kinds = {str(source.get("kind", UNSURE)) for source in mixed}
    return kinds.pop() if len(kinds) == 1 else UNSURE if UNSURE in kinds else BOTH


def _refer(
    opened: list[Dataset],
    origins: NDArray[np.int64],
    table: NDArray[np.float64],
    target: tuple[Location, Spec],
    attributes: dict[str, Any],
) -> None:
    output, spec = target
    if exists(output) and not is_cut_off(output):
        if Spec.of(open_group(output)).digest != spec.digest:
            raise StoreError(f"{show(output)} holds something else: choose another output, or delete it")
        return
    with telling(output, "creation"):
        group = begin(output, spec, len(origins), pixels=False)
        of_sources = np.stack([_digest(opened[k], int(i)) for k, i in origins])
        array_of(group, "drawn")[:] = table
        rows = [content_digest([one, row]) for one, row in zip(of_sources, table, strict=True)]
        array_of(group, "digests")[:] = np.stack(rows)
        group.attrs.update({**spec.attributes(), **attributes, "format": {"cellsim": FORMAT}})


def _digest(source: Stored, index: int) -> NDArray[np.uint8]:
    holder, position = source.place(index)
    return np.asarray(read(holder.group, "digests", slice(position, position + 1))[0])


def _copy(
    opened: list[Dataset],
    origins: NDArray[np.int64],
    table: NDArray[np.float64],
    target: tuple[Location, Spec],
    attributes: dict[str, Any],
    progress: Progress | None,
) -> None:
    output, spec = target
    group = create(output, spec, len(origins))
    if "sources" not in group.attrs:
        group.attrs.update(attributes)
    parts = missing(group, len(origins))
    done = len(origins) - sum(part.stop - part.start for part in parts)
    for part in parts:
        of_part = range(part.start, part.stop)
        samples = [_as_in_mixture(opened[k][int(i)], spec, attributes["records"]) for k, i in origins[of_part]]
        drawn = [dict(zip(spec.columns, map(float, table[i, 2:]), strict=True)) for i in of_part]
        write(group, output, part.start, samples, drawn)
        done += len(samples)
        if progress is not None:
            progress(done, len(origins))


def _as_in_mixture(sample: Sample, spec: Spec, records: list[str]) -> Sample:
    objects = {name: sample.objects[name] for name in records if name in sample.objects}
    return Sample(sample.labels, spec.spacing, sample.image, objects, spec.structures)


def verify_mixture(location: Location) -> Iterator[tuple[int, str]]:
    """Check the samples that a mixture refers to, and that they are those that were mixed.

    Parameters
    ----------
    location : str, Path or zarr store
        Of the mixture.

    Yields
    ------
    sample : int
        Index of a checked sample, each in turn; -1 for a version.
    problem : str
        What is wrong with it, "" if nothing.

    Raises
    ------
    StoreError
        If a source is not there, or holds other samples.
    """
    mixture = Stored(location, "v1")
    table, digests = read(mixture.group, "drawn"), read(mixture.group, "digests")
    for i in range(len(mixture)):
        holder, position = mixture.place(i)
        problem = verify_one(holder.group, position)
        if not problem and (content_digest([_digest(mixture, i), table[i]]) != digests[i]).any():
            problem = "does not match its digest"
        yield i, problem
    for version in versions(mixture.group):
        if not is_whole(mixture.group, version):
            yield -1, f"version {version.name} is not what was sealed: digests of its samples are missing or changed"
