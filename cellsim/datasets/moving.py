"""Push and pull: versions of a data set copied to the cloud and back, of which only what is missing moves."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import zarr

from cellsim.datasets.layout import open_group, shard_size
from cellsim.datasets.manifest import MANIFEST, ROOT, File, Key, Manifest, keys_of
from cellsim.datasets.remote import Remote
from cellsim.datasets.versions import Version, find_version, is_by_reference, is_whole, verify, verify_one, versions
from cellsim.datasets.writer import finished
from cellsim.errors import StoreError

Progress = Callable[[int, int], object]
Attributes = dict[str, Any]

AT_ONCE = 8  # files under way
NOTED = 5.0  # seconds between notes of what has been pushed


class Moved(NamedTuple):
    """What was copied.

    Parameters
    ----------
    versions : tuple of str
        Names of those asked for; they are there now.
    copied, there : int
        Files that were copied, and that were there before.
    size : int
        Bytes that were copied.
    """

    versions: tuple[str, ...]
    copied: int
    there: int
    size: int


def push(source: str | Path, target: str, *, version: str | None = None, progress: Progress | None = None) -> Moved:
    """Copy a data set from this machine to a bucket or folder.

    Only files that are missing there move. A push that was cut off goes on where it stopped; readers see the new
    versions when all of their files are there. A manifest is written with the digest of each file, by which `pull`
    checks what it gets.

    Parameters
    ----------
    source : str or Path
        A data set on this machine.
    target : str
        A URL that fsspec can write, such as ``s3://bucket/set.zarr``, or a path.
    version : str, optional
        All versions if None.
    progress : callable, optional
        Called with (bytes copied, bytes to copy).

    Returns
    -------
    Moved
        What was copied.

    Raises
    ------
    StoreError
        If the data set refers to others, something else is at the target, or it cannot be reached or written.
    """
    group, here, remote = open_group(source), Path(source), Remote(target)
    if is_by_reference(group):
        raise StoreError(f"{source} refers to other data sets: push a copy, which `cellsim mix --copy` makes")
    wanted = _wanted(str(source), group, version)
    if not all(is_whole(group, one) for one in wanted):
        raise StoreError(f"{source} is not what was sealed: `cellsim verify` finds what is damaged")
    known = _joined(json.loads((here / ROOT).read_bytes()), _json(remote.get(ROOT), remote.url), wanted, remote.url)
    if known is None:
        return Moved(tuple(v.name for v in wanted), 0, 0, 0)
    remote.check_bucket()
    noted = Manifest.load(remote.get(MANIFEST))
    keys = keys_of(group, wanted)
    files = {key.name: File.of(here / key.name) for key in keys if (here / key.name).exists()}
    _check_lost(group, keys, files, str(source))
    todo = [key for key, file in files.items() if noted.files.get(key) != file or remote.size(key) != file.size]
    note = _Note(remote, {key: file for key, file in noted.files.items() if key not in todo})
    sizes = {key: files[key].size for key in todo}
    copied = _Copied(sum(sizes.values()), progress)
    for key in _each(lambda key: remote.upload(key, here / key), sizes, copied):
        note.add(key, files[key])
    note.write(known["attributes"]["versions"])
    remote.put(ROOT, _root(here, known))
    return Moved(tuple(v.name for v in wanted), len(todo), len(files) - len(todo), copied.total)


def pull(source: str, output: str | Path, *, version: str | None = None, progress: Progress | None = None) -> Moved:
    """Copy a data set to this machine.

    Only files that are missing here move, and each is compared with the manifest; without one, the samples are compared
    with their digests in the end. No folder is listed, so that any web server will do. A pull that was cut off goes on
    where it stopped.

    Parameters
    ----------
    source : str
        A URL that fsspec can read, such as ``s3://bucket/set.zarr`` or ``https://site/set.zarr``, or a path.
    output : str or Path
        Where on this machine.
    version : str, optional
        All versions if None. Only the shards that it needs are copied.
    progress : callable, optional
        Called with (bytes copied, bytes to copy).

    Returns
    -------
    Moved
        What was copied.

    Raises
    ------
    StoreError
        If there is no such data set or version, something else is at the output, or a file is not what was pushed.
    """
    remote, here = Remote(source), Path(output)
    data = remote.get(ROOT)
    root = _json(data, source)
    if data is None or root is None:
        raise StoreError(f"no data set at {remote.url}")
    group = open_group(source)
    if is_by_reference(group):
        raise StoreError(f"{source} refers to other data sets and cannot be pulled: open it where it is")
    wanted = _wanted(source, group, version)
    there = _json((here / ROOT).read_bytes() if (here / ROOT).exists() else None, str(here))
    known = _joined(root, there, wanted, str(here))
    manifest = Manifest.load(remote.get(MANIFEST))
    sure = manifest.versions == versions_of(root)
    keys = keys_of(group, wanted)
    files = _expected(remote, [key.name for key in keys], manifest.files if sure else None)
    todo = [key for key in keys if key.name in files and not _is_there(here, key, files[key.name], known is None)]
    if known is None and not todo:
        return Moved(tuple(v.name for v in wanted), 0, 0, 0)
    copied = _Copied(sum(files[key.name].size for key in todo), progress)
    for stage in _stages(todo):
        sizes = {key.name: files[key.name].size for key in stage}
        for _ in _each(partial(_download, remote, here, files), sizes, copied):
            pass
        if known is not None and not (here / ROOT).exists():  # a set that is half made until all is there
            here.mkdir(parents=True, exist_ok=True)
            _replace(here / ROOT, _dump(_with_versions(known, {})))
    _check(here, wanted, sure)
    _check_lost(open_group(here), keys, files, remote.url)
    if known is not None:
        _replace(here / ROOT, data if versions_of(known) == versions_of(root) else _dump(known))
    return Moved(tuple(v.name for v in wanted), len(todo), len(files) - len(todo), copied.total)


def versions_of(root: Attributes | None) -> Attributes:
    """Return the versions that a root's ``zarr.json`` names.

    Parameters
    ----------
    root : dict or None
        What is in it.

    Returns
    -------
    dict
        As in the attribute `versions`; empty for None.
    """
    return dict(root["attributes"]["versions"]) if root else {}


def _wanted(source: str, group: zarr.Group, version: str | None) -> list[Version]:
    newest = find_version(source, group, version)
    return versions(group) if version is None else [newest]


def _joined(mine: Attributes, there: Attributes | None, wanted: Sequence[Version], where: str) -> Attributes | None:
    """Return what the target's ``zarr.json`` becomes; None if it has all that is wanted."""
    known, old = versions_of(mine), versions_of(there)
    if there is not None and there["attributes"]["digest"] != mine["attributes"]["digest"]:
        raise StoreError(f"{where} holds '{there['attributes']['name']}', another data set: choose another place")
    clash = [name for name in old if name in known and old[name] != known[name]]
    if clash:
        raise StoreError(f"{clash[0]} at {where} is not the {clash[0]} that would be copied: choose another place")
    names = [version.name for version in wanted]
    if all(name in old for name in names):
        return None
    if set(old) - set(known):
        raise StoreError(f"{where} has {', '.join(sorted(set(old) - set(known)))}, which would be lost: get it first")
    return _with_versions(mine, {name: known[name] for name in known if name in old or name in names})


