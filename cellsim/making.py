"""The main job: the missing parts of a data set, in any order, by any `map`; then a sealed version."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from zarr.abc.store import Store
from zarr.core.buffer import Buffer
from zarr.storage import MemoryStore

from cellsim.datasets import versions, writer
from cellsim.datasets.layout import Location, Spec, open_group, read, shard_size
from cellsim.errors import InputError, RecipeError, StoreError
from cellsim.overrides import override
from cellsim.recipe import Recipe
from cellsim.run import Run, choose
from cellsim.sample import Sample

Progress = Callable[[int, int], None]  # samples finished, samples wanted

FEW = 4  # shards; below this a pool of processes starts slower than one process works


@dataclass(frozen=True)
class Made:
    """What `make` did.

    Parameters
    ----------
    location : str, Path or zarr store
        Of the data set.
    version : Version
        The version that holds the samples asked for.
    drawn : int
        Samples drawn in this run; the others were there.
    seconds : float
        Wall time of this run.
    objects : int
        Objects in the version.
    cover : float
        Mean fraction of the canvas under objects.
    recipe_digest : str
        SHA-256 of the recipe.
    """

    location: Location
    version: versions.Version
    drawn: int
    seconds: float
    objects: int
    cover: float
    recipe_digest: str


def spec_of(recipe: Recipe, sample: Sample) -> Spec:
    """Describe the data set that a recipe makes.

    Parameters
    ----------
    recipe : Recipe
        Validated.
    sample : Sample
        Any sample of it.

    Returns
    -------
    Spec
        What all its samples have in common.
    """
    return Spec(
        name=recipe.name,
        digest=recipe.digest,
        shape=recipe.canvas.shape,
        spacing=recipe.canvas.spacing,
        structures=recipe.generator.structures,
        channels=recipe.channels if sample.image is not None else (),
        image=recipe.store.image,
        columns=(*recipe.varying, *(f"generator.{name}" for name in recipe.generator.numbers)),
        recipe=recipe.dump(),
    )


def make(
    recipe: Recipe | str | Path,
    n: int,
    location: Location | None = None,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Made:
    """Make a data set of `n` samples, or what is missing of it.

    Run again after a crash it makes the missing parts; run again with a larger `n` it extends the set. The bytes
    are the same whatever the workers, the order or the interruptions.

    Parameters
    ----------
    recipe : Recipe, str or Path
        Or where to load it from.
    n : int
        Number of samples, >= 1.
    location : str, Path or zarr store, optional
        Where; ``<name of the recipe>.zarr`` if None.
    workers : int, optional
        Processes; one a core if None, and only this one for less than four shards (256 small samples).
    progress : callable, optional
        Called with (samples finished, n) at the start and after every shard.

    Returns
    -------
    Made
        Version, counts, seconds.

    Raises
    ------
    InputError
        If `n` is less than 1.
    RecipeError
        If the recipe cannot be drawn.
    StoreError
        If the data set there is of another recipe, or cannot be written.
    """
    began = time.perf_counter()
    if n < 1:
        raise InputError(f"the number of samples must be >= 1, got {n}")
    recipe = recipe if isinstance(recipe, Recipe) else Recipe.load(recipe)
    location = f"{recipe.name}.zarr" if location is None else location
    first = recipe.draw(0)  # finds what cannot be drawn before anything is written, and compiles for all workers
    group = writer.create(location, spec_of(recipe, first), n)
    parts = writer.missing(group, n)
    todo = sum(part.stop - part.start for part in parts)
    if isinstance(location, Store) or (workers is None and n < FEW * shard_size(group)):
        workers = 1  # a store object may live in this process alone
    run: Run[writer.Part, int] = choose(workers, len(parts))
    finished = n - todo
    if progress:
        progress(finished, n)
    for made in run(partial(make_part, recipe, location), parts):
        finished += made
        if progress:
            progress(finished, n)
    version = versions.seal(location, group, n)
    table = read(group, "drawn", slice(n))
    seconds = time.perf_counter() - began
    objects, cover = int(table[:, 0].sum()), float(table[:, 1].mean())
    return Made(location, version, todo, seconds, objects, cover, recipe.digest)


def make_part(recipe: Recipe, location: Location, part: writer.Part) -> int:
    """Draw and write the samples of one shard; the unit of work of a pool.

    Parameters
    ----------
    recipe : Recipe
        Validated.
    location : str, Path or zarr store
        Of the data set, created.
    part : Part
        Which samples.

    Returns
    -------
    int
        How many samples were made.
    """
    indices = range(part.start, part.stop)
    drawn = [recipe.drawn(index) for index in indices]
    samples = recipe.draw_many(indices, drawn)
    counted = [{f"generator.{name}": value for name, value in sample.numbers.items()} for sample in samples]
    group = open_group(location, "r+")
    rows = [numbers | counts for numbers, counts in zip(drawn, counted, strict=True)]
    writer.write(group, location, part.start, samples, rows)
    return len(samples)


def repair(location: Location, damaged: list[int]) -> None:
    """Make damaged samples again from the recipe that the data set holds.

    Parameters
    ----------
    location : str, Path or zarr store
        Of the data set.
    damaged : list of int
        Indices of samples, as `verify` finds them.

    Raises
    ------
    StoreError
        If the set was ingested, or the samples come out different.
    """
    group = open_group(location, "r+")
    spec = Spec.of(group)
    if spec.recipe is None:
        raise StoreError(f"{location} was ingested: delete the damaged files, then ingest the same images again")
    recipe = Recipe.parse(spec.recipe)
    done = writer.finished(group)
    size = shard_size(group)
    for shard in sorted({index // size for index in damaged}):
        start = shard * size
        there = np.flatnonzero(done[start : start + size])
        writer.clear_shard(group, shard)
        make_part(recipe, location, writer.Part(start, start + int(there[-1]) + 1))


def family(values: dict[str, Any], path: str, numbers: list[float], folder: str | Path) -> list[tuple[Recipe, str]]:
    """Plan data sets that differ in one parameter, for density studies.

    Parameters
    ----------
    values : dict
        Plain values of the recipe.
    path : str
        Of the parameter.
    numbers : list of float
        One data set each.
    folder : str or Path
        Or URL: where the data sets go.

    Returns
    -------
    list of (Recipe, str)
        Each to be given to `make`; the location is ``<name>-<parameter>=<number>.zarr``.

    Raises
    ------
    RecipeError
        If one of them is not valid or cannot be drawn; all are tried before anything is made.
    """
    planned = []
    for number in numbers:
        recipe = Recipe.parse(override(values, [f"{path}={number!r}"]))
        try:
            recipe.draw(0)
        except RecipeError as error:
            raise RecipeError(f"{path}={number:g}: {error}") from error
        planned.append((recipe, f"{folder}/{recipe.name}-{path.rpartition('.')[2]}={number:g}.zarr"))
    return planned


@dataclass(frozen=True)
class Estimate:
    """What a recipe would make, from a few trials.

    Parameters
    ----------
    objects : float
        Mean number of objects a sample.
    cover : float
        Mean fraction of the canvas under objects.
    bytes : float
        On disk, a sample.
    seconds : float
        On one core, a sample.
    trials : int
        Samples drawn for this.
    """

    objects: float
    cover: float
    bytes: float
    seconds: float
    trials: int


def estimate(recipe: Recipe, trials: int = 8) -> Estimate:
    """Draw a few samples into memory and measure them.

    Parameters
    ----------
    recipe : Recipe
        Validated.
    trials : int
        How many samples.

    Returns
    -------
    Estimate
        Means over the trials.

    Raises
    ------
    RecipeError
        If the recipe cannot be drawn.
    """
    files: dict[str, Buffer] = {}
    store = MemoryStore(files)
    recipe.draw(0)  # compiles
    began = time.perf_counter()
    made = make(recipe, trials, store, workers=1)
    seconds = (time.perf_counter() - began) / trials
    size = sum(len(content) for content in files.values())
    return Estimate(made.objects / trials, made.cover, size / trials, seconds, trials)
