"""Gibbs processes: proposals a second, a pattern of 60 points, and pointpats where it is installed."""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np

from benchmarks.timing import interleaved_ms, row
from cellsim.distributions import Distribution
from cellsim.generators.points.disks import Disks
from cellsim.generators.points.gibbs import GibbsPoints
from cellsim.generators.points.strauss import Strauss
from cellsim.seeds import stream

UNIT = (1.0, 1.0)
SIXTY = Strauss(density=60.0, distance=0.05, gamma=0.3)
PROCESSES: dict[str, GibbsPoints] = {
    "strauss, gamma 0.3": SIXTY,
    "strauss, gamma 0, packing 0.5": Strauss(density=0.5 / (math.pi * 0.025**2), distance=0.05, gamma=0.0),
    "disks, equal": Disks(activity=400.0, radius=0.025, penalty=3.0),
    "disks, radii uniform": Disks(
        activity=400.0, radius=Distribution(law="uniform", values=(0.01, 0.03)), penalty=3.0, overlap=0.5
    ),
}


def proposals(process: GibbsPoints) -> tuple[float, float, float]:
    """Millions of proposals a second, points, milliseconds of a pattern."""
    rng = stream(0, 0, "benchmark")
    process.chain(UNIT, rng)
    began, steps, points, patterns = time.perf_counter(), 0, 0, 0
    while time.perf_counter() - began < 1.0:
        chain = process.chain(UNIT, rng)
        steps, points, patterns = steps + chain.steps, points + len(chain.placement), patterns + 1
    taken = time.perf_counter() - began
    return steps / taken / 1e6, points / patterns, 1e3 * taken / patterns


def main() -> None:
    """Time chains, then 60 points beside pointpats."""
    for name, process in PROCESSES.items():
        rate, points, ms = proposals(process)
        row(f"{name}: {points:.0f} points, {ms:.2f} ms", f"{rate:.1f} million proposals/s", ">= 2")
    rng = stream(0, 0, "benchmark")
    calls: dict[str, Any] = {"60 Strauss points": lambda: SIXTY(UNIT, rng)}
    try:
        from pointpats.random import strauss

        box = np.array([0.0, 0.0, 1.0, 1.0])
        calls["pointpats strauss, 60 points"] = lambda: strauss(box, size=60, gamma=0.3, r=0.05, rng=rng)
    except ImportError:
        row("pointpats", "not installed: pip install -e .[bench]")
    found = interleaved_ms(calls)
    ours = found["60 Strauss points"]
    for name, taken in found.items():
        row(name, f"{taken:.2f} ms", "< 1 ms" if taken == ours else f"{taken / ours:.0f} x")
    for n in (100, 1000, 10_000, 100_000):
        rng, edge = stream(0, 0, "benchmark"), math.sqrt(n / 60)
        SIXTY((edge, edge), rng)
        began = time.perf_counter()
        points = len(SIXTY((edge, edge), rng))
        row(f"{points} Strauss points", f"{1e6 * (time.perf_counter() - began) / points:.1f} µs a point")
