"""Cell lists against all pairs."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cellsim.generators.points.cells import cell_lists


@given(
    n=st.integers(0, 60),
    size=st.tuples(*[st.floats(0.5, 40)] * 3),
    edge=st.floats(0.5, 15),
    seed=st.integers(0, 1000),
)
def test_near_points_are_in_neighbouring_cells(n: int, size: tuple[float, ...], edge: float, seed: int) -> None:
    points = np.random.default_rng(seed).random((n, 3)) * size
    dims, cell, start, order = cell_lists(points, np.array(size), edge)
    assert sorted(order) == list(range(n))
    assert (cell >= 0).all()
    assert (cell < dims).all()
    flat = (cell[:, 0] * dims[1] + cell[:, 1]) * dims[2] + cell[:, 2]
    for c in range(len(start) - 1):
        assert set(order[start[c] : start[c + 1]]) == set(np.flatnonzero(flat == c))
    apart = np.linalg.norm(points[:, np.newaxis] - points, axis=-1)
    steps = abs(cell[:, np.newaxis] - cell).max(axis=-1)
    assert (steps[apart < edge] <= 1).all()


def test_a_point_on_the_far_face_has_a_cell() -> None:
    dims, cell, _, _ = cell_lists(np.array([[1.0, 9.0, 9.0]]), np.array([1.0, 9.0, 9.0]), 2.0)
    assert (cell[0] < dims).all()
