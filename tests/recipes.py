"""Small recipes that draw in a millisecond, for tests of everything around them."""

from __future__ import annotations

from typing import Any

from cellsim.recipe import Recipe

TISSUE: dict[str, Any] = {
    "name": "small",
    "canvas": {"shape": [32, 40], "spacing": [1.0, 1.0]},
    "generator": {
        "kind": "tissue",
        "outline": {"kind": "full"},
        "seeds": {"kind": "ssi", "density": 0.01, "distance": 5.0},
        "margin": 5.0,
    },
    "translators": [{"kind": "rcm"}, {"kind": "detector", "photons": {"uniform": [50, 200]}}],
}


def small_recipe(**changes: Any) -> Recipe:
    """A tissue of some ten cells; keywords replace top-level fields."""
    return Recipe.parse(TISSUE | changes)
