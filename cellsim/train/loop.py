"""The one training loop. It knows clocks, batches and checkpoints, and nothing of any paper."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cellsim.datasets.layout import show
from cellsim.datasets.reader import Dataset
from cellsim.datasets.split import split_by_parent
from cellsim.errors import CellsimError, InputError, RecipeError
from cellsim.nn.weights import SUFFIX, save_weights
from cellsim.seeds import stream
from cellsim.train.batches import Order, Share, batches
from cellsim.train.card import best_of
from cellsim.train.checkpoint import Clock, Identity, load_checkpoint, save_checkpoint
from cellsim.train.examples.base import ExampleSet, Item
from cellsim.train.log import Log, grid
from cellsim.train.objectives.base import Batch
from cellsim.train.plan import TrainPlan
from cellsim.train.scores import Judge, find_score
from cellsim.train.stopping import Stopping

if TYPE_CHECKING:
    from lightning_fabric import Fabric

SHOWN = 16  # samples in a grid
FEWEST_SCORED = 2  # validation examples: one has no spread
CHECKPOINT = "checkpoint.pt"

Progress = Callable[[int, int], None]  # samples seen, samples of the plan


@dataclass(frozen=True)
class Places:
    """Where a training writes.

    Parameters
    ----------
    weights : Path
        The best snapshot.
    folder : Path
        Checkpoint, log and pictures.
    """

    weights: Path
    folder: Path

    @classmethod
    def of(cls, plan: TrainPlan, output: Path) -> Places:
        """Name the files of a plan.

        Parameters
        ----------
        plan : TrainPlan
            Its name is theirs.
        output : Path
            Folder of weights.

        Returns
        -------
        Places
            Nothing is made yet.
        """
        return cls(output / f"{plan.name}{SUFFIX}", output / plan.name)


class Run:
    """One process of a training, between two checkpoints or to the end.

    Parameters
    ----------
    plan : TrainPlan
        What is trained.
    dataset : Dataset
        On what.
    places : Places
        Where it writes; the folder is there.
    fabric : Fabric
        Launched.
    workers : int
        Processes that make examples.

    Attributes
    ----------
    clock : Clock
        Where the training stands.

    Raises
    ------
    InputError
        If no examples can be made, or the networks do not fit them.
    StoreError
        If there is a checkpoint of another plan or data set.
    """

    def __init__(self, plan: TrainPlan, dataset: Dataset, places: Places, fabric: Fabric, workers: int = 0) -> None:
        self.plan, self.places, self.fabric = plan, places, fabric
        self.identity = Identity(
            plan.name,
            plan.digest,
            plan.dump(),
            f"{show(dataset.location)} {dataset.version.name}",
            dataset.version.digest,
        )
        spec = dataset.spec
        self.data = {"spacing": list(spec.spacing), "channels": list(spec.channels), "image": spec.image}
        self.share = _share(plan.batch, fabric)
        split = split_by_parent(dataset, plan.validation, plan.held_out, plan.seed)
        self.kind = plan.examples.settled(dataset, split.train)
        self.examples = self.kind(dataset, split.train, plan.seed)
        self.judge: Judge | None = None
        self.given, self.scored = self._given(self.examples, SHOWN), 0
        if plan.score:
            kept = self.kind(dataset, split.validation, plan.seed)
            self.scored = min(plan.scored, len(kept))
            if self.scored < FEWEST_SCORED:
                raise InputError(
                    f"{show(dataset.location)}: score '{plan.score}' needs {FEWEST_SCORED} validation examples or "
                    f"more, got {self.scored}"
                )
            self.given = self._given(kept, max(SHOWN, self.scored))
            self.judge = find_score(plan.score)(self.kind, self.given["image"][: self.scored])
        self._begin()
        found = load_checkpoint(places.folder / CHECKPOINT, self.identity, self.training)
        self.clock, generators = found if found is not None else (Clock(), {})
        self._set_generators(generators)
        self.source = batches(self.examples, plan.seed, self.clock.seen, self.share, workers)
        self.log = Log(places.folder, self.clock.seen) if fabric.is_global_zero else None
        self._ticked = self.clock.seen, self.clock.seconds
        self._began = time.monotonic() - self.clock.seconds
        if self.log and not self.clock.seen:
            reals = self._given(self.examples, min(SHOWN, len(self.examples)))["image"]
            self._show("reals", [self.kind.picture(image) for image in reals])

    def _begin(self) -> None:
        """Build the networks, alike in every process."""
        torch.manual_seed(self.plan.seed)
        try:
            example = self.examples[0]
            self.training = self.plan.objective.begin(example, self.fabric)
            self.training.check(example, self.share.size)
            if self.plan.init is not None and not self.training.start_from(self.plan.init.load()[0]):
                raise RecipeError(f"init: nothing in {self.plan.init.path} is of this objective")
        except CellsimError:
            raise
        except ValueError as error:
            raise RecipeError(f"objective: {error}") from error
        if self.plan.channels_last:
            for module in self.training.modules.values():
                module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def _given(self, examples: ExampleSet, count: int) -> Batch:
        """Take examples in an order of their own: what pictures and scores are made of."""
        found = [examples[i] for i in Order(len(examples), self.plan.seed).indices(0, count)]
        return {name: torch.stack([one[name] for one in found]) for name in found[0]}

    def go_on(self, stopping: Stopping, progress: Progress | None = None) -> None:
        """Train until the plan is fulfilled, or a stop is asked for; write a checkpoint in either case.

        Parameters
        ----------
        stopping : Stopping
            Asked after every step.
        progress : callable, optional
            Called with (samples seen, samples of the plan) after every step.

        Raises
        ------
        InputError
            If the training diverges.
        StoreError
            If something cannot be written.
        """
        if progress:
            progress(self.clock.seen, self.plan.samples)
        while self.clock.seen < self.plan.samples:
            self._step()
            if progress:
                progress(min(self.clock.seen, self.plan.samples), self.plan.samples)
            if self._any_asks(stopping) and self.clock.seen < self.plan.samples:
                self._checkpoint()
                break
        if self.log:
            if not self.clock.scores or not self.places.weights.exists():
                self._save_weights()
            self.log.close()
        self.fabric.barrier()

    def _step(self) -> None:
        batch = self.fabric.to_device(dict(next(self.source)))
        for name, number in self.training.step(self._laid_out(batch), self.clock.seen).items():
            total = self.clock.sums.setdefault(name, [0.0, 0])
            total[0] += number
            total[1] += 1
        before = self.clock.seen
        self.clock.seen += self.plan.batch
        self.clock.seconds = time.monotonic() - self._began
        last = self.clock.seen >= self.plan.samples
        ticks, snaps = (last or before // n != self.clock.seen // n for n in (self.plan.tick, self.plan.snapshot))
        if ticks or snaps:
            self._look(snaps)
            self._checkpoint()

    def _laid_out(self, batch: Batch) -> Batch:
        if not self.plan.channels_last:
            return batch
        form = torch.channels_last
        return {k: x.contiguous(memory_format=form) if x.dim() == 4 else x for k, x in batch.items()}

    def _look(self, snapshot: bool) -> None:
        """Log, show and judge what the networks make now."""
        seen = self.clock.seen
        numbers = {name: total / steps for name, (total, steps) in self.clock.sums.items()}
        self.clock.sums = {}
        for name, number in numbers.items():
            if not math.isfinite(number):
                raise InputError(
                    f"{name} is {number} after {seen} samples: the training has diverged; the checkpoint before is kept"
                )
        made = self._made(max(SHOWN, self.scored if snapshot else 0))
        if not self.log:
            self.clock.scores += [[seen, math.nan]] if snapshot else []
            return
        if snapshot:
            numbers |= self._judge(made)
        (seen_before, seconds_before), self._ticked = self._ticked, (seen, self.clock.seconds)
        rate = (seen - seen_before) / max(self.clock.seconds - seconds_before, 1e-9)
        self.log.write(seen, numbers | {"seconds": round(self.clock.seconds, 3), "samples_per_second": round(rate, 3)})
        shown = zip(made[:SHOWN], _items(self.given), strict=False)
        self._show(f"samples/{seen:010d}", [self.kind.compared(image, item) for image, item in shown])

    def _judge(self, made: Tensor) -> dict[str, float]:
        """Score a snapshot, and keep its weights if it is the best so far."""
        best = best_of(self.clock.scores)
        score = math.nan if self.judge is None else self.judge(made[: self.scored])
        self.clock.scores.append([self.clock.seen, score])
        if best is None or not math.isfinite(best[1]) or score < best[1]:  # without a finite score, the last one
            self._save_weights()
        return {} if self.judge is None else {"score": score}

    def _made(self, count: int) -> Tensor:
        """Let the networks make samples, always of the same noise, which the training does not notice."""
        cuda = [self.fabric.device] if self.fabric.device.type == "cuda" else []
        parts = [slice(start, min(start + self.share.size, count)) for start in range(0, count, self.share.size)]
        with torch.random.fork_rng(cuda), torch.no_grad():
            torch.manual_seed(self.plan.seed)
            return torch.cat([self.training.examples(self._part(part)) for part in parts])

    def _part(self, part: slice) -> Batch:
        moved = self.fabric.to_device({name: tensor[part] for name, tensor in self.given.items()})
        return self._laid_out(cast("Batch", moved))

    def _show(self, name: str, pictures: list[NDArray[np.float32]]) -> None:
        if self.log:
            self.log.picture(name, grid(pictures), self.clock.seen)

    def _save_weights(self) -> None:
        tensors, settings = self.training.weights()
        of = {"plan": self.plan.dump(), "data_digest": self.identity.data_digest, "seen": self.clock.seen}
        known = {**settings, **self.kind.settings, **self.data, "remark": self.plan.remark}
        save_weights(self.places.weights, tensors, {**known, "trained": of})

    def _checkpoint(self) -> None:
        states = {"cpu": torch.get_rng_state()}
        if self.fabric.device.type == "cuda":
            states["cuda"] = torch.cuda.get_rng_state(self.fabric.device)
        gathered = {name: cast("Tensor", self.fabric.all_gather(state)) for name, state in states.items()}
        every = {name: state.reshape(self.fabric.world_size, -1).cpu() for name, state in gathered.items()}
        if self.fabric.is_global_zero:
            path = self.places.folder / CHECKPOINT
            save_checkpoint(path, self.identity, self.clock, self.training, every)
        self.fabric.barrier()

    def _set_generators(self, states: dict[str, Tensor]) -> None:
        """Put torch's generators where they were; with another number of processes, somewhere new."""
        rank, processes = self.fabric.global_rank, self.fabric.world_size
        if "cpu" not in states or len(states["cpu"]) != processes:
            torch.manual_seed(int(stream(self.plan.seed, self.clock.seen, f"process {rank}").integers(2**63)))
            return
        own = {name: state[rank].clone() for name, state in states.items()}  # PyTorch reads views from their base
        torch.set_rng_state(own["cpu"])
        if "cuda" in own and self.fabric.device.type == "cuda":
            torch.cuda.set_rng_state(own["cuda"], self.fabric.device)

    def _any_asks(self, stopping: Stopping) -> bool:
        """Ask all processes, so that they stop after the same step."""
        if self.fabric.world_size == 1:
            return stopping.asked
        asks = torch.tensor(float(stopping.asked), device=self.fabric.device)
        return bool(cast("Tensor", self.fabric.all_reduce(asks, reduce_op="sum")) > 0)


def _share(batch: int, fabric: Fabric) -> Share:
    if batch % fabric.world_size:
        raise RecipeError(f"batch: must be a multiple of the number of devices, {fabric.world_size}, got {batch}")
    return Share(batch, fabric.global_rank, fabric.world_size)


def _items(batch: Batch) -> Iterator[Item]:
    """Take a batch apart."""
    for i in range(len(next(iter(batch.values())))):
        yield {name: tensor[i] for name, tensor in batch.items()}
