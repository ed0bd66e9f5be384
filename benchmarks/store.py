"""Reading: single samples and batches, in random order."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

import cellsim
from benchmarks.timing import median_ms, row


def main() -> None:
    """Make a set of 640 samples and read it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "epidermis.zarr"
        cellsim.make("epidermis", 640, path)
        dataset = cellsim.open_dataset(path)
        rng = np.random.default_rng(0)
        row("one random sample", f"{median_ms(lambda: dataset[int(rng.integers(640))], 300):.2f} ms", "<= 2 ms")
        batch = median_ms(lambda: dataset.batch(rng.integers(640, size=32).tolist()), 50)
        row("a random batch of 32", f"{batch:.1f} ms", "<= 40 ms")
        row("opening", f"{median_ms(lambda: cellsim.open_dataset(path), 30):.1f} ms", "")
