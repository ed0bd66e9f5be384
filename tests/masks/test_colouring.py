"""Colourings are right, of chance, and found where they are hard to find."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellsim.masks.colouring import Colours, first_fit, random_fit, search
from cellsim.masks.proximity import Proximity, proximity
from cellsim.masks.voronoi import voronoi

WAYS = [first_fit, random_fit, search]


def graph_of(n: int, edges: list[tuple[int, int]]) -> Proximity:
    """A graph by its edges."""
    both = sorted({pair for a, b in edges if a != b for pair in ((a, b), (b, a))})
    one = np.array([a for a, _ in both], np.int64)
    start = np.concatenate([[0], np.cumsum(np.bincount(one, minlength=n))])
    return Proximity(np.arange(1, n + 1), start, np.array([b for _, b in both], np.int64))


def complete(n: int) -> list[tuple[int, int]]:
    return [(a, b) for a in range(n) for b in range(a)]


def is_proper(graph: Proximity, found: Colours) -> bool:
    one = np.repeat(np.arange(len(graph)), np.diff(graph.start))
    return bool((found[one] != found[graph.near]).all())


def tissue(n: int, seed: int) -> Proximity:
    """Cells of a tissue: all touch their neighbours."""
    seeds = np.random.default_rng(seed).random((n, 2)) * 256
    return proximity(voronoi(np.ones((256, 256), np.bool_), (1.0, 1.0), seeds, 1.0), 2)


@given(
    n=st.integers(1, 12),
    edges=st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=40),
    colours=st.integers(1, 12),
    seed=st.integers(0, 99),
    way=st.sampled_from(WAYS),
)
def test_neighbours_have_different_colours(
    n: int, edges: list[tuple[int, int]], colours: int, seed: int, way: Callable[..., Colours | None]
) -> None:
    graph = graph_of(n, [(a, b) for a, b in edges if a < n and b < n])
    found = way(graph, colours, np.random.default_rng(seed))
    if found is None:
        assert colours <= np.diff(graph.start).max(), "more colours than an object has neighbours always do"
        return
    assert is_proper(graph, found)
    assert found.min() >= 0
    assert found.max() < colours


@pytest.mark.parametrize("way", WAYS)
def test_a_clique_needs_a_colour_each(way: Callable[..., Colours | None]) -> None:
    rng = np.random.default_rng(0)
    assert way(graph_of(5, complete(5)), 4, rng) is None
    assert sorted(way(graph_of(5, complete(5)), 5, rng)) == [0, 1, 2, 3, 4]  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(3))
def test_the_search_colours_a_tissue_with_four_colours_where_no_order_does(seed: int) -> None:
    graph, rng = tissue(150, seed), np.random.default_rng(seed)
    assert all(first_fit(graph, 4, rng) is None for _ in range(20))
    found = search(graph, 4, rng)
    assert found is not None
    assert is_proper(graph, found)


def test_the_search_finds_the_two_colours_of_a_ring() -> None:
    n = 200
    found = search(graph_of(n, [(i, (i + 1) % n) for i in range(n)]), 2, np.random.default_rng(0))
    assert found is not None
    assert set(np.abs(np.diff(found))) == {1}
    odd = graph_of(n + 1, [(i, (i + 1) % (n + 1)) for i in range(n + 1)])
    assert search(odd, 2, np.random.default_rng(0)) is None


def test_a_search_that_must_fail_ends_soon() -> None:
    cliques = [(a + 6 * k, b + 6 * k) for k in range(500) for a, b in complete(6)]
    assert search(graph_of(3000, cliques), 5, np.random.default_rng(0)) is None
    assert search(graph_of(3000, cliques), 6, np.random.default_rng(0)) is not None


def test_the_first_colours_are_the_most_frequent_of_a_first_fit() -> None:
    graph, rng = graph_of(40, []), np.random.default_rng(0)
    assert first_fit(graph, 4, rng).max() == 0  # type: ignore[union-attr]
    counts = np.bincount(np.concatenate([random_fit(graph, 4, rng) for _ in range(100)]))  # type: ignore[misc]
    assert counts.min() > 880  # 1000 expected, standard deviation 27
    assert counts.max() < 1120


@pytest.mark.parametrize("way", WAYS)
def test_a_colouring_is_a_function_of_its_stream(way: Callable[..., Colours | None]) -> None:
    graph = tissue(40, 1)
    found = [way(graph, 6, np.random.default_rng(seed)) for seed in (1, 1, 2)]
    np.testing.assert_array_equal(found[0], found[1])
    assert not np.array_equal(found[0], found[2])
