"""The main job of this room: train what a plan says on a data set, from the last checkpoint on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
import yaml

from cellsim.datasets.layout import Location
from cellsim.datasets.reader import Dataset
from cellsim.datasets.versions import split_version
from cellsim.errors import StoreError
from cellsim.nn.atomic import replacing
from cellsim.train.card import best_of, write_card
from cellsim.train.hardware import Hardware
from cellsim.train.loop import Places, Progress, Run
from cellsim.train.plan import TrainPlan
from cellsim.train.stopping import Stopping


@dataclass(frozen=True)
class Fitted:
    """What `fit` did.

    Parameters
    ----------
    weights : Path
        Of the best snapshot.
    card : Path
        The model card.
    folder : Path
        Checkpoint, log and pictures.
    seen : int
        Samples seen, over all runs.
    seconds : float
        Spent on them.
    finished : bool
        Whether the plan is fulfilled.
    best : (int, float) or None
        Samples seen by the best snapshot, and its score (nan without one).
    first : bool
        False in all but one process of a training on several devices.
    """

    weights: Path
    card: Path
    folder: Path
    seen: int
    seconds: float
    finished: bool
    best: tuple[int, float] | None
    first: bool


def fit(
    plan: TrainPlan,
    data: Location,
    output: str | Path,
    *,
    hardware: Hardware | None = None,
    minutes: float | None = None,
    progress: Progress | None = None,
) -> Fitted:
    """Train networks, or go on where a training was stopped.

    Ctrl-C, SIGTERM and the end of `minutes` stop it after the step in hand, with a checkpoint; called again with the
    same plan and the same output it goes on from there. On a CPU the weights are the same to the bit as if it had
    never stopped.

    Parameters
    ----------
    plan : TrainPlan
        What is trained, for how long.
    data : str, Path or zarr store
        Data set to train on; ``real.zarr@v1`` names a version, else it is the newest.
    output : str or Path
        Folder of weights: ``<name>.safetensors`` and its model card are written there, and beside them a folder with
        the checkpoint, the log and pictures.
    hardware : Hardware, optional
        Device, number of devices, threads, workers.
    minutes : float, optional
        Wall time after which it stops.
    progress : callable, optional
        Called with (samples seen, samples of the plan) after every step.

    Returns
    -------
    Fitted
        Files, samples, seconds.

    Raises
    ------
    KeyboardInterrupt
        After a signal, once the checkpoint is written.
    RecipeError
        If the plan does not fit the data.
    InputError
        If no examples can be made of the data, or the training diverges.
    StoreError
        If the folder holds a checkpoint of another plan or data set, or cannot be written.
    """
    with Stopping(minutes) as stopping, torch.random.fork_rng(range(torch.cuda.device_count())):
        hardware = Hardware() if hardware is None else hardware
        places = Places.of(plan, Path(output))
        dataset = _open(data)
        fabric = hardware.fabric(plan.precision)
        _make(places.folder)
        run = Run(plan, dataset, places, fabric, hardware.workers)
        run.go_on(stopping, progress)
    card = places.weights.with_suffix(".md")
    if fabric.is_global_zero:
        _write_card(card, places.folder / "card.md", write_card(run.identity, run.clock, plan.score))
        _write(places.folder / "plan.yaml", yaml.safe_dump(plan.dump(), sort_keys=False, allow_unicode=True))
    if stopping.interrupted:
        raise KeyboardInterrupt
    return Fitted(
        places.weights,
        card,
        places.folder,
        run.clock.seen,
        run.clock.seconds,
        run.clock.seen >= plan.samples,
        best_of(run.clock.scores),
        fabric.is_global_zero,
    )


def _open(data: Location) -> Dataset:
    if not isinstance(data, str):
        return Dataset(data)
    return Dataset(*split_version(data))


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{folder} cannot be made: {error.strerror or error}") from None


def _write_card(card: Path, ours: Path, text: str) -> None:
    """Write the card, unless a person has written into it since we did."""
    if not card.exists() or (ours.exists() and ours.read_bytes() == card.read_bytes()):
        _write(card, text)
    _write(ours, text)


def _write(path: Path, text: str) -> None:
    with replacing(path) as file:
        file.write(text.encode())
