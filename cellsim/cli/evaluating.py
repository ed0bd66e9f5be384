"""`cellsim evaluate`."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import click
from tqdm import tqdm

from cellsim.cli.table import table
from cellsim.errors import InputError
from cellsim.evaluate.comparison import CompareOptions, Comparison, Progress, compare
from cellsim.report import words
from cellsim.report.page import ranking, save_report

LINES = 10  # findings that are printed
OF_DISTANCES = 4  # of them, at most


@click.command()
@click.argument("real")
@click.argument("synthetic")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Folder of the report.")
@click.option("--images", type=int, default=CompareOptions.images, show_default=True, help="Of each set, at most.")
@click.option(
    "--features",
    help="Kinds of features, by commas; inception=FILE for its weights.  [default: those that need no download]",
)
@click.option("--structure", help="To compare; REAL=SYNTHETIC if the sets name it differently.")
@click.option("--channel", help="Likewise the channel.  [default: all that both have]")
@click.option("--real-version", help="Of the real set.  [default: the newest]")
@click.option("--synthetic-version", help="Of the synthetic set.  [default: the newest]")
def evaluate(
    real: str,
    synthetic: str,
    output: Path,
    images: int,
    features: str | None,
    structure: str | None,
    channel: str | None,
    real_version: str | None,
    synthetic_version: str | None,
) -> None:
    """Compare the data set SYNTHETIC with the data set REAL.

    Writes report.html, one page that can be sent to anyone, and report.json with all numbers.
    """
    if output.exists() and not output.is_dir():
        raise InputError(f"a report is written into a folder, and {output} is a file")
    named = tuple(_feature(name.strip()) for name in features.split(",")) if features is not None else None
    options = CompareOptions(images, named, structure, channel)
    with tqdm(dynamic_ncols=True, leave=False, disable=None) as bar:
        found = compare(real, synthetic, options, versions=(real_version, synthetic_version), progress=_follow(bar))
        bar.set_description_str("writing the report")
        page = save_report(found, output, _command())
    click.echo("\n".join(f"- {line}" for line in telling_lines(found)))
    click.echo(summary(found, page))


def _feature(word: str) -> str | dict[str, Any]:
    """Read a kind of features, or a kind and the file of its weights."""
    kind, _, weights = word.partition("=")
    return {"kind": kind, "weights": weights} if weights else kind


def _follow(bar: tqdm[NoReturn]) -> Progress:
    """Show on a bar what is being done."""
    doing = ""

    def move(what: str, done: int, total: int) -> None:
        nonlocal doing
        if what != doing:
            bar.reset(total)
            bar.set_description_str(what)
            doing = what
        bar.update(done - bar.n)

    return move


def _command() -> str:
    """Return the command line as it was typed."""
    return shlex.join(["cellsim", *sys.argv[1:]])


def telling_lines(found: Comparison) -> list[str]:
    """Choose what a terminal shows of a comparison.

    Parameters
    ----------
    found : Comparison
        Of two sets.

    Returns
    -------
    list of str
        At most ten sentences: notes left out, suspected copies, distances with their floors, the greatest differences.
    """
    objects = words.objects_of(found)
    copied = [words.copies(one) for one in found.copies if one.suspects]
    far = list(_farthest(found))[:OF_DISTANCES]
    room = LINES - len(copied) - len(far) - 1
    different = [words.difference(one, objects) for one in ranking(found.differences)[:room]]
    return [words.verdict(found), *different, *far, *copied]


def _farthest(found: Comparison) -> Iterator[str]:
    """Sentences on distances, the one farthest over its floor first, one of each kind of features."""
    over = [(times, one) for one in found.distances if (times := words.over_floor(one)) is not None]
    seen: set[tuple[str, str]] = set()
    for _, one in sorted(over, key=lambda pair: -pair[0]):
        if (one.of, one.features) not in seen:
            seen.add((one.of, one.features))
            yield words.distance(one)


def summary(found: Comparison, page: Path) -> str:
    """Say what was compared, and where the report is.

    Parameters
    ----------
    found : Comparison
        Of two sets.
    page : Path
        Of the report.

    Returns
    -------
    str
        A few lines.
    """
    objects = words.objects_of(found)
    sets = (("real", found.real, found.objects[0]), ("synthetic", found.synthetic, found.objects[1]))
    lines = [
        *((name, f"{len(one):,} images of '{one.name}' {one.version}, {n:,} {objects}") for name, one, n in sets),
        *(("note", note) for note in found.notes),
        ("report", str(page)),
        ("numbers", str(page.with_suffix(".json"))),
        ("time", f"{found.seconds:.1f} s"),
    ]
    return table(lines)
