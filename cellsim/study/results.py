"""Results of a study: a line a training on disk, and what they are together."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import numpy as np

from cellsim.errors import StoreError
from cellsim.study.design import ARMS, REAL, SYNTHETIC, Trial

RESULTS = "results.jsonl"
MEASURES = {
    "ap50": "AP at IoU 0.5",
    "ap": "mean AP, IoU 0.5 to 0.95",
    "f1": "F1 at IoU 0.5",
}


@dataclass(frozen=True)
class Result:
    """The scores of one training on the test images, each a mean over images.

    Parameters
    ----------
    arm : str
        What was learnt from.
    size, seed : int
        Real images that were known; of which draw.
    ap50 : float
        TP / (TP + FP + FN) at an IoU of 0.5.
    ap : float
        Its mean over IoU of 0.5, 0.55 ... 0.95.
    f1 : float
        At an IoU of 0.5.
    """

    arm: str
    size: int
    seed: int
    ap50: float
    ap: float
    f1: float

    @property
    def trial(self) -> Trial:
        """Which training it is of."""
        return Trial(self.arm, self.size, self.seed)


class Spread(NamedTuple):
    """A number over several seeds.

    Parameters
    ----------
    mean : float
        Of the seeds.
    deviation : float
        Standard deviation of the seeds, nan for one.
    """

    mean: float
    deviation: float

    def __str__(self) -> str:
        return f"{self.mean:.3f}" if np.isnan(self.deviation) else f"{self.mean:.3f} ± {self.deviation:.3f}"


@dataclass(frozen=True)
class Row:
    """One arm at one size.

    Parameters
    ----------
    arm : str
        What was learnt from.
    size : int
        Real images that were known.
    seeds : int
        Trainings.
    scores : dict of str to Spread
        By the names of `MEASURES`.
    gains : dict of str to Spread
        What is more than with the same real images alone, seed by seed; empty for that arm, or if none are there.
    """

    arm: str
    size: int
    seeds: int
    scores: dict[str, Spread]
    gains: dict[str, Spread]


def read_results(folder: Path) -> dict[Trial, Result]:
    """Read what is finished.

    Parameters
    ----------
    folder : Path
        Of the study.

    Returns
    -------
    dict of Trial to Result
        In their order; a line that a killed process left unfinished is left out.
    """
    path = folder / RESULTS
    found: dict[Trial, Result] = {}
    for line in path.read_text("utf-8").splitlines() if path.exists() else []:
        try:
            result = Result(**json.loads(line))
        except (json.JSONDecodeError, TypeError):
            break
        found[result.trial] = result
    return found


def write_results(folder: Path, results: Sequence[Result]) -> None:
    """Write what is finished, a line each.

    Parameters
    ----------
    folder : Path
        Of the study.
    results : sequence of Result
        In the order of the trials.

    Raises
    ------
    StoreError
        If they cannot be written.
    """
    text = "".join(json.dumps(asdict(result)) + "\n" for result in results)
    place = folder / f"{RESULTS}.new"
    try:
        place.write_text(text, "utf-8")
        place.replace(folder / RESULTS)
    except OSError as error:
        raise StoreError(f"{folder / RESULTS} cannot be written: {error.strerror or error}") from error


def spread(values: Sequence[float]) -> Spread:
    """Summarise a number over seeds.

    Parameters
    ----------
    values : sequence of float
        One or more.

    Returns
    -------
    Spread
        The standard deviation is that of a sample (N - 1).
    """
    return Spread(float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else float("nan"))


def tabulate(results: Sequence[Result]) -> list[Row]:
    """Summarise results over seeds.

    Parameters
    ----------
    results : sequence of Result
        In any order.

    Returns
    -------
    list of Row
        By size and arm. Synthetic samples that depend on no real image are of size 0; they have no gain.
    """
    known = {result.trial: result for result in results}
    rows = []
    for size, arm in sorted({(r.size, r.arm) for r in results}, key=lambda pair: (pair[0], ARMS.index(pair[1]))):
        mine = sorted((r for r in results if (r.arm, r.size) == (arm, size)), key=lambda r: r.seed)
        scores = {name: spread([getattr(r, name) for r in mine]) for name in MEASURES}
        pairs = [(r, known[alone]) for r in mine if (alone := Trial(REAL, size, r.seed)) in known and arm != REAL]
        gains = {n: spread([getattr(a, n) - getattr(b, n) for a, b in pairs]) for n in MEASURES} if pairs else {}
        rows.append(Row(arm, size, len(mine), scores, gains))
    return rows


def as_csv(results: Sequence[Result]) -> str:
    """Write all single results as CSV.

    Parameters
    ----------
    results : sequence of Result
        In the order of the lines.

    Returns
    -------
    str
        With a header.
    """
    text = StringIO()
    sheet = csv.writer(text, lineterminator="\n")
    sheet.writerow(["arm", "size", "seed", *MEASURES])
    sheet.writerows([r.arm, r.size, r.seed, *(f"{getattr(r, name):.6f}" for name in MEASURES)] for r in results)
    return text.getvalue()


def as_markdown(rows: Sequence[Row]) -> str:
    """Write the summary as a table.

    Parameters
    ----------
    rows : sequence of Row
        From `tabulate`.

    Returns
    -------
    str
        Markdown; mean ± standard deviation over seeds.
    """
    lines = [
        f"| real images | learnt from | seeds | {' | '.join(MEASURES.values())} | gain in AP at IoU 0.5 |",
        f"|{'---|' * (len(MEASURES) + 4)}",
    ]
    for row in rows:
        gain = _signed(row.gains["ap50"]) if row.gains else ""
        scores = " | ".join(str(row.scores[name]) for name in MEASURES)
        size = "any" if row.arm == SYNTHETIC and not row.size else str(row.size)
        lines.append(f"| {size} | {row.arm} | {row.seeds} | {scores} | {gain} |")
    return "\n".join(lines) + "\n"


def _signed(gain: Spread) -> str:
    return f"{'+' if gain.mean >= 0 else '−'}{str(gain).removeprefix('-')}"
