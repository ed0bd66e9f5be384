"""`cellsim fit-recipe`."""

from __future__ import annotations

from pathlib import Path

import click
import yaml
from tqdm import tqdm

from cellsim.cli.making import advance
from cellsim.cli.table import table
from cellsim.errors import InputError
from cellsim.evaluate.comparison import spaced
from cellsim.fitting import Fitted
from cellsim.fitting import fit_recipe as fit
from cellsim.fitting.closeness import listing
from cellsim.fitting.fit import ROUNDS
from cellsim.report.gallery import save_comparison

SHOWN = 6  # images of each in the gallery


@click.command("fit-recipe")
@click.argument("data")
@click.option("--kind", default="simcep", show_default=True, help="The model.")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="The recipe, a YAML file.")
@click.option("--version", help="Of the data set.  [default: the newest]")
@click.option("--images", type=int, default=200, show_default=True, help="Images that are used at most.")
@click.option("--rounds", type=int, default=ROUNDS, show_default=True, help="Corrections at most.")
@click.option("--gallery/--no-gallery", default=True, help="Write a picture, real above synthetic, beside the recipe.")
def fit_recipe(
    data: str, kind: str, output: Path, version: str | None, images: int, rounds: int, gallery: bool
) -> None:
    """Estimate a recipe from DATA, a data set of real annotated images.

    Says how close the samples of the recipe come to the real ones, statistic by statistic.
    """
    if not output.parent.is_dir():
        raise InputError(f"no folder {output.parent}: the recipe cannot be written there")
    with tqdm(unit=" images", dynamic_ncols=True, leave=False, disable=None) as bar:
        fitted = fit(data, kind, version=version, images=images, rounds=rounds, progress=advance(bar))
    written = fitted.recipe.model_copy(update={"name": output.stem}).dump()
    output.write_text(
        yaml.safe_dump(written, sort_keys=False, allow_unicode=True, default_flow_style=None), encoding="utf-8"
    )
    picture = _gallery(fitted, output.with_suffix(".png")) if gallery else None
    click.echo(listing(fitted.closeness))
    click.echo(summary(fitted, output, picture))


def summary(fitted: Fitted, output: Path, picture: Path | None) -> str:
    """Say what was fitted, and where it is.

    Parameters
    ----------
    fitted : Fitted
        As `cellsim.fit_recipe` returns it.
    output : Path
        Of the recipe.
    picture : Path or None
        Of the gallery.

    Returns
    -------
    str
        A few lines.
    """
    lines = [
        ("recipe", str(output)),
        ("fitted to", f"{len(fitted.real):,} images, {sum(sample.count for sample in fitted.real):,} objects"),
        ("rounds", str(fitted.rounds)),
        *([("gallery", str(picture))] if picture else []),
    ]
    return table(lines)


def _gallery(fitted: Fitted, path: Path) -> Path:
    """Write real images over synthetic ones, as many of each."""
    n = min(SHOWN, len(fitted.real), len(fitted.synthetic))
    real, synthetic = ([samples[i] for i in spaced(len(samples), n)] for samples in (fitted.real, fitted.synthetic))
    return save_comparison(real, synthetic, path)
