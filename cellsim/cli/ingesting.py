"""`cellsim ingest`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TypeVar

import click
from tqdm import tqdm

from cellsim.cli.making import advance, gallery_of
from cellsim.cli.table import table
from cellsim.datasets.ingest import Ingested, IngestOptions
from cellsim.datasets.ingest import ingest as ingest_images
from cellsim.datasets.layout import show
from cellsim.errors import InputError

N = TypeVar("N", int, float)


def numbers(text: str, number: type[N], name: str) -> tuple[N, ...]:
    """Read one, two or three numbers such as ``256``, ``256x320`` or ``64x256x256``.

    Parameters
    ----------
    text : str
        Along [z,] y and x.
    number : type
        int or float.
    name : str
        Of the option, for the message.

    Returns
    -------
    tuple of numbers
        As many as were given.

    Raises
    ------
    InputError
        If it is not of that form.
    """
    parts = re.split(r"\s*[x,]\s*", text)
    try:
        values = [number(part) for part in parts]
    except ValueError:
        values = []
    if len(values) not in (1, 2, 3):
        raise InputError(f"{name} takes one number, two such as 256x320 (y x x) or three (z x y x x), got {text!r}")
    return tuple(values)


@click.command()
@click.argument("images", type=click.Path(path_type=Path))
@click.argument("masks", type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, help="Path or URL of the data set.")
@click.option(
    "--canvas", default="256", show_default=True, metavar="[Zx]YxX", help="Tiles in pixels; three numbers for volumes."
)
@click.option("--spacing", metavar="[Zx]YxX", help="Size of a pixel in µm.  [default: unknown, 1 is assumed]")
@click.option("--overlap", type=float, default=0.25, show_default=True, help="Part of a tile shared with the next.")
@click.option("--min-objects", type=int, default=1, show_default=True, help="Tiles with fewer are dropped.")
@click.option("--rotations", is_flag=True, help="Also keep each tile turned by 90, 180 and 270 degrees.")
@click.option("--parents", type=click.Path(path_type=Path), help="CSV or JSON: which images show the same field.")
@click.option("--gallery/--no-gallery", default=True, help="Write a picture of a few samples beside the data set.")
def ingest(
    images: Path,
    masks: Path,
    output: str,
    canvas: str,
    spacing: str | None,
    overlap: float,
    min_objects: int,
    rotations: bool,
    parents: Path | None,
    gallery: bool,
) -> None:
    """Turn real annotated images into a data set.

    IMAGES is a folder of PNG, TIFF or HDF5 files; folder::/raw or file.h5::/raw names an array in HDF5. MASKS is a
    folder of label images with the same names, or of folders with one mask file an object, or a COCO .json file; or
    IMAGES again, for the folders of the Data Science Bowl 2018 or for a set in parts (train/images, train/masks,
    val/images ...), whose parents are called train/NAME, val/NAME ...
    """
    shape = numbers(canvas, int, "--canvas")
    shape = shape * 2 if len(shape) == 1 else shape
    pixel = None if spacing is None else numbers(spacing, float, "--spacing")
    options = IngestOptions(
        shape=shape,
        spacing=pixel * len(shape) if pixel and len(pixel) == 1 else pixel,
        overlap=overlap,
        min_objects=min_objects,
        rotations=rotations,
        parents=parents,
    )
    with tqdm(unit=" samples", dynamic_ncols=True, leave=False, disable=None) as bar:
        done = ingest_images(images, masks, output, options=options, progress=advance(bar))
    click.echo(summary(done, gallery_of(done.location, done.version.name) if gallery else None, spacing is None))


def summary(done: Ingested, picture: Path | None, guessed: bool) -> str:
    """Say on one screen what was ingested.

    Parameters
    ----------
    done : Ingested
        As `cellsim.ingest` returns it.
    picture : Path or None
        Of the gallery.
    guessed : bool
        Whether the size of pixels was not given.

    Returns
    -------
    str
        A few lines.
    """
    n = done.version.samples
    lines = [
        ("data set", show(done.location)),
        ("version", f"{done.version.name}, content {done.version.digest[:12]}"),
        ("images", f"{done.images:,}, cut into {done.tiles:,} tiles ({done.dropped:,} dropped)"),
        ("samples", f"{n:,}"),
        ("objects", f"{done.objects:,} ({done.objects / n:.1f} a sample)"),
        *([("spacing", "not given: 1 µm per pixel is assumed (--spacing)")] if guessed else []),
        ("time", f"{done.seconds:.1f} s"),
        *([("gallery", str(picture))] if picture else []),
    ]
    return table(lines)
