"""`cellsim score`."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import click
from tqdm import tqdm

from cellsim.cli.making import advance
from cellsim.errors import InputError
from cellsim.evaluate.instances import DSB
from cellsim.evaluate.listing import listing, rows, summary
from cellsim.evaluate.scoring import Scores
from cellsim.evaluate.scoring import score as score_images

EMPTY = {"1": 1.0, "0": 0.0, "skip": float("nan")}


def thresholds_of(text: str) -> tuple[float, ...]:
    """Read thresholds such as ``0.5``, ``0.5,0.75,0.9`` or ``0.5:0.9:0.05``.

    Parameters
    ----------
    text : str
        Numbers, or the first, the last and the step.

    Returns
    -------
    tuple of float
        Ascending if they are given as a range.

    Raises
    ------
    InputError
        If it is neither.
    """
    try:
        if ":" not in text:
            return tuple(float(part) for part in text.split(","))
        low, high, step = (float(part) for part in text.split(":"))
        return tuple(round(low + k * step, 9) for k in range(round((high - low) / step) + 1))
    except (ValueError, ZeroDivisionError):
        raise InputError(f"--thresholds must be numbers as 0.5,0.75,0.9 or 0.5:0.9:0.05, got {text!r}") from None


@click.command()
@click.argument("truth")
@click.argument("found")
@click.option("--structure", help="The only one that is scored, such as nuclei.  [default: each]")
@click.option(
    "--thresholds",
    default=f"{DSB[0]}:{DSB[-1]}:{DSB[1] - DSB[0]:.2g}",
    show_default=True,
    help="Least IoU of a hit: numbers, or first:last:step.",
)
@click.option(
    "--distance",
    type=float,
    help="Also match centres at most so far apart, in µm (in pixels if no data set says how large they are).",
)
@click.option(
    "--empty",
    type=click.Choice(list(EMPTY)),
    default="1",
    show_default=True,
    help="What an image without objects counts in means over images if none are found in it.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Also write all numbers: a .json or .csv file.")
def score(
    truth: str,
    found: str,
    structure: str | None,
    thresholds: str,
    distance: float | None,
    empty: str,
    output: Path | None,
) -> None:
    """Score the segmentation FOUND against TRUTH.

    Both are data sets, folders of label images (PNG, TIFF, NPY; matched by name) or single files. TRUTH may be a folder
    of CSV files of points, in rows ([plane,] row, column) in pixels.
    """
    _check(output)
    wanted = thresholds_of(thresholds)
    with tqdm(unit=" images", dynamic_ncols=True, leave=False, disable=None) as bar:
        scores = score_images(
            truth, found, structure=structure, thresholds=wanted, distance=distance, progress=advance(bar)
        )
    click.echo(listing(scores, EMPTY[empty]))
    if output is not None:
        write(scores, output, EMPTY[empty])


def _check(output: Path | None) -> None:
    if output is None:
        return
    if output.suffix.lower() not in (".json", ".csv"):
        raise InputError(f"scores are written to a .json or .csv file, got {output}")
    if not output.parent.is_dir():
        raise InputError(f"no folder {output.parent}: the scores cannot be written there")


def write(scores: Scores, path: Path, empty: float = 1.0) -> None:
    """Write all numbers of each image; to JSON, also those of all images together.

    Parameters
    ----------
    scores : Scores
        From `cellsim.score`.
    path : Path
        Of a .json or .csv file.
    empty : float
        As in `listing.summary`.
    """
    images = rows(scores)
    if path.suffix.lower() == ".json":
        together = {"together": summary(scores, empty), "images": images}
        path.write_text(json.dumps(together, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
        return
    columns = list(dict.fromkeys(name for row in images for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(images)
