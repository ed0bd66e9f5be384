"""Compute the table of `cellsim/generators/points/activity.py`: `python -m benchmarks.activity_table`, 20 minutes."""

from __future__ import annotations

import math
import sys

import numpy as np

from cellsim.generators.points.birth_death import STRAUSS, evolve, scatter
from cellsim.seeds import Rng

GAMMAS = (0.01, 0.03, 0.1, 0.2, 0.35, 0.5, 0.7, 0.85)
CROWDING = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.2, 2.4, 2.6, 3.0, 3.5, 4.0, 5.0)
POINTS = 300


def measure(
    rng: Rng, ndim: int, gamma: float, crowding: float, ln_activity: float, error: float
) -> tuple[float, float]:
    """Run a chain of an activity; the logarithm of the density found over that wanted, and its slope with activity."""
    ball = {2: math.pi, 3: 4 * math.pi / 3}[ndim]
    edge = (POINTS * ball / crowding) ** (1 / ndim)
    size = (1.0,) * (3 - ndim) + (edge,) * ndim
    dims = tuple(max(int(one), 1) for one in size)
    per_edge = tuple(n / one for n, one in zip(dims, size, strict=True))
    born, expected = np.ones(1), POINTS * math.exp(ln_activity)
    model = (size, dims, per_edge, (STRAUSS, ndim, 1.0, -math.log(gamma)), (expected, 1.0))
    state = scatter(rng, POINTS, born, model)
    counts: list[int] = []
    slope = 0.2
    while True:
        state, _ = evolve(rng, state, born, model, 3 * POINTS, np.empty((0, 2)))
        counts.append(state[2])
        if len(counts) >= 200 and len(counts) % 100 == 0:
            kept = np.array(counts[len(counts) // 3 :], float)
            slope = max(float(kept.var() / kept.mean()), 0.005)
            parts = [part.mean() for part in np.array_split(kept, 10)]
            spread = float(np.std(parts, ddof=1) / math.sqrt(10) / POINTS)
            if spread < error or len(counts) > 200_000:
                return math.log(float(kept.mean()) / POINTS), slope


def main() -> None:
    """Solve for the activity of every entry by Newton steps of growing precision."""
    for ndim in map(int, sys.argv[1:] or ("2", "3")):
        for gamma in GAMMAS:
            row: list[float] = []
            for crowding in CROWDING:
                rng = np.random.default_rng(0)
                excess = row[-1] * crowding if row else (1 - gamma) * crowding
                for error in (0.01, 0.003, 0.001):
                    found, slope = measure(rng, ndim, gamma, crowding, excess, error)
                    excess -= np.clip(found / slope, -2, 2)
                row.append(excess / crowding)
            print(f"    # {ndim}D gamma = {gamma}\n    ({', '.join(f'{value:.3f}' for value in row)}),", flush=True)


if __name__ == "__main__":
    main()
