"""Pairs of nuclei and Golgi: labels, deformation and images of volumes, against a plain loop and elasticdeform."""

from __future__ import annotations

import numpy as np

from benchmarks.timing import interleaved_ms, median_ms, peak_mb, row
from cellsim.recipe import Recipe

STILL = ["generator.pair_warp=0", "generator.warp=0"]
LARGE = ["canvas.shape=[64,512,512]", "generator.points.density=0.000018"]
PEAK = "from benchmarks.nuclei_golgi import LARGE, recipe; recipe(*LARGE).draw(0)"


def recipe(*changes: str) -> Recipe:
    """Return the built-in recipe with about 30 pairs on a canvas."""
    return Recipe.load("nucleus-golgi", ["generator.points.density=0.00032", *changes])


def labels(changed: Recipe) -> Recipe:
    """Leave out the image."""
    return Recipe.parse(changed.dump() | {"translators": []})


def plain_loop(pairs: int = 30, side: int = 64) -> object:
    """Draw ellipsoids and balls over the whole volume, one after the other, in NumPy."""
    rng = np.random.default_rng(0)
    at = np.stack(np.meshgrid(*[np.arange(side)] * 3, indexing="ij"))
    nuclei, golgi = np.zeros((2, side, side, side), np.uint16)
    for name in range(1, pairs + 1):
        centre, way = side * rng.random(3), rng.standard_normal(3)
        offset = (at - centre[:, None, None, None]) / np.array([3.2, 6.4, 7.0])[:, None, None, None]
        nuclei[(offset**2).sum(axis=0) <= 1] = name
        tip = centre + 11 * way / np.linalg.norm(way)
        golgi[((at - tip[:, None, None, None]) ** 2).sum(axis=0) <= 9] = name
    return nuclei, golgi


def of_elasticdeform() -> dict[str, float]:
    """Time the deformation of a volume by elasticdeform, if it is there."""
    try:
        import elasticdeform
    except (ImportError, AttributeError):
        row("elasticdeform", "not installed: pip install --no-binary elasticdeform elasticdeform")
        return {}
    nodes = 2 * np.random.default_rng(0).standard_normal((3, 4, 4, 4))
    volume = np.zeros((64, 64, 64), np.uint16)
    return {
        "a volume of labels by elasticdeform": median_ms(lambda: elasticdeform.deform_grid(volume, nodes, order=0), 3)
    }


def main() -> None:
    """Time patches, then a large volume."""
    still, bent, whole = labels(recipe(*STILL)), labels(recipe()), recipe()
    objects = still.draw(0)
    there = sum(len(np.unique(plane)) - 1 for plane in objects.labels)
    found = interleaved_ms(
        {
            f"64 x 64 x 64, {there} nuclei and Golgi": lambda: still.draw(0),
            "the same, deformed": lambda: bent.draw(0),
            "the same with an image of two channels": lambda: whole.draw(0),
            "30 pairs in a plain loop, NumPy": plain_loop,
        },
        20,
    )
    targets = ("<= 5 ms", "<= 40 ms", "<= 60 ms", "")
    for (name, taken), target in zip(found.items(), targets, strict=True):
        row(name, f"{taken:.1f} ms", target)
    for name, taken in of_elasticdeform().items():
        row(name, f"{taken:.0f} ms")
    large = recipe(*LARGE)
    bare = labels(large)
    count = large.draw(0).count
    row(
        f"512 x 512 x 64, {count} pairs, deformed, labels",
        f"{median_ms(lambda: bare.draw(0), 3) / 1e3:.2f} s",
        "<= 3 s",
    )
    row("the same with an image", f"{median_ms(lambda: large.draw(0), 3) / 1e3:.2f} s", "<= 3 s")
    row("peak memory of that process", f"{peak_mb(PEAK):.0f} MB", "< 2000 MB")
