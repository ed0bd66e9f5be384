"""Hypothesis strategies: canvases, label images, seeds of cells, polygons, recipes."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.typing import NDArray

from cellsim.recipe import Recipe
from cellsim.sample import Canvas, Labels

lengths = st.floats(0.25, 3.0)


def canvases(ndim: int, largest: int = 40) -> st.SearchStrategy[Canvas]:
    """Anisotropic canvases of 1 to `largest` pixels an axis."""
    shape = st.tuples(*[st.integers(1, largest)] * ndim)
    spacing = st.tuples(*[lengths] * ndim)
    return st.builds(lambda n, s: Canvas(shape=n, spacing=s), shape, spacing)


def label_images(ndim: int, most: int = 4, largest: int = 9) -> st.SearchStrategy[Labels]:
    """Label images whose objects may be in many pieces."""
    shape = npst.array_shapes(min_dims=ndim, max_dims=ndim, min_side=1, max_side=largest)
    return shape.flatmap(lambda n: npst.arrays(np.uint16, n, elements=st.integers(0, most), fill=st.just(0)))


def masks(ndim: int = 2, largest: int = 20) -> st.SearchStrategy[NDArray[np.bool_]]:
    """Any bool images."""
    shape = npst.array_shapes(min_dims=ndim, max_dims=ndim, min_side=1, max_side=largest)
    return shape.flatmap(lambda n: npst.arrays(np.bool_, n))


@st.composite
def seeds_about(draw: st.DrawFn, canvas: Canvas, most: int = 25) -> NDArray[np.float64]:
    """Positions on a canvas and half its size around it, in general position."""
    n = draw(st.integers(1, most))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return (2 * rng.random((n, canvas.ndim)) - 0.5) * canvas.size


@st.composite
def polygons(draw: st.DrawFn, reach: float = 30.0) -> NDArray[np.float64]:
    """Polygons that may cross themselves and leave the canvas, in general position."""
    n = draw(st.integers(3, 12))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return (1.6 * rng.random((n, 2)) - 0.3) * reach


POINTS = st.one_of(
    st.fixed_dictionaries({"kind": st.just("poisson"), "density": st.floats(1e-3, 0.02)}),
    st.fixed_dictionaries({"kind": st.just("ssi"), "density": st.floats(1e-3, 0.01), "distance": st.floats(1, 6)}),
    st.fixed_dictionaries(
        {
            "kind": st.just("matern-ii"),
            "density": st.sampled_from([{"uniform": [1e-3, 0.004]}, {"choice": [0.002, 0.003]}, 0.003]),
            "distance": st.floats(1, 6),
        }
    ),
)
TRANSLATORS = st.lists(
    st.one_of(
        st.fixed_dictionaries({"kind": st.just("rcm")}, optional={"speckle": st.floats(0, 1)}),
        st.fixed_dictionaries({"kind": st.just("fluorescence")}, optional={"haze": st.just({"uniform": [0, 0.2]})}),
        st.fixed_dictionaries({"kind": st.just("detector"), "photons": st.floats(1, 1000)}),
    ),
    max_size=4,
)


def recipe_values() -> st.SearchStrategy[dict[str, Any]]:
    """Plain values of valid recipes of tissue, as YAML gives them."""
    generator = st.fixed_dictionaries(
        {"kind": st.just("tissue"), "outline": st.just({"kind": "full"}), "seeds": POINTS},
        optional={"membrane": st.floats(0, 3), "margin": st.floats(0, 10)},
    )
    canvas = canvases(2).map(lambda made: made.model_dump(mode="json"))
    return st.fixed_dictionaries(
        {"canvas": canvas, "generator": generator},
        optional={
            "name": st.text(max_size=10),
            "seed": st.integers(0, 2**64),
            "translators": TRANSLATORS,
            "store": st.sampled_from([{"image": "uint8"}, {"image": "uint16"}]),
        },
    )


def recipes() -> st.SearchStrategy[Recipe]:
    """Valid recipes of tissue."""
    return recipe_values().map(Recipe.parse)
