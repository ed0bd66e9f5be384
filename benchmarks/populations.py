"""Populations and packings against a plain loop in NumPy, and against porespy where it is installed."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

import numpy as np

from benchmarks.timing import interleaved_ms, median_ms, row
from cellsim.distributions import Distribution
from cellsim.generators.packing import Packing
from cellsim.generators.points.poisson import Poisson
from cellsim.generators.points.ssi import SSI
from cellsim.generators.population import Population
from cellsim.generators.shapes.ellipsoid import Ellipsoid
from cellsim.generators.shapes.star import Star
from cellsim.sample import Canvas
from cellsim.seeds import Rng, stream

CANVAS = Canvas(shape=(256, 256), spacing=(1.0, 1.0))
CUBE = Canvas(shape=(64, 64, 64), spacing=(1.0, 1.0, 1.0))
DENSITY = 30 / 256**2
RADIUS = Distribution(law="uniform", values=(5.0, 8.0))
ELONGATION = Distribution(law="uniform", values=(1.0, 1.6))
ELLIPSE = Ellipsoid(radius=RADIUS, elongation=ELONGATION)
STAR = Star(radius=RADIUS, elongation=ELONGATION, roughness=0.1)
SEEDS = SSI(density=DENSITY, distance=20.0)
COMPILE = """
import time
from benchmarks.populations import CANVAS, SEEDS, population
from cellsim.seeds import stream
rng = stream(0, 0, "benchmark")
SEEDS(CANVAS.size, rng)
began = time.perf_counter()
population()(CANVAS, rng)
print(time.perf_counter() - began)
"""
BALLS = Population(
    points=SSI(density=60 / 64**3, distance=11.0), shape=Ellipsoid(radius=5.0, elongation=1.3), margin=0.0
)


def population(**fields: object) -> Population:
    """Return about 30 ellipses of 10 to 20 pixels on a canvas of 256 x 256."""
    return Population(**{"points": SEEDS, "shape": ELLIPSE, "margin": 0.0} | fields)  # type: ignore[arg-type]


def plain_loop(rng: Rng, wanted: int = 30) -> object:
    """Throw ellipses at a canvas until 30 do not overlap, each in its window, in NumPy."""
    labels = np.zeros(CANVAS.shape, np.uint16)
    placed = 0
    while placed < wanted:
        radius, stretch, angle = rng.uniform(5, 8), rng.uniform(1, 1.6) ** 0.5, rng.uniform(0, np.pi)
        centre = rng.random(2) * CANVAS.shape
        reach = radius * stretch
        low = np.maximum(np.floor(centre - reach), 0).astype(int)
        high = np.minimum(np.ceil(centre + reach) + 1, CANVAS.shape).astype(int)
        y, x = np.ogrid[low[0] : high[0], low[1] : high[1]]
        dy, dx = y + 0.5 - centre[0], x + 0.5 - centre[1]
        on, across = np.cos(angle) * dy + np.sin(angle) * dx, np.cos(angle) * dx - np.sin(angle) * dy
        inside = (on / stretch) ** 2 + (across * stretch) ** 2 <= radius**2
        window = labels[low[0] : high[0], low[1] : high[1]]
        if not window[inside].any():
            placed += 1
            window[inside] = placed
    return labels


def compile_seconds() -> float:
    """Time of the first population of a machine, its points already compiled."""
    with tempfile.TemporaryDirectory() as folder:
        surroundings = os.environ | {"NUMBA_CACHE_DIR": folder}
        command = [sys.executable, "-c", COMPILE]
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=surroundings)
    return float(done.stdout)


def main() -> None:
    """Time populations, packings, their parts and others' loops."""
    rng = stream(0, 0, "benchmark")
    placement = SEEDS(CANVAS.size, rng)
    plain, wide, rough = population(), population(margin=20.0), population(shape=STAR)
    packing = Packing(shape=ELLIPSE, density=DENSITY)
    calls: dict[str, Callable[[], object]] = {
        "population of 30 ellipses": lambda: plain(CANVAS, rng),
        "its points alone (ssi)": lambda: SEEDS(CANVAS.size, rng),
        "its ellipses alone": lambda: ELLIPSE(placement, CANVAS.spacing, rng),
        "the same with a margin of 20 µm": lambda: wide(CANVAS, rng),
        "30 stars": lambda: rough(CANVAS, rng),
        "30 ellipses packed": lambda: packing(CANVAS, rng),
        "30 ellipses in a plain loop, NumPy": lambda: plain_loop(rng),
    }
    try:
        import porespy
        from scipy import ndimage

        spheres = porespy.generators.random_spheres
        calls["30 equal disks by porespy random_spheres, and label"] = lambda: ndimage.label(
            spheres(shape=list(CANVAS.shape), r=6, maxiter=30)
        )
    except ImportError:
        row("porespy", "not installed: pip install -e .[bench]")
    found = interleaved_ms(calls, 100)
    ours = found["population of 30 ellipses"]
    for name, taken in found.items():
        target = f"{taken / ours:.1f} x" if taken > ours else ""
        row(name, f"{taken:.2f} ms", target)
    row("the first again and again", f"{median_ms(lambda: plain(CANVAS, rng), 1000):.2f} ms", "<= 0.25 ms")
    row("the plain loop again and again", f"{median_ms(lambda: plain_loop(rng), 300):.2f} ms")
    row("60 ellipsoids of radius 5 px, 64 x 64 x 64", f"{median_ms(lambda: BALLS(CUBE, rng)):.1f} ms", "<= 5 ms")
    for n in (100, 1000, 10_000, 60_000):
        side = round((n / 0.003) ** 0.5)  # a cover of 0.4 before overlap
        crowd, large = (
            population(points=Poisson(density=0.003), overlap=1.0),
            Canvas(shape=(side, side), spacing=(1.0, 1.0)),
        )
        began = time.perf_counter()
        count = crowd(large, rng).count
        row(f"population of {count:,} ellipses", f"{(time.perf_counter() - began) / count * 1e6:.1f} µs an object")
    row("compiling a population, once a machine", f"{compile_seconds():.1f} s", "< 10 s")
