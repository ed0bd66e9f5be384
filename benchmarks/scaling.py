"""How the time grows with the number of objects; `python -m benchmarks scaling` writes docs/pictures/scaling.png."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from benchmarks.timing import row
from cellsim.generators.base import Placement
from cellsim.generators.points.matern import MaternII
from cellsim.generators.points.poisson import Poisson
from cellsim.generators.points.ssi import SSI
from cellsim.generators.points.strauss import Strauss
from cellsim.generators.points.thomas import Thomas
from cellsim.generators.population import Population
from cellsim.generators.shapes.ellipsoid import Ellipsoid
from cellsim.sample import MAX_OBJECTS, Canvas
from cellsim.seeds import Rng, stream

PICTURE = Path(__file__).parents[1] / "docs" / "pictures" / "scaling.png"
NUMBERS = (100, 1000, 10_000, 100_000, 1_000_000)
POINTS = {
    "poisson": Poisson(density=1),
    "matern-ii": MaternII(density=1, distance=0.4),
    "thomas": Thomas(density=1, cluster_density=0.1, spread=1),
    "ssi": SSI(density=1, distance=0.7),
    "strauss": Strauss(density=1, distance=0.7, gamma=0.1),
}
ELLIPSE = Ellipsoid(radius=3, elongation=1.5)


def ellipses(n: int, rng: Rng) -> int:
    """Draw n ellipses of 28 pixels, as crops."""
    return len(ELLIPSE(Placement(rng.random((n, 2)) * n**0.5 * 10), (1.0, 1.0), rng))


def population(n: int, rng: Rng) -> int:
    """Draw a population of n such ellipses, as labels."""
    side = round(n**0.5 * 10)
    crowd = Population(points=Poisson(density=0.01), shape=ELLIPSE, overlap=1.0, margin=0.0)
    return crowd(Canvas(shape=(side, side), spacing=(1.0, 1.0)), rng).count


def calls() -> dict[str, Callable[[int, Rng], int]]:
    """Return what is timed: a function of the number of objects, which says how many it drew."""
    of_points = {
        name: lambda n, rng, process=process: len(process((n**0.5, n**0.5), rng)) for name, process in POINTS.items()
    }
    return of_points | {"ellipses (crops)": ellipses, "population (labels)": population}


def main() -> None:
    """Time each over the number of objects, and draw the curves."""
    figure = Figure(figsize=(6.5, 4), layout="constrained")
    axes = figure.add_subplot(xscale="log", yscale="log", xlabel="objects", ylabel="µs an object")
    rng = stream(0, 0, "benchmark")
    for name, call in calls().items():
        found, taken = [], []
        for n in (n for n in NUMBERS if n < MAX_OBJECTS or call is not population):
            call(n, rng)
            times, counts = [], []
            for _ in range(max(1, min(20, 20_000 // n))):
                began = time.perf_counter()
                counts.append(call(n, rng))
                times.append(time.perf_counter() - began)
            found.append(np.median(counts))
            taken.append(1e6 * np.median(times) / np.median(counts))
        axes.plot(found, taken, "o-", label=name)
        row(name, ", ".join(f"{one:.2f}" for one in taken), "µs an object, from 100 to a million")
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    figure.savefig(PICTURE, dpi=110, metadata={"Software": None})
