"""A comparison with known numbers, of two small data sets, for tests of what is made of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

import cellsim
from cellsim.datasets.reader import open_dataset
from cellsim.evaluate.comparison import Comparison, _compared
from cellsim.evaluate.pairing import pair
from cellsim.evaluate.records import Copies, Curve, Difference, Distance, Interval
from cellsim.recipe import Recipe
from tests.recipes import TISSUE

RNG = np.random.default_rng(0)
NARROW, WIDE = RNG.normal(0, 1, 400), RNG.normal(0, 3, 400)


def difference(statistic: str = "area", **changes: Any) -> Difference:
    """Synthetic objects are smaller by a fifth, 80 against 100 µm² in the middle."""
    real = np.linspace(60, 140, 401)
    known = Difference(statistic, "µm²", "form", "object", real, 0.8 * real, -0.95, 20.0, 0.3, 1e-9)
    return known._replace(**changes)


def curve(gap: float = 1.0) -> Curve:
    """Synthetic is over real by the gap from 10 µm on; real images reach half a unit from their mean."""
    r = np.arange(1.0, 21.0)
    real, step = np.zeros(20), gap * (r >= 10)
    envelope = np.array([-0.5, 0.5])[:, np.newaxis]
    return Curve("Ripley's L", "µm", r, real, step, real + envelope, step + envelope, real, real + envelope / 2)


def distance(metric: str = "Fréchet distance", found: float = 6.0, of: Any = "images") -> Distance:
    """The floor is 1, from 0.5 to 2."""
    return Distance(metric, "texture", of, Interval(found, 0.9 * found, 1.1 * found), Interval(1.0, 0.5, 2.0), 100)


def copies(*suspects: int) -> Copies:
    """Six synthetic masks, whose nearest real ones are numbers 5 to 0."""
    far = np.array([3.0, 1.0, 2.0, 4.0, 5.0, 6.0])
    return Copies("masks", "aligned pixels", np.arange(5, -1, -1), far, np.array([2.0, 3.0, 4.0, np.inf]), suspects)


def data_sets(folder: Path, names: tuple[str, str] = ("first", "second")) -> tuple[Path, Path]:
    """Two sets of six small tissues, drawn by different seeds."""
    paths = folder / "real.zarr", folder / "synthetic.zarr"
    for seed, (path, name) in enumerate(zip(paths, names, strict=True)):
        cellsim.make(Recipe.parse(TISSUE | {"seed": seed, "name": name}), 6, path, workers=1)
    return paths


def comparison(folder: Path) -> Comparison:
    """Known findings of two data sets."""
    opened = [open_dataset(path) for path in data_sets(folder)]
    common = pair(opened[0], opened[1], None, None)
    real, synthetic = (_compared(dataset, common, side, 500) for side, dataset in enumerate(opened))
    return Comparison(
        real=real,
        synthetic=synthetic,
        objects=(61, 58),
        differences=(difference(), difference("noise", group="light", by="image", unit="", effect=0.1, ks=0.1)),
        curves=(curve(),),
        distances=(distance(), distance("kernel distance", 0.1), distance("precision", 0.4)),
        copies=(copies(),),
        notes=("The size of a pixel is not known.",),
        seconds=12.34,
        cellsim="0.1.0",
    )
