"""Exports: samples a second of each format, beside a plain loop over the samples with tifffile."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import tifffile

import cellsim
from benchmarks.timing import row
from cellsim.datasets.export import FORMATS
from cellsim.datasets.export.exporting import export_files
from cellsim.datasets.reader import Dataset

SAMPLES = 320
ROUNDS = 3


def plain_loop(dataset: Dataset, folder: Path) -> None:
    """Write what one would write by hand: an image and a mask a sample."""
    folder.mkdir()
    for i in range(len(dataset)):
        stored = dataset.raw([i])
        tifffile.imwrite(folder / f"{i:06d}_img.tif", stored["image"][0])
        tifffile.imwrite(folder / f"{i:06d}_masks.tif", stored["labels"][0][0])


def main() -> None:
    """Export gray images of 256 x 256 pixels in every format, all in turn."""
    with tempfile.TemporaryDirectory() as root:
        path, out = Path(root) / "epidermis.zarr", Path(root) / "out"
        cellsim.make("epidermis", SAMPLES, path)
        dataset = cellsim.open_dataset(path)
        calls: dict[str, Callable[[], object]] = {"plain loop of tifffile.imwrite": lambda: plain_loop(dataset, out)}
        for kind in FORMATS:
            calls[kind] = lambda kind=kind: export_files(dataset, kind, out)  # type: ignore[misc]
        best = dict.fromkeys(calls, float("inf"))
        for turn in range(ROUNDS + 1):
            for name, call in calls.items():
                shutil.rmtree(out, ignore_errors=True)
                began = time.perf_counter()
                call()
                if turn:  # the first compiles
                    best[name] = min(best[name], time.perf_counter() - began)
        plain = best["plain loop of tifffile.imwrite"]
        for name, seconds in best.items():
            row(name, f"{SAMPLES / seconds:.0f} samples/s, {plain / seconds:.2f} of the plain loop")
