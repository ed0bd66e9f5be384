"""`cellsim preview`, `cellsim check` and `cellsim kinds`."""

from __future__ import annotations

import time
from pathlib import Path

import click

from cellsim.catalogue import ROOMS, describe, find_kind, table_of
from cellsim.cli.making import recipe_options
from cellsim.cli.table import table
from cellsim.convergence import Convergence, convergence
from cellsim.errors import InputError
from cellsim.making import estimate
from cellsim.recipe import Recipe, builtin_recipes
from cellsim.report.gallery import save_gallery


@click.command()
@recipe_options
@click.option("-n", "--samples", "n", type=int, default=8, show_default=True, help="Number of samples.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Picture.  [default: <recipe>.preview.png]")
def preview(recipe: str, changes: tuple[str, ...], n: int, output: Path | None) -> None:
    """Draw a few samples of a recipe as a contact sheet."""
    if n < 1:
        raise InputError(f"the number of samples must be >= 1, got {n}")
    loaded = Recipe.load(recipe, changes)
    began = time.perf_counter()
    samples = loaded.draw_many(range(n))
    path = save_gallery(samples, output or Path(f"{loaded.name}.preview.png"))
    click.echo(f"{path}: {n} samples of '{loaded.name}' in {time.perf_counter() - began:.1f} s")


@click.command()
@click.argument("recipe")
@click.option("--set", "changes", multiple=True, metavar="PATH=VALUE", help="Change a parameter.")
@click.option("-n", "--samples", "n", type=int, default=1000, show_default=True, help="Number of samples to estimate.")
def check(recipe: str, changes: tuple[str, ...], n: int) -> None:
    """Validate RECIPE, draw a few samples of it, and say what would be made."""
    loaded = Recipe.load(recipe, changes)
    found = estimate(loaded)
    shape = " x ".join(map(str, loaded.canvas.shape))
    channels = ", ".join(loaded.channels) or "no image"
    lines = [
        ("recipe", f"{loaded.name} is valid, digest {loaded.digest[:12]}"),
        ("samples", f"{shape} px at {' x '.join(f'{s:g}' for s in loaded.canvas.spacing)} µm; {channels}"),
        ("steps", " -> ".join(loaded.stages)),
        ("varying", ", ".join(loaded.varying) or "nothing"),
        ("objects", f"about {found.objects:.0f} a sample, cover {found.cover:.0%} (of {found.trials} trials)"),
        ("size", f"about {found.bytes * n / 1e6:,.0f} MB for {n:,} samples"),
        ("time", f"about {found.seconds * n:,.0f} s for {n:,} samples on one core"),
    ]
    lines += [("note", remark) for remark in loaded.remarks]
    lines += [("chain", _chain_line(one)) for one in convergence(loaded)]
    click.echo(table(lines))


def _chain_line(found: Convergence) -> str:
    births, deaths, moves = found.accepted
    state = "settled" if found.settled else "NOT SETTLED: raise its length"
    return (
        f"{found.path} ({found.kind}): {found.steps:,} steps to {found.points:.0f} points, accepted {births:.0%} of "
        f"births, {deaths:.0%} of deaths, {moves:.0%} of moves; {state} (drift {found.drift:+.1f} standard errors)"
    )


@click.command()
@click.argument("kind", required=False)
def kinds(kind: str | None) -> None:
    """List every sampler and translator, or the fields of one KIND with units and defaults."""
    if kind is not None:
        click.echo(describe(*find_kind(kind)))
        return
    for title, room in ROOMS.items():
        click.echo(f"{title}:")
        for name, line in table_of(room).items():
            click.echo(f"  {name:<14} {line}")
    click.echo(f"recipes: {', '.join(builtin_recipes())}")
