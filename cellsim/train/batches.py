"""Which examples come when: a function of the seed and of the samples seen, so that a training resumes exactly."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import DataLoader

from cellsim.seeds import stream
from cellsim.train.examples.base import ExampleSet, Item
from cellsim.train.objectives.base import Batch


@dataclass(frozen=True)
class Order:
    """The order of examples: each pass goes through all of them, in a random order of its own.

    Parameters
    ----------
    examples : int
        How many there are, >= 1.
    seed : int
        Of the order.
    """

    examples: int
    seed: int

    def indices(self, start: int, count: int) -> list[int]:
        """Say which examples come at some place.

        Parameters
        ----------
        start : int
            Samples seen before.
        count : int
            How many.

        Returns
        -------
        list of int
            Items of an `ExampleSet`: ``pass * examples + example``.
        """
        found: list[int] = []
        while len(found) < count:
            turn, within = divmod(start + len(found), self.examples)
            order = _permutation(self.examples, self.seed, turn)
            found += (order[within : within + count - len(found)] + turn * self.examples).tolist()
        return found


@lru_cache(maxsize=2)
def _permutation(examples: int, seed: int, turn: int) -> NDArray[np.int64]:
    return stream(seed, turn, "order").permutation(examples)


@dataclass(frozen=True)
class Share:
    """The part of every batch that one process takes.

    Parameters
    ----------
    batch : int
        Samples of a batch, of all processes.
    rank : int
        Number of this process, from 0.
    processes : int
        How many there are; divides `batch`.
    """

    batch: int
    rank: int = 0
    processes: int = 1

    @property
    def size(self) -> int:
        """Samples of a batch in one process."""
        return self.batch // self.processes


class _Batches:
    """Lists of indices without an end, for a DataLoader."""

    def __init__(self, order: Order, share: Share, seen: int) -> None:
        self.order, self.share, self.seen = order, share, seen

    def __iter__(self) -> Iterator[list[int]]:
        start = self.seen + self.share.rank * self.share.size
        while True:
            yield self.order.indices(start, self.share.size)
            start += self.share.batch


def _ignore_interrupts(_worker: int) -> None:
    """Leave Ctrl-C to the process that trains: it finishes its step and writes a checkpoint."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def batches(examples: ExampleSet, seed: int, seen: int, share: Share, workers: int = 0) -> Iterator[Batch]:
    """Go through examples in batches, without an end.

    Parameters
    ----------
    examples : ExampleSet
        What there is.
    seed : int
        Of the order.
    seen : int
        Samples seen before, of all processes: where to begin.
    share : Share
        Which part of each batch.
    workers : int
        Processes that make examples; 0 makes them in this one.

    Yields
    ------
    dict of str to Tensor
        (B, ...) each, on the CPU; the same whatever the number of workers.
    """
    loader: DataLoader[Item] = DataLoader(
        examples,
        batch_sampler=_Batches(Order(len(examples), seed), share, seen),
        num_workers=workers,
        multiprocessing_context="spawn" if workers else None,  # fork hangs after threads
        worker_init_fn=_ignore_interrupts if workers else None,
        pin_memory=torch.cuda.is_available(),
        generator=torch.Generator(),  # else it draws from the generator that the networks draw from
    )
    yield from loader
