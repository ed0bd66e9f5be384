"""The files of a data set: which a version needs, and a manifest of their digests, so that none are listed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import zarr

from cellsim.datasets.layout import array_of, shard_size
from cellsim.datasets.versions import Version, positions

MANIFEST = "manifest.json"
ROOT = "zarr.json"


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


def keys_of(group: zarr.Group, wanted: Sequence[Version]) -> list[str]:
    """Name the files that versions need, but for the root's ``zarr.json``; no folder is listed.

    Parameters
    ----------
    group : zarr.Group
        Of the data set.
    wanted : sequence of Version
        Of that data set.

    Returns
    -------
    list of str
        Keys, each once. Those of tables of objects need not exist.
    """
    shards = sorted(set().union(*(_shards(group, version) for version in wanted)))
    keys = [f"kept/{rest}" for v in wanted if v.of for rest in ("zarr.json", f"{v.name}/zarr.json", f"{v.name}/c/0")]
    keys += ["objects/zarr.json"]
    for name in (name for name in ("labels", "image", "drawn", "digests") if name in group):
        array = array_of(group, name)
        chunks = [array.metadata.encode_chunk_key((k, *(0 for _ in array.shape[1:]))) for k in shards]
        keys += [f"{name}/zarr.json", *(f"{name}/{key}" for key in chunks)]
    keys += [f"objects/{k}/{rest}" for k in shards for rest in ("zarr.json", "c/0/0")]
    return list(dict.fromkeys(keys))


def _shards(group: zarr.Group, version: Version) -> Iterator[int]:
    which = positions(group, version)
    which = np.arange(version.samples) if which is None else which
    yield from map(int, np.unique(which // shard_size(group)))
