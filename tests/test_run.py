"""Where work runs."""

from __future__ import annotations

import os

import pytest

from cellsim.errors import CellsimError
from cellsim.run import choose, processes, serial


def double(x: int) -> int:
    return 2 * x


def fail(x: int) -> int:
    raise CellsimError(f"task {x} failed")


def pid(_: int) -> int:
    return os.getpid()


def test_serial_keeps_the_order() -> None:
    assert list(serial(double, range(5))) == [0, 2, 4, 6, 8]


def test_processes_do_every_task_once() -> None:
    assert sorted(processes(2)(double, range(20))) == list(range(0, 40, 2))


def test_processes_are_other_processes() -> None:
    assert os.getpid() not in set(processes(2)(pid, range(4)))


def test_an_error_in_a_process_is_raised_here() -> None:
    with pytest.raises(CellsimError, match="task 1 failed"):
        list(processes(2)(fail, [1]))


def test_little_work_stays_here() -> None:
    assert choose(None, 1) is serial
    assert choose(1, 100) is serial
    assert choose(4, 0) is serial


@pytest.mark.parametrize("workers", [0, -1])
def test_no_workers_are_refused(workers: int) -> None:
    with pytest.raises(CellsimError, match=f"must be >= 1, got {workers}"):
        choose(workers, 10)
