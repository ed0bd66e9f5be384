"""`cellsim export`, `cellsim import` and `cellsim card`."""

from __future__ import annotations

from pathlib import Path

import click
from tqdm import tqdm

from cellsim.cli.ingesting import numbers, summary
from cellsim.cli.making import advance, gallery_of
from cellsim.cli.table import table
from cellsim.datasets.export import FORMATS
from cellsim.datasets.export.exporting import Exported, ExportOptions
from cellsim.datasets.export.importing import Framing, import_dataset
from cellsim.datasets.reader import open_dataset
from cellsim.errors import InputError
from cellsim.exporting import export_dataset
from cellsim.report.card import card_text, save_card

KIND = click.option("-f", "--format", "kind", type=click.Choice([*FORMATS]), required=True, help="Of the folder.")


def shares(text: str | None) -> tuple[float, ...]:
    """Read shares such as ``0.8/0.1/0.1``.

    Parameters
    ----------
    text : str or None
        Of train, val and test.

    Returns
    -------
    tuple of float
        Empty if there is no text.

    Raises
    ------
    InputError
        If it is not of that form.
    """
    try:
        return tuple(float(part) for part in text.split("/")) if text else ()
    except ValueError:
        raise InputError(f"--split takes shares such as 0.8/0.2 or 0.8/0.1/0.1, got {text!r}") from None


@click.command()
@click.argument("dataset")
@KIND
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="Folder.")
@click.option("--version", help="Of the data set.  [default: the newest]")
@click.option("--split", metavar="A/B[/C]", help="Shares of train, val and test, such as 0.8/0.1/0.1.")
@click.option("--structure", help="Only this label plane.  [default: all that the format holds]")
@click.option("--float", "floats", is_flag=True, help="Images as float32 in [0, 1].")
@click.option("--workers", type=int, help="Threads.  [default: one a core]")
def export(
    dataset: str,
    kind: str,
    output: Path,
    version: str | None,
    split: str | None,
    structure: str | None,
    floats: bool,
    workers: int | None,
) -> None:
    """Write DATASET in the format of other programs.

    Run it again after a crash and it writes what is missing. In a split, a sample goes where its address says: in a
    larger version it goes there too, and tiles of one field of view stay together.
    """
    options = ExportOptions(split=shares(split), structure=structure, floats=floats, workers=workers)
    opened = open_dataset(dataset, version)
    with tqdm(unit=" samples", dynamic_ncols=True, leave=False, disable=None) as bar:
        done = export_dataset(opened, kind, output, options, progress=advance(bar))
    click.echo(exported(done, kind))


def exported(done: Exported, kind: str) -> str:
    """Say on one screen what was exported.

    Parameters
    ----------
    done : Exported
        As `cellsim.export_dataset` returns it.
    kind : str
        Name of the format.

    Returns
    -------
    str
        A few lines.
    """
    rate = f" ({done.written / done.seconds:.0f} a second)" if done.written else ""
    parts = ", ".join(f"{part} {n:,}" for part, n in done.parts.items() if part)
    lines = [
        ("folder", f"{done.output}, {kind}"),
        ("version", done.version),
        ("samples", f"{done.samples:,} ({done.written:,} written now, {done.samples - done.written:,} were there)"),
        *([("split", parts)] if parts else []),
        ("time", f"{done.seconds:.1f} s{rate}"),
    ]
    return table(lines)


@click.command("import")
@click.argument("source", type=click.Path(path_type=Path))
@KIND
@click.option("-o", "--output", required=True, help="Path or URL of the data set.")
@click.option("--structure", help="Only this label plane, category or class.  [default: the first]")
@click.option("--canvas", metavar="[Zx]YxX", help="Cut images into tiles of so many pixels.  [default: whole images]")
@click.option("--spacing", metavar="[Zx]YxX", help="Size of a pixel in µm.  [default: as the files say]")
@click.option("--gallery/--no-gallery", default=True, help="Write a picture of a few samples beside the data set.")
def import_(
    source: Path,
    kind: str,
    output: str,
    structure: str | None,
    canvas: str | None,
    spacing: str | None,
    gallery: bool,
) -> None:
    """Turn SOURCE, a folder in the format of another program, into a data set.

    What `cellsim export` wrote comes back as it was.
    """
    shape = None if canvas is None else numbers(canvas, int, "--canvas")
    pixel = None if spacing is None else numbers(spacing, float, "--spacing")
    framing = Framing(shape * 2 if shape and len(shape) == 1 else shape, pixel)
    with tqdm(unit=" samples", dynamic_ncols=True, leave=False, disable=None) as bar:
        done = import_dataset(source, kind, output, structure=structure, framing=framing, progress=advance(bar))
    click.echo(summary(done, gallery_of(done.location, done.version.name) if gallery else None, guessed=False))


@click.command()
@click.argument("dataset")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Markdown file; its picture is put beside it.")
@click.option("--version", help="Of the data set.  [default: the newest]")
def card(dataset: str, output: Path | None, version: str | None) -> None:
    """Write the card of DATASET: what it is, how it was made, numbers, a picture, how to cite it.

    Without -o it is printed, without a picture.
    """
    opened = open_dataset(dataset, version)
    if output is None:
        click.echo(card_text(opened), nl=False)
    else:
        click.echo(f"{save_card(opened, output)} and {output.with_suffix('.png').name}")
