"""Where networks run: chosen for a process and those that it starts, never by a recipe."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cellsim.errors import InputError

if TYPE_CHECKING:
    import torch

VARIABLE = "CELLSIM_DEVICE"  # of the environment, so that worker processes have it too
CHOICES = "auto, cpu, cuda or cuda:<number>"


def choose_device(name: str) -> None:
    """Choose where the networks of this process run from now on.

    Parameters
    ----------
    name : str
        "auto" (a GPU if there is one), "cpu", "cuda" or "cuda:1".

    Raises
    ------
    InputError
        If there is no such choice.
    """
    if not re.fullmatch(r"auto|cpu|cuda(:\d+)?", name):
        raise InputError(f"device must be {CHOICES}, got {name!r}")
    os.environ[VARIABLE] = name


def device() -> torch.device:
    """Return the device on which networks run.

    Returns
    -------
    torch.device
        As chosen by `choose_device` or by the environment variable CELLSIM_DEVICE; "auto" if neither was used.

    Raises
    ------
    InputError
        If the choice is unknown, or there is no such GPU.
    """
    import torch

    name = os.environ.get(VARIABLE, "auto")
    choose_device(name)
    there = torch.cuda.device_count()
    if name == "auto":
        return torch.device("cuda" if there else "cpu")
    found = torch.device(name)
    if found.type == "cuda" and (found.index or 0) >= there:
        raise InputError(f"device {name} is not there: torch sees {there} GPUs")
    return found


@contextmanager
def on_one_thread() -> Iterator[None]:
    """Let PyTorch work on one thread of the CPU for a while, so that rounding does not depend on their number.

    Yields
    ------
    None
        Before and after, threads are as they were.
    """
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
