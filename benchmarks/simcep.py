"""SIMCEP: nuclei and whole cells, a large field, and the time over the number of cells."""

from __future__ import annotations

import time

import numpy as np

from benchmarks.peers import of_images
from benchmarks.timing import interleaved_ms, median_ms, peak_mb, row
from cellsim.recipe import Recipe

NUCLEI = """
canvas: {{shape: [{side}, {side}], spacing: [0.5, 0.5]}}
generator:
  kind: population
  points: {{kind: clusters, points: {n}, clusters: {clusters}, clustered: 0.5, spread: 12, tries: 50}}
  shape: {{kind: simcep, radius: {{normal: [5, 0.4]}}, alpha: 0.1, beta: 0.1}}
  overlap: 0.1
  shared: {shared}
  layers: 3
  margin: 0
  fewer: true
translators:
  - {{kind: texture}}
  - {{kind: wide-field, psf: 0.4, defocus: 0.8, falloff: 0.3}}
  - {{kind: detector, photons: 300, read_noise: 2, offset: 0.01}}
"""
LARGE = "from benchmarks.simcep import cells; cells(2048, 3000).draw(0)"
NUMBERS = (100, 1000, 10_000, 60_000)


def nuclei(side: int, n: int, shared: str = "layers", image: bool = True) -> Recipe:
    """Return the recipe of nuclei alone."""
    import yaml

    text = NUCLEI.format(side=side, n=n, clusters=max(1, n // 10), shared=shared)
    values = yaml.safe_load(text)
    return Recipe.parse(values if image else values | {"translators": []})


def cells(side: int, n: int) -> Recipe:
    """Return the built-in recipe on another canvas, with another number of cells."""
    return Recipe.load(
        "simcep",
        [
            f"canvas.shape=[{side},{side}]",
            f"generator.points.points={n}",
            f"generator.points.clusters={max(1, n // 10)}",
            "generator.layers=4",
        ],
    )


def slope(name: str, times: list[float]) -> None:
    """Print the exponent of the time over the number of cells."""
    exponent = np.polyfit(np.log(NUMBERS), np.log(times), 1)[0]
    each = ", ".join(f"{1e6 * taken / n:.0f}" for taken, n in zip(times, NUMBERS, strict=True))
    row(f"{name}: µs a cell for {', '.join(f'{n:,}' for n in NUMBERS)}", each, f"time ~ n^{exponent:.2f}; linear")


def main() -> None:
    """Time images of 100 cells, one of 3000, and many."""
    recipes = {
        "512 x 512, 100 nuclei, masks alone": nuclei(512, 100, image=False),
        "the same, only what is seen": nuclei(512, 100, "first", image=False),
        "512 x 512, 100 nuclei, texture, optics, noise": nuclei(512, 100),
        "512 x 512, 100 cells with nuclei and particles, three channels": cells(512, 100),
    }
    found = interleaved_ms({name: lambda recipe=recipe: recipe.draw(0) for name, recipe in recipes.items()}, 20)
    for (name, taken), target in zip(found.items(), ("<= 3 ms", "<= 3 ms", "<= 25 ms", ""), strict=True):
        row(name, f"{taken:.1f} ms", target)
    for name, (call, images) in of_images().items():
        row(name, f"{median_ms(call, 10) / images:.1f} ms")
    for name, recipe in (("nuclei", nuclei(2048, 3000)), ("cells with nuclei and particles", cells(2048, 3000))):
        row(
            f"2048 x 2048, 3000 {name}", f"{median_ms(lambda recipe=recipe: recipe.draw(0), 3) / 1e3:.2f} s", "<= 1.5 s"
        )
    row("peak memory of that process", f"{peak_mb(LARGE):.0f} MB", "< 1000 MB")
    for name, image in (("masks", False), ("images", True)):
        times = []
        for n in NUMBERS:
            recipe = nuclei(round(512 * (n / 100) ** 0.5), n, image=image)
            recipe.draw(0)
            began = time.perf_counter()
            recipe.draw(1)
            times.append(time.perf_counter() - began)
        slope(name, times)
