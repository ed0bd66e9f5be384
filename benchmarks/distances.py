"""Features of two sets of 500 images, distances between them with their floors, and the search for copies."""

from __future__ import annotations

import time
from collections.abc import Callable

from benchmarks.timing import row
from cellsim.evaluate.copies import copies
from cellsim.evaluate.distances import distances
from cellsim.evaluate.features.measured import DEFAULT, measure
from cellsim.recipe import Recipe

IMAGES = 500


def main() -> None:
    """Time each part once, after a warm-up on a few samples."""
    recipe = Recipe.load("epidermis")
    real, synthetic = (recipe.draw_many(range(first, first + IMAGES)) for first in (0, IMAGES))
    distances(real[:8], synthetic[:8], draws=1)
    copies(real[:8], synthetic[:8])
    spent = 0.0
    for kind in DEFAULT:
        taken = _seconds(lambda kind=kind: (measure(real, [kind]), measure(synthetic, [kind])))  # type: ignore[misc]
        spent += taken
        row(f"{kind} of {IMAGES} + {IMAGES} images of {' x '.join(map(str, real[0].shape))} pixels", f"{taken:.1f} s")
    sets = measure(real), measure(synthetic)
    taken = _seconds(lambda: distances(*sets))
    row("all distances and floors, 100 halves", f"{taken:.1f} s")
    row("features and distances together", f"{spent + taken:.1f} s", "<= 30 s")
    row("nearest real neighbours of masks and images", f"{_seconds(lambda: copies(*sets)):.1f} s")


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began