def _with_versions(root: Attributes, chosen: Attributes) -> Attributes:
    return root | {"attributes": root["attributes"] | {"versions": chosen}}


def _json(data: bytes | None, where: str) -> Attributes | None:
    if data is None:
        return None
    try:
        found: Attributes = json.loads(data)
        if isinstance(found["attributes"]["format"]["cellsim"], int):
            return found
    except (ValueError, KeyError, TypeError):
        pass
    raise StoreError(f"at {where} is something that is not a cellsim data set")


def _dump(root: Attributes) -> bytes:
    return json.dumps(root, indent=2).encode()


def _root(here: Path, known: Attributes) -> bytes:
    data = (here / ROOT).read_bytes()
    return data if versions_of(json.loads(data)) == versions_of(known) else _dump(known)


class _Note:
    """The manifest as it grows, written now and then, so that a push that is cut off knows what it has done."""

    def __init__(self, remote: Remote, files: dict[str, File]) -> None:
        self.remote, self.files, self.last = remote, files, time.monotonic()
        self.write({})

    def add(self, key: str, file: File) -> None:
        self.files[key] = file
        if time.monotonic() - self.last > NOTED:
            self.write({})

    def write(self, known: Attributes) -> None:
        self.remote.put(MANIFEST, Manifest(known, self.files).dump())
        self.last = time.monotonic()


