"""Populations: an object at every point, a border that looks like the middle, records."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pytest

from cellsim.distributions import Distribution
from cellsim.generators.base import Placement, Points
from cellsim.generators.fields.smooth import Smooth
from cellsim.generators.outlines.band import Band
from cellsim.generators.outlines.colonies import Colonies
from cellsim.generators.outlines.full import Full
from cellsim.generators.packing import Packing
from cellsim.generators.points.poisson import Poisson
from cellsim.generators.points.ssi import SSI
from cellsim.generators.population import Population
from cellsim.generators.shapes.ellipsoid import Ellipsoid
from cellsim.making import spec_of
from cellsim.recipe import Recipe
from cellsim.sample import Canvas
from cellsim.seeds import Rng, stream
from tests.statistics import assert_mean, assert_poisson_count

SQUARE = Canvas(shape=(60, 80), spacing=(1.0, 0.8))
CUBE = Canvas(shape=(14, 24, 30), spacing=(2.0, 1.0, 1.0))


class Given(Points):
    """The same points always, with radii and clusters if there are any."""

    kind: Literal["given"] = "given"
    points: tuple[tuple[float, ...], ...]
    radii: tuple[float, ...] | None = None
    clusters: tuple[int, ...] | None = None

    def pattern(self, size: Sequence[float], rng: Rng) -> Placement:
        radii, clusters = (None if a is None else np.array(a) for a in (self.radii, self.clusters))
        return Placement(np.array(self.points, np.float64).reshape(-1, len(size)), radii, clusters)


def rng(index: int = 0) -> Rng:
    return stream(0, index, "population")


def given(points: Any, radius: float = 4.0, **fields: Any) -> Population:
    process = Given(points=points, **{k: fields.pop(k) for k in ("radii", "clusters") if k in fields})
    return Population(points=process, shape=Ellipsoid(radius=radius), margin=0.0, **fields)


def test_there_is_an_object_at_every_point_and_a_record_of_it() -> None:
    points = ((10.0, 12.0), (30.3, 40.7), (50.2, 20.0))
    sample = given(points)(SQUARE, rng())
    np.testing.assert_allclose(sample.objects["centre"], points, rtol=1e-6)
    for i, point in enumerate(points):
        at = (np.argwhere(sample.labels[0] == i + 1) + 0.5) * SQUARE.spacing
        np.testing.assert_allclose(at.mean(axis=0), point, atol=0.2)
        assert len(at) * 0.8 == pytest.approx(math.pi * 16, rel=0.1)
    assert set(sample.objects) == {"centre"}


def test_radii_and_clusters_of_the_points_are_used() -> None:
    process = {"radii": (2.0, 6.0, 4.0), "clusters": (7, 3, 7)}
    sample = given(((10, 10), (11, 11), (40, 40)), **process)(SQUARE, rng())
    assert sample.objects["cluster"].tolist() == [[7.0], [7.0]]  # the second lies on the first
    assert sample.objects["centre"].tolist() == [[10, 10], [40, 40]]
    np.testing.assert_allclose(np.sqrt(np.bincount(sample.labels.ravel())[1:] * 0.8 / math.pi), [2, 4], rtol=0.1)


@pytest.mark.parametrize("canvas", [SQUARE, CUBE])
def test_every_voxel_is_as_likely_covered_up_to_the_border(canvas: Canvas) -> None:
    density = 0.004 if canvas.ndim == 2 else 0.0008
    population = Population(points=Poisson(density=density), shape=Ellipsoid(radius=4.0), overlap=1.0, margin=8.0)
    ball = math.pi * 4**2 if canvas.ndim == 2 else 4 / 3 * math.pi * 4**3
    expected = 1 - math.exp(-density * ball)  # the Boolean model
    shown = [population(canvas, rng(i)).labels[0] > 0 for i in range(400)]
    edge = np.mean([np.mean([np.take(s, k, a).mean() for a in range(s.ndim) for k in (0, -1)]) for s in shown])
    for values in (
        [s[(0,) * s.ndim] for s in shown],
        [np.take(s, 0, -1).mean() for s in shown],
        [s.mean() for s in shown],
    ):
        assert_mean(values, expected)
    assert edge == pytest.approx(expected, rel=0.05)
    bare = population.model_copy(update={"margin": 0.0})
    with pytest.raises(AssertionError):  # without a margin the border is depleted
        assert_mean([np.take(bare(canvas, rng(i)).labels[0] > 0, 0, -1).mean() for i in range(400)], expected)


def test_exclusion_beyond_the_canvas_counts() -> None:
    population = Population(points=Poisson(density=0.02), shape=Ellipsoid(radius=4.0), margin=25.0)
    shown = np.array([population(SQUARE, rng(i)).labels[0] > 0 for i in range(500)])
    middle, edge = shown[:, 25:35, 35:45].mean(axis=(1, 2)), shown[:, :, [0, -1]].mean(axis=(1, 2))
    assert_mean(edge - middle, 0.0)
    naive = population.model_copy(update={"margin": 0.0})
    bare = np.array([naive(SQUARE, rng(i)).labels[0] > 0 for i in range(500)])
    with pytest.raises(AssertionError):
        assert_mean(bare[:, :, [0, -1]].mean(axis=(1, 2)) - middle, 0.0)


def test_a_region_confines_the_centres() -> None:
    region = Colonies(number=1, radius=20.0)
    for i in range(5):
        population = Population(points=Poisson(density=0.02), shape=Ellipsoid(radius=2.0), region=region)
        sample, inside = population(SQUARE, rng(i)), region(SQUARE, rng(i))
        centres = sample.objects["centre"]
        pixel = np.floor(centres / SQUARE.spacing).astype(int)
        on = ((pixel >= 0) & (pixel < SQUARE.shape)).all(axis=1)
        assert on.sum() > 3
        assert inside[tuple(pixel[on].T)].all()


def test_objects_that_reach_beyond_the_canvas_are_cut_or_left_out() -> None:
    points = ((1.0, 30.0), (30.0, 30.0), (-2.0, 50.0), (59.0, 63.0))
    cut = given(points)(SQUARE, rng())
    assert cut.count == 4
    whole = given(points, border="whole")(SQUARE, rng())
    assert whole.objects["centre"].tolist() == [[30.0, 30.0]]


@pytest.mark.parametrize(("shared", "planes"), [("first", 1), ("cut", 1), ("layers", 3)])
def test_planes_are_named(shared: Any, planes: int) -> None:
    points = ((20.0, 20.0), (20.0, 23.0), (21.0, 25.0))
    population = given(points, overlap=1.0, shared=shared, layers=3)
    sample = population(SQUARE, rng())
    assert sample.labels.shape == (planes, *SQUARE.shape)
    assert len(set(population.structures)) == planes
    assert sample.count == 3
    recipe = Recipe.parse(
        {
            "canvas": SQUARE.model_dump(),
            "generator": {
                "kind": "population",
                "points": {"kind": "poisson", "density": 0.01},
                "shape": {"kind": "ellipsoid", "radius": 3.0},
                "shared": shared,
                "layers": 3,
            },
        }
    )
    assert spec_of(recipe, recipe.draw(0)).structures == population.structures


def test_layers_keep_every_object_whole() -> None:
    points = ((20.0, 20.0), (20.0, 23.0), (21.0, 25.0))
    alone = [(given((point,))(SQUARE, rng()).labels > 0).sum() for point in points]
    sample = given(points, overlap=1.0, shared="layers", layers=3)(SQUARE, rng())
    assert np.bincount(sample.labels.ravel())[1:].tolist() == alone


@pytest.mark.parametrize("canvas", [SQUARE, CUBE])
@pytest.mark.parametrize("shared", ["first", "cut", "layers"])
def test_no_points_make_an_empty_sample(canvas: Canvas, shared: Any) -> None:
    sample = given((), shared=shared)(canvas, rng())
    assert sample.count == 0
    assert sample.objects["centre"].shape == (0, canvas.ndim)


def test_objects_smaller_than_a_pixel_and_larger_than_the_canvas_are_drawn() -> None:
    tiny = given(((10.0, 10.0), (20.0, 20.0)), radius=0.01)(SQUARE, rng())
    assert np.bincount(tiny.labels.ravel())[1:].tolist() == [1, 1]
    huge = given(((10.0, 10.0), (20.0, 20.0)), radius=100.0)(SQUARE, rng())
    assert (huge.labels == 1).all()


def test_tens_of_thousands_of_objects_are_drawn_and_more_than_labels_refused() -> None:
    canvas = Canvas(shape=(900, 900), spacing=(1.0, 1.0))
    law = Distribution(law="uniform", values=(0.4, 1.2))
    population = Population(points=Poisson(density=0.05), shape=Ellipsoid(radius=law), overlap=1.0)
    assert 35_000 < population(canvas, rng()).count < 45_000
    crowd = Population(points=Poisson(density=0.1), shape=Ellipsoid(radius=0.1), overlap=1.0)
    with pytest.raises(ValueError, match="at most 65,535 objects, got more: lower the density"):
        crowd(canvas, rng())


def test_dense_points_that_keep_their_distance_all_become_objects() -> None:
    points = SSI(density=0.006, distance=9.0)
    population = Population(points=points, shape=Ellipsoid(radius=4.0), margin=10.0)
    for i in range(5):
        centres = points(SQUARE.size, rng(i), 10.0).centres
        inside = ((centres >= 0) & (centres < SQUARE.size)).all(axis=1)
        found = population(SQUARE, rng(i)).objects["centre"]
        assert {tuple(c) for c in centres[inside].astype(np.float32).tolist()} <= {tuple(c) for c in found.tolist()}


def test_beyond_is_the_share_of_points_that_stay_outside_the_region() -> None:
    canvas, band = Canvas(shape=(200, 200), spacing=(1.0, 1.0)), Band(width=60.0)
    fields = {"points": Poisson(density=0.01), "shape": Ellipsoid(radius=0.5), "overlap": 1.0, "margin": 0.0}
    found = [Population(region=band, beyond=0.2, **fields)(canvas, rng(i)).objects["centre"] for i in range(60)]
    inside = [int((abs(one[:, 0] - 100) < 30).sum()) for one in found]
    outside = [len(one) - n for one, n in zip(found, inside, strict=True)]
    assert_poisson_count(inside, 0.01 * 200 * 60)
    assert_poisson_count(outside, 0.2 * 0.01 * 200 * 140)
    with pytest.raises(AssertionError):
        assert_poisson_count(outside, 0.22 * 0.01 * 200 * 140)
    every = Population(region=band, beyond=1.0, **fields)(canvas, rng())
    np.testing.assert_array_equal(every.objects["centre"], Population(**fields)(canvas, rng()).objects["centre"])


def long_axes(labels: Any) -> Any:
    """Unit vector (y, x) along which each object of many pixels is longest."""
    found = []
    for i in range(1, int(labels.max()) + 1):
        at = np.argwhere(labels == i)
        if len(at) > 40:
            found.append(np.linalg.eigh(np.cov(at.T))[1][:, -1])
    return np.array(found)


@pytest.mark.parametrize("kind", ["population", "packing"])
@pytest.mark.parametrize(("aligned", "expected"), [("along", 30.0), ("across", 120.0)])
def test_objects_lie_along_the_border_of_the_region_or_across(aligned: Any, expected: float, kind: str) -> None:
    canvas = Canvas(shape=(160, 160), spacing=(1.0, 1.0))
    fields = {"shape": Ellipsoid(radius=4.5, elongation=2.5), "region": Band(width=60.0, angle=30.0)}
    if kind == "population":
        generator: Any = Population(points=Poisson(density=0.004), aligned=aligned, **fields)
    else:
        generator = Packing(cover=0.2, aligned=aligned, **fields)
    axes = np.concatenate([long_axes(generator(canvas, rng(i)).labels[0]) for i in range(3)])
    line = np.array([math.sin(math.radians(expected)), math.cos(math.radians(expected))])
    off = np.degrees(np.arccos(np.minimum(abs(axes @ line), 1)))
    assert len(off) > 30
    assert np.median(off) < 4
    assert np.quantile(off, 0.85) < 20  # some are cut by others, or by the canvas


def test_the_spread_of_the_shape_holds_about_the_border() -> None:
    canvas = Canvas(shape=(300, 300), spacing=(1.0, 1.0))
    shape = Ellipsoid(radius=4.5, elongation=3.0, spread=15.0)
    population = Population(points=Poisson(density=0.001), shape=shape, region=Band(width=400.0), aligned="along")
    with pytest.raises(AssertionError):  # a band that covers the canvas has no border: any direction
        assert_mean(np.degrees(np.arcsin(long_axes(population(canvas, rng()).labels[0])[:, 0])) ** 2, 15.0**2)
    population = population.model_copy(update={"region": Band(width=200.0)})
    axes = np.concatenate([long_axes(population(canvas, rng(i)).labels[0]) for i in range(8)])
    assert_mean(np.degrees(np.arcsin(np.clip(axes[:, 0], -1, 1))) ** 2, 15.0**2)


def test_without_alignment_nothing_is_drawn_for_it() -> None:
    plain = given(((10, 10), (30, 40)), region=Band(width=300.0))
    np.testing.assert_array_equal(plain(SQUARE, rng()).labels, given(((10, 10), (30, 40)))(SQUARE, rng()).labels)


class Rigid(Ellipsoid):
    """A shape that cannot be turned."""

    aligns = False


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"region": Full()}, "aligned: along needs a region that has a border, got full"),
        ({"shape": Rigid(radius=2.0)}, "aligned: along needs a shape that can be turned, got ellipsoid"),
        ({"shape": Ellipsoid(radius=2.0, along=Smooth(scale=9.0))}, "either aligned or the field `along` of ellipsoid"),
    ],
)
def test_what_cannot_be_aligned_is_refused(fields: dict[str, Any], message: str) -> None:
    rest = {"shape": Ellipsoid(radius=2.0), "region": Band(width=9.0), "aligned": "along"} | fields
    for make in (lambda: Population(points=Poisson(density=0.01), **rest), lambda: Packing(cover=0.1, **rest)):
        with pytest.raises(ValueError, match=message):
            make()
