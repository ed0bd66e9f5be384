"""Rough outlines: mean content, the spectrum of the radius, star shape."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cellsim.generators.base import Placement
from cellsim.generators.shapes.ellipsoid import Ellipsoid
from cellsim.generators.shapes.oriented import _radius
from cellsim.generators.shapes.star import NODES, Star, directions, harmonics
from cellsim.masks.crops import Crops
from cellsim.seeds import stream
from tests.statistics import assert_mean

BALL = {2: math.pi, 3: 4 / 3 * math.pi}


def draw(shape: Any, n: int, ndim: int = 2) -> tuple[Crops, Placement]:
    placement = Placement(stream(0, 0, "places").random((n, ndim)) * 100)
    return shape(placement, (1.0,) * ndim, stream(0, 0, "star")), placement


def log_radii(star: Star, n: int, ndim: int) -> NDArray[np.float64]:
    """Logarithm of the radius of unit stars at the nodes of the table, (N, T)."""
    waves, basis = star._surface(n, ndim, stream(0, 0, "surface"))
    return waves @ basis


@pytest.mark.parametrize(("ndim", "n", "radius"), [(2, 3000, 8.0), (3, 400, 6.0)])
def test_the_mean_content_is_that_of_the_ball(ndim: int, n: int, radius: float) -> None:
    star = Star(radius=radius, roughness=0.25, elongation=1.4, falloff=1.0, modes=6)
    crops, _ = draw(star, n, ndim)
    content = np.add.reduceat(crops.pixels, crops.start[:-1], dtype=np.int64)
    assert_mean(content, BALL[ndim] * radius**ndim)
    with pytest.raises(AssertionError):  # R in the place of R exp(-D roughness² / 2)
        assert_mean(content * math.exp(ndim**2 * 0.25**2 / 2), BALL[ndim] * radius**ndim)


@pytest.mark.parametrize("ndim", [2, 3])
def test_the_table_is_fine_enough_for_the_mean_content(ndim: int) -> None:
    rng = np.random.default_rng(0)
    star = Star(radius=1.0, roughness=0.2, modes=8)
    unit = rng.standard_normal((400, ndim))
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    tables = np.exp(log_radii(star, 1500, ndim))
    places = [(0.0, *u) if ndim == 2 else tuple(u) for u in unit.tolist()]
    found = np.array(
        [[_radius(place, (table, ndim)) for place in places[i % 40 :: 40]] for i, table in enumerate(tables)]
    )
    assert_mean((found**ndim).mean(axis=1), 1.0)
    peak = np.abs(np.log(found)).max()
    assert peak < 1.5


@pytest.mark.parametrize("ndim", [2, 3])
def test_the_table_is_looked_up_where_it_was_written(ndim: int) -> None:
    cells = NODES[ndim] * 8
    nodes = directions(cells, ndim)
    rng = np.random.default_rng(1)
    for weights in rng.standard_normal((5, 3)) * ([0, 1, 1] if ndim == 2 else 1):
        table = nodes @ weights
        unit = rng.standard_normal((200, 3)) * ([0, 1, 1] if ndim == 2 else 1)
        unit /= np.linalg.norm(unit, axis=1, keepdims=True)
        found = [_radius(tuple(u), (table, ndim)) for u in unit.tolist()]
        np.testing.assert_allclose(found, unit @ weights, atol=0.012)


@pytest.mark.parametrize("ndim", [2, 3])
def test_nodes_cover_the_sphere_and_lie_on_it(ndim: int) -> None:
    nodes = directions(32, ndim)
    np.testing.assert_allclose(np.linalg.norm(nodes, axis=1), 1)
    unit = np.random.default_rng(0).standard_normal((300, 3)) * ([0, 1, 1] if ndim == 2 else 1)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    assert (unit @ nodes.T).max(axis=1).min() > math.cos(0.15)


@pytest.mark.parametrize("ndim", [2, 3])
def test_functions_of_a_mode_sum_to_one_in_every_direction(ndim: int) -> None:
    basis, order = harmonics(7, ndim)
    np.testing.assert_array_equal(basis[0], 1)
    for mode in range(2, 8):
        assert (order == mode).sum() == (2 if ndim == 2 else 2 * mode + 1)
        np.testing.assert_allclose((basis[1:][order == mode] ** 2).sum(axis=0), 1)


def test_harmonics_of_different_modes_do_not_mix() -> None:
    unit = directions(400, 3)
    u, v = np.meshgrid(*[np.linspace(-1, 1, 401)] * 2, indexing="ij")
    cosine = 1 - abs(u) - abs(v)
    flat = np.stack([cosine, np.where(cosine >= 0, u, 1 - abs(v)), np.where(cosine >= 0, v, 1 - abs(u))])
    weight = np.linalg.norm(flat, axis=0).ravel() ** -3  # of a node: the solid angle of its cell
    np.testing.assert_allclose((unit**2 * weight[:, None]).sum(axis=0) / weight.sum(), 1 / 3, atol=1e-3)
    from scipy.special import sph_harm_y

    basis, order = harmonics(4, 3)
    assert basis.shape == (1 + order.size, (NODES[3] * 4 + 1) ** 2)
    z, y, x = directions(NODES[3] * 4, 3).T
    expected = math.sqrt(4 * math.pi / 5) * sph_harm_y(2, 0, np.arccos(z), np.arctan2(y, x)).real
    np.testing.assert_allclose(basis[1 + 2], expected, atol=1e-12)


def test_the_variance_of_the_radius_falls_as_asked() -> None:
    star = Star(radius=1.0, roughness=0.2, falloff=2.0, modes=6)
    logs = log_radii(star, 4000, 2)
    angle = np.arctan2(*directions(NODES[2] * 6, 2)[:-1, 1:].T)
    grid = np.linspace(-math.pi, math.pi, 64, endpoint=False)
    order = np.argsort(angle)
    at_grid = np.array([np.interp(grid, angle[order], row[:-1][order], period=2 * math.pi) for row in logs])
    power = 2 * np.abs(np.fft.rfft(at_grid, axis=1) / 64) ** 2  # of waves 1, 2, ... around the circle
    share = np.arange(2, 7) ** -2.0
    share /= share.sum()
    for mode in range(2, 7):
        assert power[:, mode].mean() == pytest.approx(0.2**2 * share[mode - 2], rel=0.12)
    assert power[:, 1].max() < 1e-4
    assert power[:, 8:30].max() < 1e-4
    assert_mean((logs[:, 7] + 0.2**2) ** 2, 0.2**2)
    with pytest.raises(AssertionError):
        assert_mean((logs[:, 7] + 0.2**2) ** 2, 0.23**2)


def test_the_variance_in_space_is_the_same_in_every_direction() -> None:
    logs = log_radii(Star(radius=1.0, roughness=0.2, falloff=2.0, modes=4), 3000, 3)
    for node in (0, 300, 544, 700):
        assert_mean((logs[:, node] + 1.5 * 0.2**2) ** 2, 0.2**2)
        with pytest.raises(AssertionError):
            assert_mean((logs[:, node] + 1.5 * 0.2**2) ** 2, 0.23**2)


def test_outlines_have_the_radius_that_was_drawn() -> None:
    star, radius = Star(radius=30.0, roughness=0.15, modes=5), 30.0
    crops, placement = draw(star, 60)
    rng = stream(0, 0, "star")
    axes = rng.standard_normal((60, 2))
    assert axes.shape == (60, 2)
    waves, basis = star._surface(60, 2, rng)
    for i, table in enumerate(np.exp(waves @ basis)):
        at = np.argwhere(crops.crop(i)) + crops.corner[i, 1:] + 0.5 - placement.centres[i]
        reach = np.array([_radius((0.0, *p), (table, 2)) for p in at.tolist()])
        assert (np.linalg.norm(at, axis=1) <= radius * reach + 1e-9).all()
        turn = np.linspace(0, 2 * math.pi, 90, endpoint=False)
        mean = np.mean([_radius((0.0, math.sin(t), math.cos(t)), (table, 2)) ** 2 for t in turn])
        assert len(at) == pytest.approx(math.pi * radius**2 * mean, rel=0.01)


@pytest.mark.parametrize("ndim", [2, 3])
def test_all_between_the_centre_and_a_pixel_is_inside(ndim: int) -> None:
    crops, placement = draw(Star(radius=9.0, roughness=0.25), 20, ndim)
    for i in range(20):
        mask = np.pad(crops.crop(i), 1)
        centre = placement.centres[i] - crops.corner[i, 3 - ndim :] + 1
        at = np.argwhere(mask) + 0.5
        for share in (0.3, 0.6, 0.85):
            nearer = np.floor(centre + share * (at - centre)).astype(int)
            assert mask[tuple(nearer.T)].mean() > 0.99  # a pixel may stick out of a bay


@pytest.mark.parametrize("ndim", [2, 3])
def test_without_roughness_a_star_is_an_ellipsoid(ndim: int) -> None:
    star, _ = draw(Star(radius=5.0, elongation=1.7, roughness=0.0), 30, ndim)
    smooth, _ = draw(Ellipsoid(radius=5.0, elongation=1.7), 30, ndim)
    for one, other in zip(star.arrays, smooth.arrays, strict=True):
        np.testing.assert_array_equal(one, other)
