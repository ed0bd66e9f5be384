"""What the choices of the de-novo nuclei paper do: `python -m benchmarks.ablation real.zarr folder [seed ...]`.

Each variant learns from the same parents for equally many samples; then it makes images of the masks of the held-out
parents, and these are compared with the real ones. Called again it goes on where it stopped.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from tqdm import tqdm

from benchmarks.timing import row
from cellsim.datasets.reader import Dataset, open_dataset
from cellsim.datasets.split import split_by_parent
from cellsim.evaluate.distances import distances
from cellsim.evaluate.records import Distance
from cellsim.sample import Sample
from cellsim.seeds import stream
from cellsim.train import fit
from cellsim.train.hardware import Hardware
from cellsim.train.plan import TrainPlan
from cellsim.translators.filters.contrast_stretch import ContrastStretch
from cellsim.translators.pix2pix import Pix2Pix

PLAN = "nuclei-pix2pix"
SAMPLES = 2000
SEEDS = (0, 1)
GENERATOR = "objective.generator"
VARIANTS: dict[str, tuple[str, ...]] = {
    "1x, kernel 4, tanh, finish, layers arranged anew": (),
    "no finish, as in the paper": (f"{GENERATOR}.finish=0",),
    "2x": (f"{GENERATOR}.activations=[tanh, tanh]",),
    "3x": (f"{GENERATOR}.activations=[tanh, tanh, tanh]",),
    "kernel 3": (f"{GENERATOR}.kernel=3",),
    "kernel 5": (f"{GENERATOR}.kernel=5",),
    "kernel 7": (f"{GENERATOR}.kernel=7",),
    "2x, GELU inside": (f"{GENERATOR}.activations=[gelu, tanh]",),
    "3x, GELU inside": (f"{GENERATOR}.activations=[tanh, gelu, tanh]",),
    "GELU last": (f"{GENERATOR}.activations=[gelu]",),
    "layers filled from the first on": ("examples.fit=first",),
}
STRETCH = ContrastStretch(low=0.2, high=99.8)  # as in the plan: masks do not tell how bright an image is


def main(data: str, folder: str, *seeds: str) -> None:
    """Print the distances of every variant, and the floor, for each seed."""
    dataset = open_dataset(data)
    for seed in map(int, seeds or SEEDS):
        for name, changes in VARIANTS.items():
            plan = _plan(changes, seed, f"{list(VARIANTS).index(name)}-{seed}")
            with tqdm(total=SAMPLES, desc=f"{name}, seed {seed}", unit=" samples", leave=False) as bar:
                trained = fit(
                    plan,
                    data,
                    folder,
                    hardware=Hardware(threads=1),
                    progress=lambda seen, _, bar=bar: bar.update(seen - bar.n),  # type: ignore[misc]
                )
            found = _compared(dataset, plan, trained.weights)
            row(f"{name}, seed {seed}", "; ".join(f"{one.metric} {_shown(one)}" for one in found[:2]))


def _plan(changes: tuple[str, ...], seed: int, name: str) -> TrainPlan:
    halves = [f"objective.constant={SAMPLES // 2}", f"objective.falling={SAMPLES // 2}"]
    whole = [f"samples={SAMPLES}", f"snapshot={SAMPLES}"]  # the last is judged, none is chosen
    return TrainPlan.load(PLAN, [f"name={name}", f"seed={seed}", *halves, *whole, *changes])


def _compared(dataset: Dataset, plan: TrainPlan, weights: Path) -> tuple[Distance, ...]:
    step = Pix2Pix.model_validate({"weights": str(weights)})
    indices = split_by_parent(dataset, plan.validation, plan.held_out, plan.seed).validation
    real = dataset.batch(indices)
    made = step.many(real, [stream(plan.seed, i, "pix2pix") for i in indices])
    return distances([_stretched(sample) for sample in real], [_stretched(sample) for sample in made], ["texture"])


def _stretched(sample: Sample) -> Sample:
    found: Sample = STRETCH(sample, np.random.default_rng(0))
    return found


def _shown(one: Distance) -> str:
    return f"{one.found.value:.3f} (floor {one.floor.value:.3f})"


if __name__ == "__main__":
    main(*sys.argv[1:])
