"""`cellsim study`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click
from tqdm import tqdm

from cellsim.cli.making import advance
from cellsim.cli.table import table
from cellsim.errors import InputError
from cellsim.recipe import Recipe

if TYPE_CHECKING:
    from cellsim.study.augment import AugmentStudy


@click.group()
def study() -> None:
    """Measure what synthetic samples are good for: `cellsim study augment`."""


@study.command()
@click.option("--recipe", "-r", required=True, help="A YAML file, a built-in recipe, 'fit' or 'fit:RECIPE'.")
@click.option("--set", "changes", multiple=True, metavar="PATH=VALUE", help="Change a parameter of the recipe.")
@click.option("--data", "-d", required=True, help="Real annotated images, such as real.zarr or real.zarr@v1.")
@click.option("--sizes", default="2,4,8", show_default=True, help="Numbers of real images.")
@click.option("--seeds", type=int, default=3, show_default=True, help="Repetitions, with other real images.")
@click.option("--synthetic", type=int, default=200, show_default=True, help="Number of synthetic samples.")
@click.option("--steps", type=int, default=1000, show_default=True, help="Of each training.")
@click.option("--segmenter", default="unet", show_default=True, help="unet or cellpose.")
@click.option("--test", type=float, default=0.25, show_default=True, help="Share of the parents that is held out.")
@click.option("--tested", type=int, default=100, show_default=True, help="Test images at most.")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Folder of the study.")
def augment(
    recipe: str,
    changes: tuple[str, ...],
    data: str,
    sizes: str,
    seeds: int,
    synthetic: int,
    steps: int,
    segmenter: str,
    test: float,
    tested: int,
    output: Path,
) -> None:
    """Say whether synthetic samples help a segmenter that has few real images.

    Trains it on few real images, on these and synthetic samples, and on synthetic samples alone, for equally many
    steps, and scores it on real images whose parents are held out. Run it again after a stop and it goes on; with more
    sizes or seeds it extends the study. 'fit' fits SIMCEP to exactly the real images of each draw; 'fit:histology' fits
    the masks and renders them as the recipe histology does.
    """
    from cellsim.study.augment import study_augment
    from cellsim.study.design import AugmentDesign
    from cellsim.study.sources import FIT

    if changes and recipe.partition(":")[0] == FIT:
        raise InputError("--set changes a recipe; a fitted one has nothing to change")
    given = Recipe.load(recipe, changes) if changes else recipe
    design = AugmentDesign(sizes_of(sizes), seeds, synthetic, steps, segmenter, test, tested)
    with tqdm(unit=" steps", dynamic_ncols=True, leave=False, disable=None) as bar:
        done = study_augment(given, data, output, design, progress=telling(bar))
    for warning in done.warnings:
        click.echo(f"warning: {warning}", err=True)
    click.echo(report(done))


def sizes_of(text: str) -> tuple[int, ...]:
    """Read numbers of images such as ``2,4,8``.

    Parameters
    ----------
    text : str
        Numbers.

    Returns
    -------
    tuple of int
        As they are given.

    Raises
    ------
    InputError
        If they are none.
    """
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise InputError(f"--sizes must be whole numbers as 2,4,8, got {text!r}") from None


def telling(bar: tqdm[NoReturn]) -> Callable[[int, int, str], None]:
    """Move a progress bar that says what is being done.

    Parameters
    ----------
    bar : tqdm
        At 0.

    Returns
    -------
    callable
        Takes (steps taken, steps of all trainings, what is being done).
    """
    move = advance(bar)

    def tell(taken: int, total: int, doing: str) -> None:
        move(taken, total)
        bar.set_description_str(doing)

    return tell


def report(done: AugmentStudy) -> str:
    """Write the table, the picture and the page of a study.

    Parameters
    ----------
    done : AugmentStudy
        As `cellsim.study.augment.study_augment` returns it.

    Returns
    -------
    str
        What is printed: the table, and where the files are.
    """
    from cellsim.study.page import write_page

    text, files = write_page(done)
    return f"{text}\n{table([(path.suffix.removeprefix('.'), str(path)) for path in files])}"
