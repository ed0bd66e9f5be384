"""Spatial statistics: K of many points beside plain counting of pairs, and what two sets of 500 images take."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import numpy as np

from benchmarks.timing import interleaved_ms, row
from cellsim.evaluate.curves import curves
from cellsim.evaluate.differences import differences
from cellsim.evaluate.empty_space import empty_space_f, nearest_neighbour_g
from cellsim.evaluate.measured import Measured, measure
from cellsim.evaluate.region import Region
from cellsim.evaluate.spatial import ripley_k
from cellsim.recipe import Recipe

POINTS = 100_000
IMAGES = 500
RECIPE = {
    "canvas": {"shape": [256, 256], "spacing": [0.5, 0.5]},
    "generator": {
        "kind": "packing",
        "shape": {"kind": "ellipsoid", "radius": {"uniform": [4, 6]}, "elongation": {"uniform": [1, 2]}},
        "cover": 0.14,
        "gap": 0.5,
    },
    "translators": [{"kind": "texture"}, {"kind": "detector", "photons": 500}],
}


def of_points(ndim: int, reach: float) -> dict[str, Callable[[], object]]:
    """K of independent points of density 1 in a box, ours and that of others without correction."""
    from scipy.spatial import cKDTree

    side = POINTS ** (1 / ndim)
    region = Region((side,) * ndim)
    points, radii = region.uniform(POINTS, np.random.default_rng(0)), np.linspace(reach / 50, reach, 50)

    def counted() -> object:
        tree = cKDTree(points)
        return tree.count_neighbors(tree, radii)

    calls: dict[str, Callable[[], object]] = {
        "ours, corrected": lambda: ripley_k(points, region, radii),
        "cKDTree.count_neighbors, not corrected": counted,
    }
    if ndim == 2:
        try:
            from pointpats import k as pointpats_k

            calls["pointpats.k, not corrected"] = lambda: pointpats_k(points, support=radii)
        except ImportError:
            row("pointpats", "not installed: pip install -e .[bench]")
    return calls


def many_points() -> None:
    """Time K at radii with 50 and with 300 neighbours, and as far as fifty mean distances to the nearest."""
    for ndim, reach, around in ((2, math.sqrt(50 / math.pi), 50), (2, math.sqrt(300 / math.pi), 300), (3, 2.3, 50)):
        for name, ms in interleaved_ms(of_points(ndim, reach), 3).items():
            target = "<= 2000 ms" if name.startswith("ours") else ""
            row(f"{ndim}D K, {POINTS:,} points, {around} around each: {name}", f"{ms:,.0f} ms", target)
    call = of_points(2, 25.0)["ours, corrected"]
    row(
        f"2D K, {POINTS:,} points, to 50 mean distances", f"{interleaved_ms({'k': call}, 3)['k']:,.0f} ms", "<= 2000 ms"
    )


def other_functions() -> None:
    """Time K in a disc, G and F."""
    y, x = np.mgrid[:512, :512] - 255.5
    region = Region.of_mask(np.hypot(y, x) < 250, (1.0, 1.0))
    points, radii = region.uniform(POINTS // 10, np.random.default_rng(0)), np.linspace(0.5, 10, 20)
    calls: dict[str, Callable[[], object]] = {
        "K": lambda: ripley_k(points, region, radii),
        "G": lambda: nearest_neighbour_g(points, region, radii),
        "F": lambda: empty_space_f(points, region, radii),
    }
    for name, ms in interleaved_ms(calls, 5).items():
        row(f"{name} in a disc, {POINTS // 10:,} points", f"{ms:,.0f} ms")


def two_sets() -> None:
    """Time all that is measured of two sets of 500 images of about 30 objects."""
    recipe = Recipe.parse(RECIPE)
    samples = recipe.draw_many(range(50))
    differences(samples[:2], samples[2:4])
    curves(samples[:2], samples[2:4], simulations=2)
    began = time.perf_counter()
    sets: list[list[Measured]] = [[measure(samples[i % 50]) for i in range(IMAGES)] for _ in range(2)]
    measured = time.perf_counter()
    differences(*sets)
    compared = time.perf_counter()
    curves(*sets)
    done = time.perf_counter()
    row(f"measure {2 * IMAGES} images, {samples[0].count} objects each", f"{measured - began:.1f} s")
    row(f"differences, {IMAGES} and {IMAGES} images", f"{compared - measured:.1f} s")
    row(f"curves, {IMAGES} and {IMAGES} images", f"{done - compared:.1f} s")
    row("all of it", f"{done - began:.1f} s", "< 20 s")


def main() -> None:
    """Time K of many points, the other functions, and two sets of images."""
    many_points()
    other_functions()
    two_sets()