class _Copied:
    """Bytes that have been copied, of how many."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self.total, self.done, self.progress = total, 0, progress

    def add(self, size: int) -> None:
        self.done += size
        if self.progress is not None:
            self.progress(self.done, self.total)


def _stages(keys: Sequence[Key]) -> list[list[Key]]:
    """Part what is pulled in the order of a run: arrays, samples, and last the digests that say they are there."""
    stages: list[list[Key]] = [[], [], []]
    for key in keys:
        stages[0 if key.name.endswith(ROOT) else 2 if key.kind == "digests" else 1].append(key)
    return stages


def _each(act: Callable[[str], object], sizes: dict[str, int], copied: _Copied) -> Iterable[str]:
    """Do it with every file, several at once; give each when it is done. After an error no further one is begun."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        under_way = {pool.submit(act, key): key for key in sizes}
        try:
            for future in as_completed(under_way):
                future.result()
                copied.add(sizes[under_way[future]])
                yield under_way[future]
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _expected(remote: Remote, keys: Sequence[str], known: dict[str, File] | None) -> dict[str, File]:
    """Say what is known of the files that are there; of those without a manifest no digest."""
    if known is not None:
        return {key: known[key] for key in keys if key in known}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        sizes = dict(zip(keys, pool.map(remote.size, keys), strict=True))
    return {key: File(size, "") for key, size in sizes.items() if size is not None}


def _is_there(here: Path, key: Key, file: File, sealed: bool) -> bool:
    path = here / key.name
    if not path.exists() or path.stat().st_size != file.size:
        return path.exists() and sealed and file.size < 0  # a server that does not say
    if sealed or not file.digest:  # shards of pixels: their samples are compared with their digests in the end
        return sealed or key.kind == "pixels"
    return File.of(path) == file


def _download(remote: Remote, here: Path, files: dict[str, File], key: str) -> None:
    path, file = here / key, files[key]
    begun = path.with_name(f"{path.name}.partial")
    remote.download(key, begun)
    if file.digest and File.of(begun) != file:
        begun.unlink()
        raise StoreError(f"{remote.url}/{key} is not the file that was pushed (its digest differs): push it again")
    begun.replace(path)


def _replace(path: Path, data: bytes) -> None:
    begun = path.with_name(f"{path.name}.partial")
    begun.write_bytes(data)
    begun.replace(path)


def _check_lost(group: zarr.Group, keys: Sequence[Key], files: Mapping[str, File], where: str) -> None:
    """Refuse a set of which files are lost: only those of zeros alone, and tables of objects, need not be there."""
    lost = [key for key in keys if key.name not in files]
    if "objects/zarr.json" not in files:
        lost = [key for key in lost if key.kind != "objects"]
    if arrays := [key.name for key in lost if key.kind == "meta"]:
        raise StoreError(f"{where} is damaged: it lacks {arrays[0]}")
    done, size = finished(group), shard_size(group)
    for shard, name in {key.shard: key.name for key in lost if key.shard >= 0}.items():
        for i in np.flatnonzero(done[shard * size : (shard + 1) * size]) + shard * size:
            if problem := verify_one(group, int(i)):
                raise StoreError(
                    f"{where} is damaged: it lacks {name}, and sample {i} {problem}: "
                    "`cellsim verify` finds what is lost, `cellsim verify --repair` makes it again"
                )


def _check(here: Path, wanted: Sequence[Version], sure: bool) -> None:
    """Compare with the digests: of samples; without a manifest, their pixels too."""
    group = open_group(here)
    damaged = [] if sure else [index for index, problem in verify(here) if problem and index >= 0]
    if damaged or not all(is_whole(group, version) for version in wanted):
        what = f"{len(damaged)} samples, the first {damaged[0]}," if damaged else "its samples"
        raise StoreError(f"{here}: {what} are not what was sealed: `cellsim verify` at the source says more")
