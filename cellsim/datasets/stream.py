"""A large data set as PyTorch sees it: runs of samples in random order, through a buffer that shuffles them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from typing import Any

import torch
from numpy.typing import NDArray
from torch.utils.data import IterableDataset, get_worker_info

from cellsim.datasets.chunks import SHARD
from cellsim.datasets.layout import Location
from cellsim.datasets.reader import Dataset
from cellsim.datasets.torch import Item, Items
from cellsim.errors import InputError
from cellsim.seeds import stream

Run = tuple[int, int]  # samples from the first to before the second
Raw = tuple[int, NDArray[Any], NDArray[Any] | None]


@dataclass(frozen=True)
class Order:
    """In which order samples come, and which process gets them.

    Parameters
    ----------
    buffer : int
        Samples in memory of each worker from which the next is drawn, >= 1; 1 gives the order of the set.
    seed : int
        Of the order, >= 0.
    ranks : (rank, world), optional
        Which of how many processes this is; as `torch.distributed` says if None.
    even : bool
        Whether all processes get equally many samples, and at most world - 1 are left out of an epoch; else their
        numbers differ by one at most.

    Raises
    ------
    InputError
        If a number is out of its range.
    """

    buffer: int = 256
    seed: int = 0
    ranks: tuple[int, int] | None = None
    even: bool = False

    def __post_init__(self) -> None:
        if self.buffer < 1 or self.seed < 0:
            raise InputError(f"buffer must be >= 1 and seed >= 0, got {self.buffer} and {self.seed}")
        if self.ranks is not None and not 0 <= self.ranks[0] < self.ranks[1]:
            raise InputError(f"ranks must be (rank, world) with 0 <= rank < world, got {self.ranks}")

    def found_ranks(self) -> tuple[int, int]:
        """Say which of how many processes this is.

        Returns
        -------
        rank, world : int
            As given, or as `torch.distributed` says; (0, 1) where it is not in use.
        """
        if self.ranks is not None:
            return self.ranks
        if torch.distributed.is_available() and torch.distributed.is_initialized():
            return torch.distributed.get_rank(), torch.distributed.get_world_size()
        return 0, 1

    def runs(self, samples: int, epoch: int) -> list[Run]:
        """Cut a data set into runs of consecutive samples and put these in order.

        Parameters
        ----------
        samples : int
            Of the data set.
        epoch : int
            Another one gives another order.

        Returns
        -------
        list of (start, stop)
            Of at most 64 samples.
        """
        found = [(start, min(start + SHARD, samples)) for start in range(0, samples, SHARD)]
        if self.buffer == 1:
            return found
        return [found[i] for i in stream(self.seed, epoch, "runs").permutation(len(found))]

    def share(self, samples: int, worker: int, workers: int, epoch: int) -> list[Run]:
        """Say which samples a worker of this process reads, in their order.

        Parameters
        ----------
        samples : int
            Of the data set.
        worker, workers : int
            Which of how many in this process.
        epoch : int
            Number of the epoch.

        Returns
        -------
        list of (start, stop)
            The shares of all workers of all processes do not overlap, and are all samples but those that `even` leaves
            out.
        """
        rank, world = self.found_ranks()
        used = samples // world * world if self.even else samples
        first, last = rank * used // world, (rank + 1) * used // world
        start = first + worker * (last - first) // workers
        stop = first + (worker + 1) * (last - first) // workers
        return _between(self.runs(samples, epoch), start, stop)


def _between(runs: list[Run], start: int, stop: int) -> list[Run]:
    """Cut out of runs, laid end to end, the samples from `start` to before `stop`."""
    found, offset = [], 0
    for first, last in runs:
        low, high = max(start - offset, 0), min(stop - offset, last - first)
        if low < high:
            found.append((first + low, first + high))
        offset += last - first
    return found


class StreamDataset(IterableDataset[Item]):
    """Iterable dataset of all samples of a version, each once an epoch.

    Runs of 64 samples are read at once, in random order; a buffer in every worker mixes the samples of some runs. The
    order follows from the seed, the epoch and the numbers of processes and workers.

    Parameters
    ----------
    location : str, Path or zarr store
        Of the data set.
    version : str
        Name of the version.
    items : Items
        What they hold.
    order : Order
        In which they come.

    Raises
    ------
    InputError
        If there is no such field.

    Examples
    --------
    >>> import cellsim, torch
    >>> samples = cellsim.open_dataset("epidermis.zarr").torch_stream(fields=["index", "labels"], buffer=64)
    >>> loader = torch.utils.data.DataLoader(samples, batch_size=2)
    >>> for epoch in range(2):
    ...     samples.set_epoch(epoch)
    ...     seen = sorted(int(i) for batch in loader for i in batch["index"])
    >>> seen[:2]
    [0, 1]
    """

    def __init__(self, location: Location, version: str, items: Items, order: Order) -> None:
        self.location = location
        self.version = version
        self.order = order
        self.batch_size: int | None = None
        self.items = items.checked(self._dataset())
        self._epoch = torch.zeros((), dtype=torch.int64).share_memory_()  # type: ignore[no-untyped-call] # workers that live on see it change

    def _dataset(self) -> Dataset:
        return Dataset(self.location, self.version, threads=1)

    def __getstate__(self) -> dict[str, object]:
        # a spawned worker does not know torch.distributed
        order = Order(self.order.buffer, self.order.seed, self.order.found_ranks(), self.order.even)
        return self.__dict__ | {"order": order}

    def set_epoch(self, epoch: int) -> None:
        """Take another order from now on; to be called before each epoch, or samples come in the same order again.

        Parameters
        ----------
        epoch : int
            Number of the epoch; the same number gives the same order.
        """
        self._epoch.fill_(epoch)

    def batches(self, size: int) -> StreamDataset:
        """Return the same stream in batches, which are made at once where the training reads them.

        Parameters
        ----------
        size : int
            Samples of a batch; the last one of a worker may have less.

        Returns
        -------
        StreamDataset
            Of stacked items, for ``DataLoader(..., batch_size=None)``; `set_epoch` of either sets both.

        Raises
        ------
        InputError
            If batches cannot be so small.
        """
        if size < 1:
            raise InputError(f"batches must be of >= 1 samples, got {size}")
        found = copy(self)
        found.batch_size = size
        return found

    def __iter__(self) -> Iterator[Item]:
        if self.batch_size is None:
            return (self.items.make(*one) for one in self._mixed())
        return (self.items.batch(*zip(*some, strict=True)) for some in _batched(self._mixed(), self.batch_size))

    def _mixed(self) -> Iterator[Raw]:
        """Read the samples of this worker, and mix them."""
        info, dataset, epoch = get_worker_info(), self._dataset(), int(self._epoch)
        worker, workers = (info.id, info.num_workers) if info else (0, 1)
        rng = stream(self.order.seed, self.order.found_ranks()[0] * workers + worker, f"buffer {epoch}")
        waiting: list[Raw] = []
        for run in self.order.share(len(dataset), worker, workers, epoch):
            for one in self._read(dataset, run):
                waiting.append(one)
                if len(waiting) >= self.order.buffer:
                    yield _taken(waiting, int(rng.integers(len(waiting))))
        while waiting:
            yield _taken(waiting, int(rng.integers(len(waiting))))

    def _read(self, dataset: Dataset, run: Run) -> list[Raw]:
        indices = range(*run)
        raw = dataset.raw(indices, self.items.reads())
        return list(zip(indices, raw["labels"], raw.get("image", [None] * len(indices)), strict=True))


def _taken(waiting: list[Raw], which: int) -> Raw:
    """Take one out; the last one takes its place, so that nothing else moves."""
    waiting[which], waiting[-1] = waiting[-1], waiting[which]
    return waiting.pop()


def _batched(samples: Iterator[Raw], size: int) -> Iterator[list[Raw]]:
    while some := list(itertools.islice(samples, size)):
        yield some
