"""Immutable versions: a name for the first n samples and a digest of their content; and the check that it holds."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray

from cellsim.datasets.layout import FORMAT, Location, Spec, array_of, content_digest, open_group, read, shard_size, show
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
        The version is the first so many samples; or, if it was curated, so many of those of another.
    digest : str
        SHA-256 of the content of all of them, in hexadecimal.
    of : str
        Name of the version that it was curated from; empty if it was not.
    rule : str
        What was dropped from that one, or kept of it.
    """

    name: str
    samples: int
    digest: str
    of: str = ""
    rule: str = ""

    def record(self) -> dict[str, str | int]:
        """Return what is written into the attributes of the group.

        Returns
        -------
        dict
            Of the name's entry in `versions`.
        """
        known: dict[str, str | int] = {"samples": self.samples, "digest": self.digest}
        return known | ({"of": self.of, "rule": self.rule} if self.of else {})


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
    return [
        Version(name, int(str(item["samples"])), *(str(item.get(key, "")) for key in ("digest", "of", "rule")))
        for name, item in known.items()
    ]


def is_by_reference(group: zarr.Group) -> bool:
    """Say whether the samples of a data set lie in other sets.

    Parameters
    ----------
    group : zarr.Group
        Of the data set.

    Returns
    -------
    bool
        True for what `cellsim mix` made without copying.
    """
    return "sources" in group.attrs and "labels" not in group


def positions(group: zarr.Group, version: Version) -> NDArray[np.int64] | None:
    """Say which samples of the arrays a version is.

    Parameters
    ----------
    group : zarr.Group
        Of the data set.
    version : Version
        Of that data set.

    Returns
    -------
    (samples,) int64 array or None
        Ascending; None for the first ones.
    """
    return read(group, f"kept/{version.name}").astype(np.int64) if version.of else None


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


def split_version(name: str) -> tuple[str, str | None]:
    """Split what names a version of a data set.

    Parameters
    ----------
    name : str
        ``set.zarr`` or ``set.zarr@v2``.

    Returns
    -------
    location : str
        Of the data set; it may have an @ itself, such as ``s3://me@lab/set.zarr``.
    version : str or None
        None if none is named.
    """
    found = re.fullmatch(r"(.+)@(v\d+)", name)
    return (found[1], found[2]) if found else (name, None)


def digest_of(group: zarr.Group, samples: int | NDArray[np.int64]) -> str:
    """Digest the content of samples, from their own digests.

    Parameters
    ----------
    group : zarr.Group
        Of the data set.
    samples : int or (n,) int64 array
        How many from the first, or which.

    Returns
    -------
    str
        SHA-256 in hexadecimal.
    """
    if isinstance(samples, int):
        return hashlib.sha256(read(group, "digests", slice(samples)).tobytes()).hexdigest()
    return hashlib.sha256(read(group, "digests")[samples].tobytes()).hexdigest()


def next_name(known: Sequence[Version]) -> str:
    """Name the version that comes after others.

    Parameters
    ----------
    known : sequence of Version
        Those of a data set; where only some were copied, numbers are missing.

    Returns
    -------
    str
        "v1" if there are none.
    """
    return f"v{max((int(version.name[1:]) for version in known), default=0) + 1}"


def is_whole(group: zarr.Group, version: Version) -> bool:
    """Say whether a version still is what was sealed, by the digests of its samples.

    Parameters
    ----------
    group : zarr.Group
        Of the data set.
    version : Version
        Of that data set.

    Returns
    -------
    bool
        False if digests of its samples are missing or changed; pixels are not read.
    """
    which = positions(group, version)
    done = finished(group)
    if which is None:
        held = len(done) >= version.samples and bool(done[: version.samples].all())
        return held and digest_of(group, version.samples) == version.digest
    held = which.max(initial=-1) < len(done) and bool(done[which].all())
    return held and len(which) == version.samples and digest_of(group, which) == version.digest


def add_version(location: Location, group: zarr.Group, new: Version) -> None:
    """Write a version into the attributes of a data set.

    Parameters
    ----------
    location : str, Path or zarr store
        For messages.
    group : zarr.Group
        Of the data set, open for writing.
    new : Version
        Of a name that is free.

    Raises
    ------
    StoreError
        If that name was taken since the group was opened.
    """
    with telling(location, f"sealing {new.name}"):
        known = versions(_renewed(group))
        if new.name in {version.name for version in known}:
            raise StoreError(f"{new.name} of {show(location)} was sealed meanwhile: run the same command again")
        listed = {version.name: version.record() for version in [*known, new]}
        form = {"format": {"cellsim": FORMAT}} if new.of else {}
        group.attrs.update({"versions": listed, **form})


def _renewed(group: zarr.Group) -> zarr.Group:
    """Read the attributes of a group anew: others may have sealed versions since it was opened."""
    group.metadata.attributes.update(zarr.open_group(group.store_path, mode="r+", zarr_format=3).attrs)
    return group


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
    known = versions(_renewed(group))
    for version in [version for version in known if not version.of]:
        if version.samples <= samples and digest_of(group, version.samples) != version.digest:
            raise StoreError(
                f"the first {version.samples} samples of {show(location)} are not those that were sealed as "
                f"{version.name}: `cellsim verify` finds which"
            )
        if version.samples == samples:
            return version
    new = Version(next_name(known), samples, digest_of(group, samples))
    add_version(location, group, new)
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
    if is_by_reference(group):
        from cellsim.datasets.mixture import verify_mixture

        yield from verify_mixture(location)
        return
    names = ["labels", *(["image"] if Spec.of(group).channels else []), "drawn", "digests"]
    for start in range(0, len(done), shard_size(group)):
        yield from _verify_shard(group, names, start, done)
    for version in versions(group):
        if not is_whole(group, version):
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
            yield start + int(i), verify_one(group, start + int(i))
        return
    for i in np.flatnonzero(done[start:stop]):
        parts = {name: block[i] for name, block in blocks.items()}
        yield start + int(i), _compare(parts, records_of(table, int(i)))


def verify_one(group: zarr.Group, index: int) -> str:
    """Read a sample and compare it with its digest.

    Parameters
    ----------
    group : zarr.Group
        Of the data set that holds its pixels.
    index : int
        Of the sample in the arrays.

    Returns
    -------
    str
        What is wrong with it, "" if nothing.
    """
    names = ["labels", *(["image"] if Spec.of(group).channels else []), "drawn", "digests"]
    try:
        parts = {name: np.asarray(array_of(group, name)[index]) for name in names}
        shard, within = divmod(index, shard_size(group))
        return _compare(parts, records_of(read_table(group, shard), within))
    except Exception as error:
        return f"cannot be read ({type(error).__name__}: {error})"


def _compare(parts: dict[str, NDArray[Any]], records: Records) -> str:
    image = [parts["image"]] if "image" in parts else []
    found = content_digest([parts["labels"], *image, parts["drawn"], *records.values()])
    return "" if (found == parts["digests"]).all() else "does not match its digest"
