"""How much of their hulls objects fill, against counting the pixels in them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial import Delaunay

from cellsim.evaluate.convexity import solidity
from tests.evaluate.test_crofton import ball


def counted(pixels: NDArray[np.bool_]) -> float:
    """Share of the pixels in the hull, by asking for each whether it is in a triangle of the hull."""
    places = np.argwhere(pixels)
    every = np.argwhere(np.ones_like(pixels))
    return float(len(places) / np.count_nonzero(Delaunay(places).find_simplex(every, tol=1e-9) >= 0))


@given(st.integers(0, 2**32 - 1))
def test_the_hull_of_scattered_pixels_holds_what_is_counted(seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels = (rng.integers(1, 3, (12, 9)) * (rng.random((12, 9)) < 0.3)).astype(np.uint16)
    labels[2:4, 3:5] = [[1, 1], [1, 2]]
    labels[7:9, 5:7] = [[2, 2], [2, 1]]
    found = solidity(labels)
    assert found[0] == pytest.approx(counted(labels == 1))
    assert found[1] == pytest.approx(counted(labels == 2))


@given(st.integers(0, 2**32 - 1))
def test_the_hull_of_scattered_voxels_holds_what_is_counted(seed: int) -> None:
    labels = (np.random.default_rng(seed).random((5, 6, 7)) < 0.2).astype(np.uint16)
    labels[1:3, 1:3, 1:3] = 1
    assert solidity(labels)[0] == pytest.approx(counted(labels == 1))


@pytest.mark.parametrize("radius", [3.0, 7.5, 20.0])
def test_discs_and_balls_are_solid(radius: float) -> None:
    assert solidity(ball(radius, (1, 1)))[0] == 1
    if radius < 10:
        assert solidity(ball(radius, (1, 1, 1)))[0] == 1


def test_a_bite_is_missing() -> None:
    labels = np.zeros((30, 30), np.uint16)
    labels[5:25, 5:25] = 1
    labels[5:15, 5:15] = 0
    # the hull lacks the triangle before the pixels (5, 15) and (15, 5): 10 + 9 + ... + 1 pixels
    assert solidity(labels)[0] == pytest.approx(300 / (400 - 55))


def test_lines_are_solid_and_flat_bodies_are_not_told() -> None:
    labels = np.zeros((9, 9), np.uint16)
    labels[4, 2:7] = 1
    labels[1, 1] = 3
    np.testing.assert_array_equal(solidity(labels), [1, np.nan, 1])
    flat = np.zeros((5, 5, 5), np.uint16)
    flat[2, 1:4, 1:4] = 1
    assert np.isnan(solidity(flat)[0])
    assert solidity(np.zeros((4, 4), np.uint16)).shape == (0,)
