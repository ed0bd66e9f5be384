"""Where work runs: here, or in a pool of processes. Each is a `map` that may answer out of order."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import TypeVar

from cellsim.errors import CellsimError

T = TypeVar("T")
R = TypeVar("R")
Run = Callable[[Callable[[T], R], Iterable[T]], Iterator[R]]


def serial(function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
    """Do one task after the other in this process.

    Parameters
    ----------
    function : callable
        What to do.
    tasks : iterable
        What to do it with.

    Yields
    ------
    object
        The results, in order.
    """
    yield from map(function, tasks)


def processes(workers: int) -> Run[T, R]:
    """Return a `map` over a pool of spawned processes, for spawn is safe whatever libraries are loaded.

    Parameters
    ----------
    workers : int
        Number of processes, >= 1.

    Returns
    -------
    callable
        ``run(function, tasks)`` yields results as they come; function and tasks must pickle.
    """

    def run(function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_start_worker)
        queue = iter(tasks)
        try:
            pending = {pool.submit(function, task) for task in islice(queue, 2 * workers)}
            while pending:
                done, pending = wait(pending, return_when=FIRST_COMPLETED)
                pending |= {pool.submit(function, task) for task in islice(queue, len(done))}
                yield from map(_result, done)
        except BaseException:
            for process in list(getattr(pool, "_processes", {}).values()):
                process.terminate()  # a sample half drawn is no loss
            raise
        finally:
            pool.shutdown(cancel_futures=True)

    return run


def _result(future: Future[R]) -> R:
    try:
        return future.result()
    except BrokenProcessPool:
        raise CellsimError(
            "a worker process was killed (out of memory?): run the same command again, with fewer --workers"
        ) from None


def _start_worker() -> None:
    """Leave Ctrl-C to the parent, and one core to each worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ[name] = "1"


def choose(workers: int | None, tasks: int) -> Run[T, R]:
    """Choose where to run: in this process unless there is enough work for several.

    Parameters
    ----------
    workers : int or None
        Number of processes; None for one a core.
    tasks : int
        How many there are.

    Returns
    -------
    callable
        `serial`, or a `map` over processes.

    Raises
    ------
    CellsimError
        If `workers` is less than 1.
    """
    if workers is not None and workers < 1:
        raise CellsimError(f"--workers must be >= 1, got {workers}")
    wanted = min(workers or len(os.sched_getaffinity(0)), tasks)
    return processes(wanted) if wanted > 1 else serial
