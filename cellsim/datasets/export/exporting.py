"""The main job of this room: the missing files of an export, by several threads; then what lists them."""

from __future__ import annotations

import csv
import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any

from cellsim.datasets.export import find_format
from cellsim.datasets.export.base import Contents, Entry, Format, Item
from cellsim.datasets.export.folder import Folder
from cellsim.datasets.export.manifest import TABLE, Manifest, same_export
from cellsim.datasets.layout import quantise, show
from cellsim.datasets.reader import Dataset, as_intensity
from cellsim.datasets.split import parts_by_address
from cellsim.errors import InputError

Progress = Callable[[int, int], None]  # samples finished, samples wanted
Companion = Callable[[Dataset, Path], None]

BLOCK_BYTES = 2**25  # of samples that one thread reads at once, if several fit
BLOCK = 16  # samples, at most


@dataclass(frozen=True)
class ExportOptions:
    """What of a data set is exported, and how.

    Parameters
    ----------
    split : tuple of float
        Shares of train, val and test, adding up to 1; empty if the set is not split.
    structure : str, optional
        The label plane, for formats that hold one (the first if None); other formats then leave out the others.
    floats : bool
        Images as float32 in [0, 1], rather than as they are stored.
    workers : int, optional
        Threads; one a core if None. The files do not depend on it.

    Raises
    ------
    InputError
        If `workers` is less than 1.
    """

    split: tuple[float, ...] = ()
    structure: str | None = None
    floats: bool = False
    workers: int | None = None

    def __post_init__(self) -> None:
        if self.workers is not None and self.workers < 1:
            raise InputError(f"workers must be >= 1, got {self.workers}")

    @property
    def threads(self) -> int:
        """How many threads write."""
        return self.workers or len(os.sched_getaffinity(0))


@dataclass(frozen=True)
class Exported:
    """What an export did.

    Parameters
    ----------
    output : Path
        The folder.
    version : str
        Of the data set.
    samples : int
        In the export.
    written : int
        In this run; the others were there.
    parts : dict of str to int
        Samples of each part; {"": n} if the set is not split.
    seconds : float
        Wall time of this run.
    """

    output: Path
    version: str
    samples: int
    written: int
    parts: dict[str, int]
    seconds: float


def export_files(
    dataset: Dataset,
    kind: str,
    output: str | Path,
    options: ExportOptions | None = None,
    *,
    companions: Companion | None = None,
    progress: Progress | None = None,
) -> Exported:
    """Write a version of a data set in the format of other programs, or what is missing of it.

    Samples are read, encoded and written in blocks by threads; only a few blocks are in memory at a time. A file has
    its name only when it is whole: killed at any point, the same call goes on, and a finished export is left alone.

    Parameters
    ----------
    dataset : Dataset
        The version to be exported.
    kind : str
        A key of `cellsim.datasets.export.FORMATS`.
    output : str or Path
        Folder: new, empty, or an export of the same version in the same way.
    options : ExportOptions, optional
        Split, structure, type of images, threads.
    companions : callable, optional
        Called with (dataset, folder) at the end, to write what goes with the samples.
    progress : callable, optional
        Called with (samples finished, samples) at the start and after every block.

    Returns
    -------
    Exported
        Counts, seconds.

    Raises
    ------
    InputError
        If the format cannot hold the samples.
    StoreError
        If the folder holds something else, or cannot be written.
    """
    began = time.perf_counter()
    options = ExportOptions() if options is None else options
    form = find_format(kind)
    planes, contents = _contents(dataset, form, options)
    form.check(contents)
    folder, manifest = Folder(Path(output)), _manifest(dataset, contents, kind, options)
    written = 0
    if not same_export(folder.root, manifest):
        manifest.save(folder, finished=False)
        written = _write_missing(_Job(dataset, form, contents, planes, folder), options.threads, progress)
        form.finish(contents, folder)
        folder.write(TABLE, _table(contents))
        if companions:
            companions(dataset, folder.root)
        folder.clean()
        manifest.save(folder, finished=True)
    elif progress:
        progress(len(dataset), len(dataset))
    parts = {part: len(entries) for part, entries in contents.parts.items()}
    return Exported(folder.root, dataset.version.name, len(dataset), written, parts, time.perf_counter() - began)


def _contents(dataset: Dataset, form: Format, options: ExportOptions) -> tuple[list[int], Contents]:
    """Choose label planes, and list the samples."""
    spec = dataset.spec
    if options.structure is not None and options.structure not in spec.structures:
        raise InputError(
            f"{show(dataset.location)} has no structure '{options.structure}' "
            f"(structures: {', '.join(spec.structures)})"
        )
    every = form.every_structure and options.structure is None
    chosen = spec.structures if every else (options.structure or spec.structures[0],)
    contents = Contents(
        name=spec.name,
        shape=spec.shape,
        spacing=spec.spacing,
        structures=chosen,
        channels=spec.channels,
        dtype="float32" if options.floats else spec.image,
        digest=dataset.version.digest,
        entries=_entries(dataset, options.split),
    )
    return [spec.structures.index(name) for name in chosen], contents


def _entries(dataset: Dataset, shares: Sequence[float]) -> list[Entry]:
    parts = parts_by_address(dataset, shares) if shares else [""] * len(dataset)
    drawn = {name: values.tolist() for name, values in dataset.drawn.items()}
    parents = dataset.spec.parents

    def facts(i: int) -> dict[str, float | str | None]:
        numbers = {name: _plain(values[i]) for name, values in drawn.items()}
        return {**numbers, "parent": parents[int(drawn["parent"][i])]} if parents else {**numbers}

    return [Entry(f"{i:06d}", part, facts(i)) for i, part in enumerate(parts)]


