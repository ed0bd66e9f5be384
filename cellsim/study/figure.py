"""The picture of a study: scores over the number of real images, a line an arm."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cellsim.study.design import BOTH, REAL, SYNTHETIC
from cellsim.study.results import MEASURES, Row

COLOURS = {REAL: "#333333", BOTH: "#0b6e8a", SYNTHETIC: "#c2571a"}
SHIFT = {REAL: 0.985, BOTH: 1.0, SYNTHETIC: 1.015}  # so that bars do not hide each other
SHOWN = ("ap50", "ap")
LABELS = {"family": "sans-serif", "size": 9}


def save_figure(rows: Sequence[Row], title: str, path: Path) -> Path | None:
    """Draw means, with a standard deviation over seeds to both sides.

    Parameters
    ----------
    rows : sequence of Row
        From `cellsim.study.results.tabulate`.
    title : str
        Above the picture.
    path : Path
        Of a PNG file.

    Returns
    -------
    Path or None
        None if Matplotlib is not installed.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        return None
    figure = Figure(figsize=(8, 3.2), layout="constrained")
    FigureCanvasAgg(figure)
    for plot, measure in zip(figure.subplots(1, len(SHOWN)), SHOWN, strict=True):
        _plot(plot, rows, measure)
    figure.suptitle(title, **LABELS)
    figure.savefig(path, dpi=110, metadata={"Software": None})
    return path


def _plot(plot: Any, rows: Sequence[Row], measure: str) -> None:
    sizes = sorted({row.size for row in rows if row.size})
    for arm, colour in COLOURS.items():
        mine = [row for row in rows if row.arm == arm]
        if not mine:
            continue
        x = np.array([row.size for row in mine], np.float64) * SHIFT[arm]
        mean, deviation = np.array([row.scores[measure] for row in mine]).T
        if arm == SYNTHETIC and not mine[0].size:
            plot.axhline(mean[0], color=colour, linestyle="--", label=arm)
            continue
        plot.errorbar(x, mean, np.nan_to_num(deviation), color=colour, marker="o", markersize=4, capsize=3, label=arm)
    if sizes:
        plot.set_xscale("log", base=2)
        plot.set_xticks(sizes, [str(size) for size in sizes])
        plot.minorticks_off()
    plot.set_ylim(bottom=0)
    plot.set_xlabel("real images", **LABELS)
    plot.set_ylabel(MEASURES[measure], **LABELS)
    plot.grid(alpha=0.25)
    plot.legend(fontsize=8, frameon=False)
