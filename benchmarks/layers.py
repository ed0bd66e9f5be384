"""Mask layers: objects at random, which partly hide each other, and cells of a tissue."""

from __future__ import annotations

import numpy as np

from benchmarks.timing import interleaved_ms, row
from cellsim.masks.layers import merge_layers, split_layers
from cellsim.masks.proximity import proximity
from cellsim.masks.voronoi import voronoi
from cellsim.sample import Labels
from cellsim.seeds import stream

EDGE, COUNT = 1024, 800


def disks(rng: np.random.Generator) -> Labels:
    """Lay disks of 8 to 16 px on each other at random."""
    labels = np.zeros((EDGE, EDGE), np.uint16)
    for i in range(COUNT):
        y, x = rng.uniform(20, EDGE - 20, 2)
        window = np.s_[int(y) - 18 : int(y) + 19, int(x) - 18 : int(x) + 19]
        rows, columns = np.ogrid[window]
        labels[window][(rows - y) ** 2 + (columns - x) ** 2 < rng.uniform(8, 16) ** 2] = i + 1
    return labels


def main() -> None:
    """Time the way to layers and back."""
    rng = stream(0, 0, "benchmark")
    seeds = EDGE * rng.random((COUNT, 2))
    tissue = voronoi(np.ones((EDGE, EDGE), np.bool_), (1.0, 1.0), seeds, 1.0)
    for name, labels in (("disks", disks(rng)), ("cells of a tissue", tissue)):
        planes = split_layers(labels, rng=rng)
        calls = {
            "to 4 layers": lambda labels=labels: split_layers(labels, rng=rng),
            "of which neighbours": lambda labels=labels: proximity(labels, 2),
            "and back": lambda planes=planes: merge_layers(planes),
        }
        count = len(np.unique(labels)) - 1
        for what, taken in interleaved_ms(calls).items():
            goal = "<= 30 ms" if what == "to 4 layers" else ""
            row(f"{count} {name}, {EDGE} x {EDGE}: {what}", f"{taken:.1f} ms", goal)
