"""Scores of two label images of 5,000 cells, against StarDist and Cellpose where they are installed."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from benchmarks.timing import interleaved_ms, median_ms, row
from cellsim.evaluate.instances import DSB, instance_scores
from cellsim.evaluate.match import match, overlaps
from cellsim.evaluate.scoring import score

SIDE, CELLS = 2048, 71  # px; cells along an edge: 5,041
ROUNDS = 3  # of peers, which take seconds


def label_images(side: int = SIDE, cells: int = CELLS) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return touching cells on a shaken grid, and the same shifted by three pixels under other ids."""
    rng, pitch = np.random.default_rng(0), side / cells
    grid = (np.stack(np.meshgrid(*[np.arange(cells)] * 2, indexing="ij"), axis=-1).reshape(-1, 2) + 0.5) * pitch
    centres = grid + rng.normal(0, pitch / 6, grid.shape)
    far, nearest = cKDTree(centres).query(np.indices((side, side)).reshape(2, -1).T)
    truth = np.where(far < 0.45 * pitch, nearest + 1, 0).reshape(side, side).astype(np.uint16)
    names = np.append(0, 1 + rng.permutation(len(centres))).astype(np.uint16)
    return truth, names[np.roll(truth, (3, 2), (0, 1))]


def peers(truth: Any, found: Any) -> dict[str, Callable[[], object]]:
    """Return calls of the libraries that are there; both make a dense table of all pairs."""
    calls: dict[str, Callable[[], object]] = {}
    try:
        from stardist.matching import matching

        calls["stardist.matching, one threshold"] = lambda: matching(truth, found, 0.5)
        calls["stardist.matching, nine thresholds"] = lambda: matching(truth, found, DSB)
    except ImportError:
        row("stardist", "not installed: pip install stardist")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from cellpose.metrics import average_precision

        calls["cellpose.metrics.average_precision, nine thresholds"] = lambda: average_precision(
            truth, found, list(DSB)
        )
    except ImportError:
        row("cellpose", "not installed: pip install cellpose==3.1.1.3")
    return calls


def main() -> None:
    """Time matching, scores at nine thresholds, and all scores; then others'."""
    truth, found = label_images()
    objects = f"{len(np.unique(truth)) - 1:,} objects, {SIDE} x {SIDE}"
    calls: dict[str, Callable[[], object]] = {
        f"match, {objects}": lambda: match(truth, found),
        "scores at nine thresholds": lambda: instance_scores(overlaps(truth, found), DSB),
        "all that `cellsim score` counts": lambda: score(truth, found),
        "match of int32 and int64": lambda: match(truth.astype(np.int32), found.astype(np.int64)),
        "match at IoU 0.05, where neighbours compete": lambda: match(truth, found, 0.05),
    }
    ours = interleaved_ms(calls, 15)
    for name, taken in ours.items():
        row(name, f"{taken:.1f} ms", "<= 60 ms" if name.startswith("match, ") else "")
    single, nine = list(ours.values())[:2]
    for name, call in peers(truth, found).items():
        taken = median_ms(call, ROUNDS)
        row(name, f"{taken:,.0f} ms", f"{taken / (nine if 'nine' in name else single):,.0f} x")
