"""`cellsim push` and `cellsim pull`."""

from __future__ import annotations

import click
from tqdm import tqdm

from cellsim.cli.making import advance
from cellsim.datasets.moving import Moved
from cellsim.datasets.moving import pull as pull_versions
from cellsim.datasets.moving import push as push_versions
from cellsim.datasets.versions import split_version


@click.command()
@click.argument("dataset")
@click.argument("target")
def push(dataset: str, target: str) -> None:
    """Copy DATASET to TARGET, a URL such as s3://bucket/set.zarr.

    Only what is missing there moves. DATASET@v1 is that version alone. Run it again after a cut and it goes on.
    """
    path, version = split_version(dataset)
    with _bar() as bar:
        moved = push_versions(path, target, version=version, progress=advance(bar))
    click.echo(_summary(moved, target))


@click.command()
@click.argument("source")
@click.option("-o", "--output", required=True, help="Where on this machine.")
def pull(source: str, output: str) -> None:
    """Copy the data set at SOURCE, a URL such as s3://bucket/set.zarr, to this machine.

    Only what is missing here moves, and its digests are checked. SOURCE@v2 is that version alone. Run it again after a
    cut and it goes on.
    """
    url, version = split_version(source)
    with _bar() as bar:
        moved = pull_versions(url, output, version=version, progress=advance(bar))
    click.echo(_summary(moved, output))


def _bar() -> tqdm:  # type: ignore[type-arg]
    return tqdm(unit="B", unit_scale=True, unit_divisor=1024, dynamic_ncols=True, leave=False, disable=None)


def _summary(moved: Moved, target: str) -> str:
    names = ", ".join(moved.versions)
    if not moved.copied and not moved.there:
        return f"{target} has {names} already"
    return f"{target} has {names}: {moved.copied} files copied ({moved.size / 1e6:.1f} MB), {moved.there} were there"
