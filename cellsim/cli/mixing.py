"""`cellsim mix` and `cellsim curate`."""

from __future__ import annotations

from pathlib import Path

import click
from tqdm import tqdm

from cellsim.cli.making import advance
from cellsim.datasets.curation import curate as curate_version
from cellsim.datasets.mixture import mix as mix_samples
from cellsim.datasets.versions import split_version
from cellsim.errors import InputError


@click.command()
@click.argument("datasets", nargs=-1, required=True)
@click.option("-o", "--output", required=True, help="Where.")
@click.option("--ratio", help="Parts of each data set, such as 1:5; all samples if left out.")
@click.option("--copy", is_flag=True, help="Copy pixels; else the mixture refers to the data sets.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of the choice and the order.")
def mix(datasets: tuple[str, ...], output: str, ratio: str | None, copy: bool, seed: int) -> None:
    """Make one data set of samples of several DATASETS, each with where it comes from.

    DATASET@v1 is that version. No sample is taken twice; of a data set that has more than the ratio asks for, a random
    part is left out.
    """
    parts = None if ratio is None else _parts(ratio)
    with tqdm(unit=" samples", dynamic_ncols=True, leave=False, disable=None) as bar:
        mixed = mix_samples(list(datasets), output, ratio=parts, copy=copy, seed=seed, progress=advance(bar))
    for name, taken, there in zip(datasets, mixed.taken, mixed.there, strict=True):
        click.echo(f"{taken:>9,} of {there:,} samples of {name}")
    how = "copied" if copy else "by reference: keep these data sets where they are"
    click.echo(f"{mixed.version.samples:>9,} samples in {output} {mixed.version.name}, {how}")


def _parts(ratio: str) -> list[float]:
    try:
        return [float(part) for part in ratio.split(":")]
    except ValueError:
        raise InputError(f"--ratio must be numbers with colons between, such as 1:5, got {ratio!r}") from None


@click.command()
@click.argument("dataset")
@click.option("--drop-if", help='A condition on numbers of the samples, such as "objects < 3".')
@click.option("--drop-list", type=click.Path(exists=True, dir_okay=False), help="A file with an index a line.")
@click.option("--keep-list", type=click.Path(exists=True, dir_okay=False), help="Likewise; all others are left out.")
def curate(dataset: str, drop_if: str | None, drop_list: str | None, keep_list: str | None) -> None:
    """Seal a new version of DATASET that leaves samples out; no pixel is copied or lost.

    DATASET@v1 is that version, else it is the newest. `cellsim info` lists the numbers of the samples.
    """
    path, version = split_version(dataset)
    drop, keep = (None if file is None else _indices(file) for file in (drop_list, keep_list))
    new = curate_version(path, version=version, drop_if=drop_if, drop=drop, keep=keep)
    click.echo(f"{path} {new.name}: {new.samples:,} samples of {new.of} ({new.rule})")


def _indices(file: str) -> list[int]:
    lines = [line.partition("#")[0].strip() for line in Path(file).read_text("utf-8").splitlines()]
    try:
        return [int(line) for line in lines if line]
    except ValueError as error:
        raise InputError(f"{file} must have the index of a sample on each line ({error})") from None
