"""SIMCEP: nuclei and whole cells, a large field, and the time over the number of cells."""

from __future__ import annotations

import time

import numpy as np
from scipy import ndimage
from scipy.interpolate import CubicSpline
from skimage.draw import polygon2mask

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


def plain_loop(image: bool = True, side: int = 512, n: int = 100, radius: int = 10) -> object:
    """Draw nuclei one by one, in NumPy, SciPy and scikit-image: splines, patches with textures, a blur, and noise."""
    rng = np.random.default_rng(0)
    stain, count = np.zeros((side, side)), np.zeros((side, side), int)
    for _ in range(n):
        angle = 2 * np.pi * np.arange(11) / 10
        corners = np.stack([np.sin(angle), np.cos(angle)], axis=1) + rng.uniform(-0.1, 0.1, (11, 2))
        corners[-1] = corners[0]
        outline = CubicSpline(angle, corners, bc_type="periodic")(np.linspace(0, 2 * np.pi, 100))
        size = 2 * int(1.4 * radius) + 1
        mask = polygon2mask((size, size), radius * outline + size // 2)
        for _ in range(50):
            y, x = rng.integers(size, side - size, 2)
            window = np.s_[y : y + size, x : x + size]
            if (mask & (count[window] > 0)).sum() <= 0.1 * mask.sum():
                break
        count[window] += mask
        if image:
            lattices = [0.5**k * ndimage.zoom(rng.random((2**k, 2**k)), size / 2**k, order=3) for k in range(2, 7)]
            stain[window] += mask * sum(lattices)
    if not image:
        return count
    blurred = ndimage.gaussian_filter(stain / np.maximum(count, 1), 1.5)
    return rng.poisson(300 * np.maximum(blurred, 0)) + 2 * rng.standard_normal((side, side))


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
    calls = {name: lambda recipe=recipe: recipe.draw(0) for name, recipe in recipes.items()}
    calls["the first in NumPy, SciPy and scikit-image"] = lambda: plain_loop(image=False)
    calls["the third in these, one width of blur for all"] = plain_loop
    found = interleaved_ms(calls, 20)
    for (name, taken), target in zip(found.items(), ("<= 3 ms", "<= 3 ms", "<= 25 ms", "", "", ""), strict=True):
        row(name, f"{taken:.1f} ms", target)
    again = median_ms(next(iter(calls.values())), 100)
    row("the first again and again", f"{again:.1f} ms", "<= 3 ms")
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
