"""`cellsim info`, `cellsim versions` and `cellsim verify`."""

from __future__ import annotations

import sys

import click
import yaml
import zarr
from tqdm import tqdm

from cellsim.cli.table import table
from cellsim.datasets.layout import Spec, open_group, read, show
from cellsim.datasets.reader import open_dataset
from cellsim.datasets.versions import is_by_reference
from cellsim.datasets.versions import verify as verify_samples
from cellsim.datasets.versions import versions as list_versions
from cellsim.datasets.writer import finished
from cellsim.making import repair as repair_samples


@click.command()
@click.argument("dataset")
@click.option("--recipe", "only_recipe", is_flag=True, help="Print the resolved recipe as YAML, and nothing else.")
def info(dataset: str, only_recipe: bool) -> None:
    """Say what DATASET holds: shape, objects, numbers drawn, versions."""
    if only_recipe:
        click.echo(yaml.safe_dump(open_dataset(dataset).recipe, sort_keys=False, allow_unicode=True), nl=False)
        return
    group = open_group(dataset)
    spec, done = Spec.of(group), finished(group)
    known = list_versions(group)
    numbers = read(group, "drawn")[done]
    columns = ["objects", "cover", *spec.columns]
    lines = [
        ("data set", f"{show(dataset)}: '{spec.name}', {_origin(group)}"),
        ("samples", f"{int(done.sum()):,} of {len(done):,} finished"),
        ("versions", ", ".join(f"{v.name} ({v.samples:,})" for v in known) or "none yet: half made"),
        ("canvas", f"{' x '.join(map(str, spec.shape))} px at {' x '.join(f'{s:g}' for s in spec.spacing)} µm"),
        ("labels", ", ".join(spec.structures)),
        ("image", f"{', '.join(spec.channels)} ({spec.image})" if spec.channels else "none"),
        *_provenance(group),
        *_sources(group),
        ("digest", spec.digest),
    ]
    click.echo(table(lines))
    for k, name in enumerate(columns if len(numbers) else []):
        column = numbers[:, k]
        click.echo(f"{name:>30}  mean {column.mean():.4g}, from {column.min():.4g} to {column.max():.4g}")


def _provenance(group: zarr.Group) -> list[tuple[str, str]]:
    """Say how an ingested set was cut, and if the size of its pixels is a guess."""
    known = group.attrs.get("ingested")
    if not isinstance(known, dict):
        return []
    guess = "; the size of a pixel was not given, 1 µm is assumed" if known.get("spacing_assumed") else ""
    turned = ", rotations" if known.get("rotations") else ""
    return [("ingested", f"{known.get('images')} images, overlap {known.get('overlap')}{turned}{guess}")]


def _origin(group: zarr.Group) -> str:
    if "sources" in group.attrs:
        return "mixed"
    return "ingested" if group.attrs["recipe"] is None else "made by a recipe"


def _sources(group: zarr.Group) -> list[tuple[str, str]]:
    known: list[dict[str, str]] = group.attrs.get("sources", [])  # type: ignore[assignment]
    how = "refers to" if is_by_reference(group) else "copied from"
    return [(how, f"{source['path']} {source['version']}: '{source['name']}'") for source in known]


@click.command()
@click.argument("dataset")
def versions(dataset: str) -> None:
    """List the versions of DATASET: name, samples, digest of their content."""
    for version in list_versions(open_group(dataset)):
        said = f"  of {version.of}, {version.rule}" if version.of else ""
        click.echo(f"{version.name}  {version.samples:>9,} samples  {version.digest}{said}")


@click.command()
@click.argument("dataset")
@click.option("--repair", is_flag=True, help="Make damaged samples again from the recipe in the data set.")
def verify(dataset: str, repair: bool) -> None:
    """Check every sample of DATASET against its digest, and every version against its own."""
    damaged = _damaged(dataset)
    if damaged and repair:
        repair_samples(dataset, [index for index, _ in damaged if index >= 0])
        click.echo(f"{len(damaged)} damaged samples made again")
        damaged = _damaged(dataset)
    for index, problem in damaged[:20]:
        click.echo(f"sample {index}: {problem}" if index >= 0 else problem, err=True)
    if damaged:
        advice = "" if repair else "; `cellsim verify --repair` makes samples of a recipe again"
        click.echo(f"{show(dataset)}: {len(damaged)} problems{advice}", err=True)
        sys.exit(1)
    known = ", ".join(version.name for version in list_versions(open_group(dataset)))
    state = f"versions {known} are as sealed" if known else "no version yet: half made"
    click.echo(f"{show(dataset)}: every finished sample is as it was written; {state}")


def _damaged(dataset: str) -> list[tuple[int, str]]:
    total = int(finished(open_group(dataset)).sum())
    with tqdm(total=total, unit=" samples", leave=False, dynamic_ncols=True, disable=None) as bar:
        found = []
        for index, problem in verify_samples(dataset):
            bar.update(index >= 0)
            if problem:
                found.append((index, problem))
    return found
