"""An example of every kind: the picture on its page. A new kind needs a line here, or the build fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cellsim.sample import Canvas

CANVAS = Canvas(shape=(200, 200), spacing=(0.5, 0.5))

TISSUE = {
    "kind": "tissue",
    "outline": {"kind": "bezier", "cover": 0.6, "corners": 9},
    "seeds": {"kind": "ssi", "density": 0.006, "distance": 9},
    "membrane": 1.0,
}
NUCLEI = {
    "kind": "packing",
    "shape": {"kind": "ellipsoid", "radius": {"uniform": [4, 6]}, "elongation": {"uniform": [1, 1.8]}},
    "cover": 0.3,
    "gap": 1,
}
NUCLEI_SET = "nuclei.zarr"  # made from NUCLEI when the pictures are drawn; `bank` takes its objects from it


@dataclass(frozen=True)
class Example:
    """A step as a recipe would have it, and the field whose values its picture compares.

    Parameters
    ----------
    step : mapping
        Fields of the step without its kind.
    vary : str
        Path of a field in the step; "" for a picture of the step alone.
    over : tuple
        Values of that field.
    generator : mapping
        For translators: what makes the labels.
    before : tuple of mappings
        For translators: what comes before it.
    """

    step: Mapping[str, Any]
    vary: str = ""
    over: tuple[float, ...] = ()
    generator: Mapping[str, Any] | None = None
    before: tuple[Mapping[str, Any], ...] = ()


EXAMPLES = {
    # points
    "poisson": Example({"density": 0.01}, "density", (0.003, 0.01, 0.03)),
    "matern-ii": Example({"density": 0.0045, "distance": 8}, "distance", (1, 5, 8)),
    "ssi": Example({"density": 0.01, "distance": 8}, "distance", (1, 5, 8)),
    # shapes
    "ellipsoid": Example({"radius": 6, "elongation": 1.5}, "elongation", (1, 2, 4)),
    "bank": Example({"dataset": NUCLEI_SET, "smallest": 30}, "scale", (0.7, 1, 1.3)),
    # outlines
    "bezier": Example({"cover": 0.5, "corners": 9}, "roughness", (0, 0.2, 0.4)),
    "full": Example({}),
    # generators
    "tissue": Example({k: v for k, v in TISSUE.items() if k != "kind"}, "seeds.density", (0.002, 0.005, 0.008)),
    "packing": Example({k: v for k, v in NUCLEI.items() if k != "kind"}, "cover", (0.1, 0.3, 0.5)),
    # translators
    "rcm": Example({}, "speckle", (0, 0.35, 0.7), generator=TISSUE),
    "fluorescence": Example({}, "psf", (0.5, 1, 2), generator=NUCLEI),
    "detector": Example({"photons": 100, "read_noise": 2}, "photons", (10, 50, 400), TISSUE, ({"kind": "rcm"},)),
}
