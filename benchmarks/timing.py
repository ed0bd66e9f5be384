"""Timing of calls and of whole commands: medians, after a warm-up, compared within one run."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable


def median_ms(call: Callable[[], object], runs: int = 50) -> float:
    """Median time of a call in milliseconds, the first call (which may compile) left out."""
    call()
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1e3


def interleaved_ms(calls: dict[str, Callable[[], object]], rounds: int = 30) -> dict[str, float]:
    """Median time of each of several calls, taken in turn so that a drift of the machine meets all alike."""
    for call in calls.values():
        call()
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            began = time.perf_counter()
            call()
            times[name].append(time.perf_counter() - began)
    return {name: statistics.median(taken) * 1e3 for name, taken in times.items()}


def command_ms(code: str, runs: int = 9) -> float:
    """Median wall time of a fresh Python process in milliseconds."""
    return median_ms(lambda: subprocess.run([sys.executable, "-c", code], check=True, capture_output=True), runs)


def peak_mb(code: str) -> float:
    """Greatest memory of a fresh Python process or of one of its workers, in MB."""
    report = (
        "import resource; own, workers = (resource.getrusage(w).ru_maxrss for w in "
        "(resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)); print(max(own, workers))"
    )
    program = f"if __name__ == '__main__':\n    {code}\n    {report}"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    scale = 1e6 if sys.platform == "darwin" else 1e3
    return float(done.stdout.split()[-1]) / scale


def row(what: str, value: str, target: str = "") -> None:
    """Print one line of a table in Markdown."""
    print(f"| {what} | {value} | {target} |")
