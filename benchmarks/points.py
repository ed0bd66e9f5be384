"""Point processes: time a point over their number, the first call of all, and peers where they are installed."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable

import numpy as np

from benchmarks.timing import interleaved_ms, median_ms, row
from cellsim.generators.base import Points
from cellsim.generators.points.clusters import Clusters
from cellsim.generators.points.matern import BALL, MaternI, MaternII
from cellsim.generators.points.poisson import Poisson
from cellsim.generators.points.ssi import JAMMED, SSI
from cellsim.generators.points.thomas import Thomas
from cellsim.seeds import stream

NUMBERS = (100, 1_000, 10_000, 100_000, 1_000_000)
DEADLINES = {("poisson", 1_000_000): 500, ("matern-i", 1_000_000): 500, ("matern-ii", 1_000_000): 500}  # ms
DEADLINES[("ssi, as many as fit", 100_000)] = 1000
FIRST_KINDS = (
    ("matern", "MaternII", "density=0.004, distance=8"),
    ("ssi", "SSI", "distance=8"),
    ("strauss", "Strauss", "density=0.004, distance=8, gamma=0.3"),
)
FIRST = """
import time
from cellsim.generators.points.{module} import {name}
from cellsim.seeds import stream
began = time.perf_counter()
{name}({fields})((100.0, 100.0), stream(0, 0, "benchmark"))
print(time.perf_counter() - began)
"""


def processes(n: int, ndim: int) -> dict[str, Points]:
    """Return every kind at a density of 1, half of what the hard-core processes can reach."""
    half = [(share / BALL[ndim]) ** (1 / ndim) for share in (0.5 / math.e, 0.5, 0.5 * JAMMED[ndim] * 2**ndim)]
    full = (JAMMED[ndim] * 2**ndim / BALL[ndim]) ** (1 / ndim)
    return {
        "poisson": Poisson(density=1),
        "matern-i": MaternI(density=1, distance=half[0]),
        "matern-ii": MaternII(density=1, distance=half[1]),
        "ssi, half full": SSI(density=1, distance=half[2]),
        "ssi, as many as fit": SSI(distance=full),
        "thomas": Thomas(density=1, cluster_density=0.1, spread=1),
        "clusters": Clusters(points=n, clusters=10, clustered=0.5, spread=0.1 * n ** (1 / ndim)),
    }


def over_numbers(ndim: int) -> None:
    """Time every kind from a hundred points to a million; in 3D as many as fit takes too long for the last."""
    for n in NUMBERS:
        rng, size = stream(0, 0, "benchmark"), (n ** (1 / ndim),) * ndim
        for name, process in processes(n, ndim).items():
            if ndim == 3 and n > 100_000 and name.startswith("ssi, as"):
                continue
            ms = median_ms(
                lambda process=process, size=size, rng=rng: process(size, rng), max(3, min(100, 100_000 // n))
            )
            deadline = DEADLINES.get((name, n)) if ndim == 2 else None
            target = f"<= {deadline} ms" if deadline else ""
            row(f"{ndim}D {name}, {n:,} points", f"{ms:,.2f} ms, {ms * 1e6 / n:,.0f} ns a point", target)


def first_calls() -> None:
    """Time the first draw of a fresh process, with kernels to compile and with kernels on disk."""
    for module, name, fields in FIRST_KINDS:
        with tempfile.TemporaryDirectory() as folder:
            code = FIRST.format(module=module, name=name, fields=fields)
            seconds = [
                float(
                    subprocess.run(
                        [sys.executable, "-c", code],
                        check=True,
                        capture_output=True,
                        text=True,
                        env=os.environ | {"NUMBA_CACHE_DIR": folder},
                    ).stdout
                )
                for _ in range(2)
            ]
        row(f"first {name} of a process, compiling; from the cache", f"{seconds[0]:.1f} s; {1e3 * seconds[1]:.0f} ms")


def plain_inhibition(n: int, distance: float) -> Callable[[], object]:
    """Sequential inhibition as one would write it with NumPy: every new point against all before it."""

    def draw() -> object:
        rng, points, placed = np.random.default_rng(0), np.empty((n, 2)), 0
        while placed < n:
            new = math.sqrt(n) * rng.random(2)
            if (((points[:placed] - new) ** 2).sum(axis=1) >= distance**2).all():
                points[placed] = new
                placed += 1
        return points

    return draw


def peers(n: int = 2000) -> None:
    """Compare with plain NumPy and with pointpats."""
    side, rng, ours = math.sqrt(n), stream(0, 0, "benchmark"), processes(n, 2)
    calls: dict[str, Callable[[], object]] = {
        name: lambda process=process: process((side, side), rng)  # type: ignore[misc]
        for name, process in ours.items()
        if name in ("poisson", "ssi, half full", "thomas")
    }
    ssi = ours["ssi, half full"]
    calls["plain NumPy, ssi half full"] = plain_inhibition(n, ssi.distance)  # type: ignore[attr-defined]
    try:
        from pointpats.random import cluster_normal, poisson

        square = np.array([0.0, 0.0, side, side])
        calls["pointpats poisson"] = lambda: poisson(square, size=n)
        calls["pointpats cluster_normal"] = lambda: cluster_normal(square, cov=1.0, size=n, n_seeds=n // 10)
    except ImportError:
        row("pointpats", "not installed: pip install -e .[bench]")
    for name, ms in interleaved_ms(calls, 10).items():
        row(f"{name}, {n:,} points", f"{ms:,.2f} ms")


def main() -> None:
    """Time all kinds in 2D and 3D, first calls and peers."""
    over_numbers(2)
    over_numbers(3)
    first_calls()
    peers()
