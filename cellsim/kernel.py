"""The one way hot loops are compiled, so that every kernel is cached and releases the GIL."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba

P = ParamSpec("P")
R = TypeVar("R")


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a hot loop with Numba on first use and keep the machine code on disk.

    Arithmetic stays IEEE (no ``fastmath``), so that a run repeats to the byte; kernels are serial, for
    parallelism is one process a shard. Write ``a[i, 0], a[i, 1] = pair`` and loops rather than ``a[i] = pair`` and
    ``a[:n] = b``: for these Numba compiles the words of an error about shapes, for two seconds or more.

    Parameters
    ----------
    function : callable
        A function on arrays and scalars that Numba's nopython mode can compile.

    Returns
    -------
    callable
        The compiled function.
    """
    return cast("Callable[P, R]", numba.njit(cache=True, nogil=True, error_model="numpy")(function))