def _plain(value: float) -> float | None:
    if not math.isfinite(value):
        return None  # JSON has no nan; a CSV writer leaves the field empty
    return int(value) if value == int(value) else value


def _manifest(dataset: Dataset, contents: Contents, kind: str, options: ExportOptions) -> Manifest:
    identity = {
        "format": kind,
        "name": contents.name,
        "version": dataset.version.name,
        "samples": dataset.version.samples,
        "digest": contents.digest,
        "split": list(options.split),
        "structures": list(contents.structures),
        "images": contents.dtype if contents.channels else None,
    }
    about = {
        "shape": list(contents.shape),
        "spacing": list(contents.spacing),
        "channels": list(contents.channels),
        "structures": list(contents.structures),
        "parents": bool(dataset.spec.parents),
        "source": dataset.spec.digest,
    }
    return Manifest(identity, about)


@dataclass(frozen=True, eq=False)
class _Job:
    """What every thread knows."""

    dataset: Dataset
    form: Format
    contents: Contents
    planes: list[int]
    folder: Folder

    def units(self) -> list[list[Entry]]:
        """Cut each part into what is written together."""
        size = self.form.samples_a_unit
        parts = self.contents.parts.values()
        return [entries[i : i + size] for entries in parts for i in range(0, len(entries), size)]

    def is_done(self, unit: Sequence[Entry]) -> bool:
        return all(self.folder.has(name) for name in self.form.files(unit, self.contents))

    def write(self, units: Sequence[Sequence[Entry]]) -> int:
        """Read the samples of some units at once, or those of a large one in turn, and write them."""
        entries = [entry for unit in units for entry in unit]
        if len(entries) > self.fitting:
            for unit in units:
                self.form.write(_Samples(self, unit), self.contents, self.folder)
            return len(entries)
        items = iter(self.read(entries))
        for unit in units:
            self.form.write(list(islice(items, len(unit))), self.contents, self.folder)
        return len(entries)

    @property
    def fitting(self) -> int:
        """How many samples are read at once."""
        spec = self.dataset.spec
        bytes_a_pixel = 2 * len(spec.structures) + len(spec.channels) * (4 if self.contents.dtype == "float32" else 2)
        return min(BLOCK, max(1, BLOCK_BYTES // (math.prod(spec.shape) * bytes_a_pixel)))

    def read(self, entries: Sequence[Entry]) -> list[Item]:
        """Read some samples."""
        names = ["labels", *(["image"] if self.contents.channels else [])]
        raw = self.dataset.raw([int(entry.name) for entry in entries], names)
        images = raw.get("image", [None] * len(entries))
        return [self._item(*one) for one in zip(entries, raw["labels"], images, strict=True)]

    def _item(self, entry: Entry, labels: Any, image: Any) -> Item:
        image = as_intensity(image) if self.contents.dtype == "float32" else self._as_declared(image)
        labels = labels if self.planes == [*range(len(labels))] else labels[self.planes]
        return Item(entry.name, entry.part, entry.facts, labels=labels, image=image)

    def _as_declared(self, image: Any) -> Any:
        """Widen the grey levels of a source of 8 bits in a mixture with one of 16: white stays white."""
        if image is None or image.dtype == self.contents.dtype:
            return image
        return quantise(as_intensity(image), self.contents.dtype)  # type: ignore[arg-type]


class _Samples(Sequence[Item]):
    """Samples of a unit that is read in several blocks, of which one is in memory."""

    def __init__(self, job: _Job, entries: Sequence[Entry]) -> None:
        self.job, self.entries, self.size = job, entries, job.fitting
        self.start, self.block = 0, job.read(entries[: self.size])

    def __len__(self) -> int:
        return len(self.entries)

    def __getitem__(self, index: int) -> Item:  # type: ignore[override]
        start = range(len(self))[index] // self.size * self.size
        if start != self.start:
            self.block = []
            self.start, self.block = start, self.job.read(self.entries[start : start + self.size])
        return self.block[index % len(self) - start]


def _write_missing(job: _Job, threads: int, progress: Progress | None) -> int:
    """Write what is missing, a few blocks ahead of the threads and no more: memory does not grow with the set."""
    missing = [unit for unit in job.units() if not job.is_done(unit)]
    wanted, total = sum(map(len, missing)), len(job.dataset)
    if progress:
        progress(total - wanted, total)
    written = 0
    with ThreadPoolExecutor(threads) as pool:
        blocks = _blocks(job, missing)
        pending: set[Future[int]] = {pool.submit(job.write, block) for block in islice(blocks, 2 * threads)}
        try:
            while pending:
                done, pending = wait(pending, return_when=FIRST_COMPLETED)
                written += sum(one.result() for one in done)
                pending |= {pool.submit(job.write, block) for block in islice(blocks, len(done))}
                if progress:
                    progress(total - wanted + written, total)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return written


def _blocks(job: _Job, units: Sequence[list[Entry]]) -> Iterator[Sequence[list[Entry]]]:
    size = max(1, job.fitting // job.form.samples_a_unit)
    return (units[i : i + size] for i in range(0, len(units), size))


def _table(contents: Contents) -> str:
    """List all samples: name, part, parent, and the numbers of each; as `cellsim ingest --parents` reads it."""
    written = StringIO()
    columns = ["parent", *(name for name in contents.entries[0].facts if name != "parent")]
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(["image", "part", *columns])
    for entry in contents.entries:
        known = {"parent": entry.name, **entry.facts}
        rows.writerow([entry.name, entry.part, *(known[name] for name in columns)])
    return written.getvalue()
