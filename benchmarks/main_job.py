"""The main job: samples a second with the store included, and the memory it takes."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import cellsim
from benchmarks.timing import peak_mb, row


def seconds(n: int, workers: int, folder: Path) -> float:
    """Wall time of making `n` samples of epidermis, start-up of the workers included."""
    began = time.perf_counter()
    cellsim.make("epidermis", n, folder / f"{n}-{workers}.zarr", workers=workers)
    return time.perf_counter() - began


def main() -> None:
    """Make sets of several sizes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for n, workers, target in ((500, 1, ""), (5000, 2, ">= 300 a second")):
            taken = seconds(n, workers, folder)
            row(f"make -n {n}, {workers} workers", f"{taken:.1f} s, {n / taken:.0f} a second", target)
        for n in (500, 5000):
            code = f"import cellsim; cellsim.make('epidermis', {n}, {str(folder / f'memory-{n}.zarr')!r}, workers=2)"
            row(f"peak memory of a process, n = {n}", f"{peak_mb(code):.0f} MB", "< 500 MB, flat in n")
