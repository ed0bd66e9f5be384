"""Masks of epidermis against a plain loop over seeds, and against porespy where it is installed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.timing import interleaved_ms, median_ms, row
from cellsim.distributions import settle
from cellsim.generators.tissue import Tissue
from cellsim.masks.relabel import largest_pieces
from cellsim.masks.voronoi import voronoi
from cellsim.recipe import Recipe
from cellsim.seeds import stream


def sixty_cells() -> tuple[Recipe, Tissue]:
    """Settle the epidermis recipe at the density that gives about 60 cells."""
    recipe = Recipe.load("epidermis", ["generator.seeds.density=0.0053", "generator.outline.cover=0.6"])
    generator = settle(recipe.generator, "generator", recipe.drawn(0))
    assert isinstance(generator, Tissue)
    return recipe, generator


def brute_force(shape: tuple[int, ...], spacing: tuple[float, ...], seeds: np.ndarray[Any, Any]) -> object:
    """Nearest seed of every pixel by all distances, in NumPy."""
    axes = [(np.arange(n) + 0.5) * s for n, s in zip(shape, spacing, strict=True)]
    y, x = (axis[:, np.newaxis] - seeds[:, k] for k, axis in enumerate(axes))
    return np.argmin(y[:, np.newaxis] ** 2 + x[np.newaxis] ** 2, axis=2)


def main() -> None:
    """Time one mask, its parts, and others' Voronoi cells."""
    recipe, generator = sixty_cells()
    canvas, rng = recipe.canvas, stream(0, 0, "benchmark")
    counts = [generator(canvas, rng).count for _ in range(50)]
    row(
        f"epidermis mask, {np.mean(counts):.0f} cells",
        f"{median_ms(lambda: generator(canvas, rng), 300):.2f} ms",
        "<= 1 ms",
    )
    inside = generator.outline(canvas, rng)
    seeds = generator.seeds(canvas.size, rng).centres
    whole = np.ones(canvas.shape, np.bool_)
    calls: dict[str, Callable[[], object]] = {
        "outline": lambda: generator.outline(canvas, rng),
        "seeds": lambda: generator.seeds(canvas.size, rng),
        "Voronoi cells in the outline, gap 1 µm": lambda: voronoi(inside, canvas.spacing, seeds, 1.0),
        "Voronoi cells of the whole canvas, no gap": lambda: voronoi(whole, canvas.spacing, seeds),
        "connected pieces": lambda: largest_pieces(voronoi(inside, canvas.spacing, seeds, 1.0)),
        "all distances in NumPy, no gap": lambda: brute_force(canvas.shape, canvas.spacing, seeds),
    }
    try:
        import porespy
        from scipy import ndimage

        edges = porespy.generators.voronoi_edges
        calls["porespy voronoi_edges and label"] = lambda: ndimage.label(
            edges(shape=list(canvas.shape), ncells=len(seeds), r=0)
        )
    except ImportError:
        row("porespy", "not installed: pip install -e .[bench]")
    found = interleaved_ms(calls)
    ours = found["Voronoi cells of the whole canvas, no gap"]
    for name, taken in found.items():
        row(name, f"{taken:.2f} ms", f"{taken / ours:.1f} x" if taken > ours else "")
