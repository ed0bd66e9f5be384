"""How near the forms of drawn objects are to real ones: `python -m benchmarks.shapes real.zarr simcep-fitted.yaml`."""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import NDArray

from benchmarks.timing import row
from cellsim.datasets.reader import Dataset, open_dataset
from cellsim.datasets.split import split_by_parent
from cellsim.evaluate.frechet import frechet_distance
from cellsim.evaluate.single_forms import FORMS, single_forms
from cellsim.masks.crops import Crop, whole_objects
from cellsim.recipe import Recipe
from cellsim.train.plan import TrainPlan

Floats = NDArray[np.float64]

OBJECTS = 2000
SMALLEST = 30  # px, as in the plan
HALVES = 20
OPEN = ["generator.density=0.0001", "generator.shape.scale=1", "generator.border=whole"]
BANK = ["generator.cover=0.1", "generator.shape.scale=1", "generator.region={kind: full}"]


def main(real: str, fitted: str) -> None:
    """Print the squared Fréchet distance of each shape from the held-out parents of a plan, and the floor."""
    plan, dataset = TrainPlan.load("nuclei-maskgan"), open_dataset(real)
    split = split_by_parent(dataset, plan.validation, plan.held_out, plan.seed)
    by_sample = [_forms(_objects_of(dataset, (i,))) for i in range(len(dataset))]
    held_out, learnt = (np.concatenate([by_sample[i] for i in part]) for part in (split.validation, split.train))
    mean, spread = held_out.mean(axis=0), held_out.std(axis=0)
    recipes = {
        "maskgan": Recipe.load("denovo-nuclei", [*OPEN, f"generator.shape.smallest={SMALLEST}"]),
        "bank": Recipe.load("colony", [*BANK, f"generator.shape.dataset={real}"]),
        "simcep": Recipe.load(fitted),
    }
    for name, recipe in recipes.items():
        drawn = _forms(_drawn(recipe))
        far = frechet_distance((held_out - mean) / spread, (drawn - mean) / spread)
        shifts = ", ".join(f"{form} {d:+.2f}" for form, d in zip(FORMS, ((drawn.mean(0) - mean) / spread), strict=True))
        row(f"{name}: {far:.2f}; {shifts}", f"{len(drawn)} objects")
    others = frechet_distance((held_out - mean) / spread, (learnt - mean) / spread)
    row(f"real objects of the other parents: {others:.2f}", f"{len(learnt)} objects")
    floor = [_between_halves(dataset, by_sample, seed) for seed in range(HALVES)]
    row("halves of the real parents: " + ", ".join(f"{q:.2f}" for q in np.quantile(floor, [0.5, 0.025, 0.975])), "")


def _between_halves(dataset: Dataset, by_sample: list[Floats], seed: int) -> float:
    split = split_by_parent(dataset, 0.5, (), seed)
    one, other = (np.concatenate([by_sample[i] for i in part]) for part in split)
    return frechet_distance((one - one.mean(0)) / one.std(0), (other - one.mean(0)) / one.std(0))


def _objects_of(dataset: Dataset, indices: tuple[int, ...]) -> list[Crop]:
    return [one for sample in dataset.labels(indices) for one in whole_objects(sample[0]) if one.sum() >= SMALLEST]


def _drawn(recipe: Recipe) -> list[Crop]:
    found: list[Crop] = []
    only = Recipe.parse({**recipe.dump(), "translators": []})
    index = 0
    while len(found) < OBJECTS:
        found += [one for one in whole_objects(only.draw(index).labels[0]) if one.sum() >= SMALLEST]
        index += 1
    return found[:OBJECTS]


def _forms(crops: list[Crop]) -> Floats:
    if not crops:
        return np.zeros((0, len(FORMS)))
    edge = 2 + max(max(crop.shape) for crop in crops)
    masks = np.zeros((len(crops), edge, edge), np.bool_)
    for mask, crop in zip(masks, crops, strict=True):
        mask[1 : 1 + crop.shape[0], 1 : 1 + crop.shape[1]] = crop
    return np.concatenate([single_forms(masks[i : i + 500]) for i in range(0, len(masks), 500)])


if __name__ == "__main__":
    main(*sys.argv[1:])
