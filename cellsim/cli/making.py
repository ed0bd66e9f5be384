"""`cellsim make`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click
from tqdm import tqdm

from cellsim.cli.table import table
from cellsim.datasets.layout import Location, show
from cellsim.datasets.reader import open_dataset
from cellsim.making import Made, Progress, family
from cellsim.making import make as make_dataset
from cellsim.nn.device import choose_device
from cellsim.overrides import override, sweep_values
from cellsim.recipe import Recipe, read_yaml
from cellsim.report.gallery import save_gallery

SHOWN = 12  # samples in the gallery
FIRST = "drawing the first sample (new kernels compile, once a machine)"

Command = TypeVar("Command", bound=Callable[..., Any])


def recipe_options(command: Command) -> Command:
    """Add the options by which a recipe is named and changed.

    Parameters
    ----------
    command : callable
        To be decorated.

    Returns
    -------
    callable
        The same.
    """
    command = click.option("--set", "changes", multiple=True, metavar="PATH=VALUE", help="Change a parameter.")(command)
    return click.option("--recipe", "-r", required=True, help="A YAML file, or the name of a built-in recipe.")(command)


@click.command()
@recipe_options
@click.option("-n", "--samples", "n", type=int, required=True, help="Number of samples.")
@click.option("-o", "--output", help="Path or URL of the data set; with --sweep, a folder.  [default: <recipe>.zarr]")
@click.option("--workers", type=int, help="Processes.  [default: one a core]")
@click.option(
    "--sweep",
    metavar="PATH=LOW:HIGH:N",
    help="Make data sets that differ in one parameter (or PATH=a,b,c).",
)
@click.option("--device", help="Where networks run: auto, cpu, cuda or cuda:1.  [default: auto, a GPU if there is one]")
@click.option("--gallery/--no-gallery", default=True, help="Write a picture of a few samples beside the data set.")
def make(
    recipe: str,
    changes: tuple[str, ...],
    n: int,
    output: str | None,
    workers: int | None,
    sweep: str | None,
    device: str | None,
    gallery: bool,
) -> None:
    """Make a data set of N samples from a recipe.

    Run it again after a crash and it makes what is missing; with a larger N it extends the set.
    """
    if device is not None:
        choose_device(device)
    values = override(read_yaml(recipe), changes)
    planned: Sequence[tuple[Recipe, str | Path | None]] = [(Recipe.parse(values), output)]
    if sweep is not None:
        planned = family(values, *sweep_values(sweep), output or ".")
    for remark in dict.fromkeys(remark for one, _ in planned for remark in one.remarks):
        click.echo(remark, err=True)
    for one, location in planned:
        with tqdm(desc=FIRST, unit=" samples", dynamic_ncols=True, leave=False, disable=None) as bar:
            made = make_dataset(one, n, location, workers=workers, progress=advance(bar))
        click.echo(summary(made, gallery_of(made.location, made.version.name) if gallery else None))


def advance(bar: tqdm[NoReturn]) -> Progress:
    """Move a progress bar; what was finished before the start does not count in its rate.

    Parameters
    ----------
    bar : tqdm
        At 0.

    Returns
    -------
    callable
        Takes (samples finished, samples wanted).
    """

    def move(finished: int, total: int) -> None:
        bar.set_description_str(refresh=False)
        bar.total = total
        if not bar.disable and bar.n == 0 and bar.initial == 0:
            bar.initial = bar.n = finished
        bar.update(finished - bar.n)

    return move


def gallery_of(location: Location, version: str) -> Path:
    """Write a picture of the first samples beside a data set; of one in the cloud, into the working folder.

    Parameters
    ----------
    location : str, Path or zarr store
        Of the data set.
    version : str
        Name of the version.

    Returns
    -------
    Path
        ``<data set>.png``.
    """
    dataset = open_dataset(location, version)
    where = show(location).rstrip("/")
    path = Path(f"{where}.png") if "://" not in where else Path(f"{where.rpartition('/')[2]}.png")
    return save_gallery((dataset[i] for i in range(min(SHOWN, len(dataset)))), path)  # one at a time: they may be large


def summary(made: Made, picture: Path | None) -> str:
    """Say on one screen what was made.

    Parameters
    ----------
    made : Made
        As `cellsim.make` returns it.
    picture : Path or None
        Of the gallery.

    Returns
    -------
    str
        A few lines.
    """
    n = made.version.samples
    rate = f" ({made.drawn / made.seconds:.0f} a second)" if made.drawn else ""
    lines = [
        ("data set", show(made.location)),
        ("version", f"{made.version.name}, content {made.version.digest[:12]}, recipe {made.recipe_digest[:12]}"),
        ("samples", f"{n:,} ({made.drawn:,} made now, {n - made.drawn:,} were there)"),
        ("objects", f"{made.objects:,} ({made.objects / n:.1f} a sample)"),
        ("cover", f"{made.cover:.1%} of the canvas"),
        ("time", f"{made.seconds:.1f} s{rate}"),
        *([("gallery", str(picture))] if picture else []),
    ]
    return table(lines)
