"""Immutable versions: a name for the first n samples and a digest of their content; and the check that it holds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray

from cellsim.datasets.layout import Location, Spec, array_of, content_digest, open_group, read, shard_size, show
from cellsim.datasets.objects import read_table, records_of
from cellsim.datasets.writer import finished, telling
from cellsim.errors import StoreError
from cellsim.sample import Records


@dataclass(frozen=True)
class Version:
    """A sealed state of a data set.

    Parameters
    ----------
    name : str
        "v1", "v2", ...
    samples : int
        The version is the first so many samples.
    digest : str
        SHA-256 of the content of all of them, in hexadecimal.
    """

    name: str
    samples: int
    digest: str


def versions(group: zarr.Group) -> list[Version]:
    """List the versions of a data set.

    Parameters
    ----------
    group : zarr.Group
        Of the data set.

    Returns
    -------
    list of Version
        The oldest first.
    """
    known: dict[str, dict[str, object]] = group.attrs["versions"]  # type: ignore[assignment]
    return [Version(name, int(str(item["samples"])), str(item["digest"])) for name, item in known.items()]


def find_version(location: Location, group: zarr.Group, name: str | None) -> Version:
    """Return a version by name, or the newest.

    Parameters
    ----------
    location : str, Path or zarr store
        For messages.
    group : zarr.Group
        Of the data set.
    name : str or None
        None for the newest.

    Returns
    -------
    Version
        The one asked for.

    Raises
    ------
    StoreError
        If there is none of that name, or none at all.
    """
    known = {version.name: version for version in versions(group)}
    if not known:
        done = finished(group)
        raise StoreError(
            f"{show(location)} is half made ({int(done.sum())} of {len(done)} samples) and has no version yet: "
            "run the command that makes it again to finish it"
        )
    if name is not None and name not in known:
        raise StoreError(f"{show(location)} has no version '{name}' (versions: {', '.join(known)})")
    return known[name] if name else list(known.values())[-1]


def digest_of(group: zarr.Group, samples: int) -> str:
    """Digest the content of the first samples, from their own digests.

    Parameters
    ----------
    group : zarr.Group
        Of the data set.
    samples : int
        How many.

    Returns
    -------
    str
        SHA-256 in hexadecimal.
    """
    return hashlib.sha256(read(group, "digests", slice(samples)).tobytes()).hexdigest()


def seal(location: Location, group: zarr.Group, samples: int) -> Version:
    """Make the first samples a version, or return the version that they already are.

    Parameters
    ----------
    location : str, Path or zarr store
        For messages.
    group : zarr.Group
        Of the data set, open for writing.
    samples : int
        How many.

    Returns
    -------
    Version
        New or old.

    Raises
    ------
    StoreError
        If a sample is not finished, or an older version does not hold.
    """
    done = finished(group)[:samples]
    if len(done) < samples or not done.all():
        raise StoreError(f"{show(location)} has {int(done.sum())} of {samples} samples: it cannot be sealed yet")
    known = versions(group)
    for version in known:
        if version.samples <= samples and digest_of(group, version.samples) != version.digest:
            raise StoreError(
                f"the first {version.samples} samples of {show(location)} are not those that were sealed as "
                f"{version.name}: `cellsim verify` finds which"
            )
        if version.samples == samples:
            return version
    new = Version(f"v{len(known) + 1}", samples, digest_of(group, samples))
    listed = {version.name: {"samples": version.samples, "digest": version.digest} for version in [*known, new]}
    with telling(location, f"sealing {new.name}"):
        group.attrs.update({"versions": listed})  # type: ignore[dict-item]
    return new


def verify(location: Location) -> Iterator[tuple[int, str]]:
    """Read every finished sample and compare it with its digest; then every version with its own.

    Parameters
    ----------
    location : str, Path or zarr store
        Of the data set.

    Yields
    ------
    sample : int
        Index of a checked sample, each in turn; -1 for a version.
    problem : str
        What is wrong with it, "" if nothing.

    Raises
    ------
    StoreError
        If there is no data set.
    """
    group = open_group(location)
    done = finished(group)
    names = ["labels", *(["image"] if Spec.of(group).channels else []), "drawn", "digests"]
    for start in range(0, len(done), shard_size(group)):
        yield from _verify_shard(group, names, start, done)
    for version in versions(group):
        if not done[: version.samples].all() or digest_of(group, version.samples) != version.digest:
            yield -1, f"version {version.name} is not what was sealed: digests of its samples are missing or changed"


def _verify_shard(
    group: zarr.Group, names: list[str], start: int, done: NDArray[np.bool_]
) -> Iterator[tuple[int, str]]:
    """Read a shard at once; only if that fails, sample by sample."""
    shard = shard_size(group)
    stop = min(start + shard, len(done))
    try:
        table = read_table(group, start // shard)
        blocks = {name: read(group, name, slice(start, stop)) for name in names}
    except Exception:
        for i in np.flatnonzero(done[start:stop]):
            yield from _verify_one(group, start + int(i), names)
        return
    for i in np.flatnonzero(done[start:stop]):
        parts = {name: block[i] for name, block in blocks.items()}
        yield start + int(i), _compare(parts, records_of(table, int(i)))


def _verify_one(group: zarr.Group, index: int, names: list[str]) -> Iterator[tuple[int, str]]:
    try:
        parts = {name: np.asarray(array_of(group, name)[index]) for name in names}
        shard, within = divmod(index, shard_size(group))
        yield index, _compare(parts, records_of(read_table(group, shard), within))
    except Exception as error:
        yield index, f"cannot be read ({type(error).__name__}: {error})"


def _compare(parts: dict[str, NDArray[Any]], records: Records) -> str:
    image = [parts["image"]] if "image" in parts else []
    found = content_digest([parts["labels"], *image, parts["drawn"], *records.values()])
    return "" if (found == parts["digests"]).all() else "does not match its digest"
