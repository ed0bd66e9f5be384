"""The files of a data set: which a version needs, and a manifest of their digests, so that none are listed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import zarr

from cellsim.datasets.layout import array_of, shard_size
from cellsim.datasets.versions import Version, positions

Kind = Literal["meta", "kept", "pixels", "table", "objects", "digests"]

MANIFEST = "manifest.json"
ROOT = "zarr.json"
KINDS: dict[str, Kind] = {"labels": "pixels", "image": "pixels", "drawn": "table", "digests": "digests"}


@dataclass(frozen=True)
class File:
    """What is known of a file.

    Parameters
    ----------
    size : int
        In bytes.
    digest : str
        SHA-256, hexadecimal.
    """

    size: int
    digest: str

    @classmethod
    def of(cls, path: Path) -> File:
        """Read a file.

        Parameters
        ----------
        path : Path
            On this machine.

        Returns
        -------
        File
            Its size and digest.
        """
        with path.open("rb") as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
            return cls(opened.tell(), digest)


@dataclass
class Manifest:
    """The files of a data set that was pushed.

    Parameters
    ----------
    versions : dict
        Those of the attributes when it was complete; another one says nothing of the files that are there now.
    files : dict of str to File
        By their keys, such as ``labels/c/0/0/0/0``.
    """

    versions: dict[str, Any] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)

    def dump(self) -> bytes:
        """Write it as JSON.

        Returns
        -------
        bytes
            For `load`.
        """
        files = {key: [file.size, file.digest] for key, file in sorted(self.files.items())}
        return json.dumps({"manifest": 1, "versions": self.versions, "files": files}).encode()

    @classmethod
    def load(cls, data: bytes | None) -> Manifest:
        """Read what `dump` wrote.

        Parameters
        ----------
        data : bytes or None
            None if there is no manifest.

        Returns
        -------
        Manifest
            Empty if there is none, or it cannot be read.
        """
        try:
            known = json.loads(data or b"{}")
            files = {key: File(int(size), str(digest)) for key, (size, digest) in known["files"].items()}
            return cls(dict(known["versions"]), files)
        except (ValueError, KeyError, TypeError, AttributeError):
            return cls()


class Key(NamedTuple):
    """A file of a data set.

    Parameters
    ----------
    name : str
        Such as ``labels/c/0/0/0/0``.
    kind : str
        "meta" for shapes and types, "kept" for the list of a curated version, "pixels", "table" for the numbers of
        samples, "objects" for all of the tables of objects, "digests".
    shard : int
        Whose samples need it; -1 for files of all.
    """

    name: str
    kind: Kind
    shard: int = -1


def keys_of(group: zarr.Group, wanted: Sequence[Version]) -> list[Key]:
    """Name the files that versions need, but for the root's ``zarr.json``; no folder is listed.

    Parameters
    ----------
    group : zarr.Group
        Of the data set.
    wanted : sequence of Version
        Of that data set.

    Returns
    -------
    list of Key
        Each once. Those of tables of objects need not exist, nor files of zeros alone.
    """
    shards = sorted(set().union(*(_shards(group, version) for version in wanted)))
    keys = [Key("objects/zarr.json", "objects")]
    for curated in (version.name for version in wanted if version.of):
        keys += [
            Key("kept/zarr.json", "meta"),
            Key(f"kept/{curated}/zarr.json", "meta"),
            Key(f"kept/{curated}/c/0", "kept"),
        ]
    for name in (name for name in KINDS if name in group):
        array = array_of(group, name)
        chunks = {k: array.metadata.encode_chunk_key((k, *(0 for _ in array.shape[1:]))) for k in shards}
        keys += [Key(f"{name}/zarr.json", "meta"), *(Key(f"{name}/{key}", KINDS[name], k) for k, key in chunks.items())]
    keys += [Key(f"objects/{k}/{rest}", "objects", k) for k in shards for rest in ("zarr.json", "c/0/0")]
    return list(dict.fromkeys(keys))


def _shards(group: zarr.Group, version: Version) -> Iterator[int]:
    which = positions(group, version)
    which = np.arange(version.samples) if which is None else which
    yield from map(int, np.unique(which // shard_size(group)))
