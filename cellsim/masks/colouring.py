"""Colour a graph at random with few colours, so that no two neighbours have the same."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from cellsim.kernel import kernel
from cellsim.masks.proximity import Proximity

Rng = np.random.Generator
Colours = NDArray[np.int64]  # (N,), from 0
Arrays = tuple[NDArray[np.int64], NDArray[np.int64]]  # `start` and `near` of a graph

ORDERS = 10  # random orders that are tried before the harder ways
STARTS = 3  # of each of these
MOVES = 200  # of the tabu search, for every object


def first_fit(graph: Proximity, colours: int, rng: Rng) -> Colours | None:
    """Give the objects, in random order, the first colour that no neighbour has.

    Parameters
    ----------
    graph : Proximity
        The objects.
    colours : int
        How many there are.
    rng : numpy.random.Generator
        The only source of chance.

    Returns
    -------
    (N,) int64 array or None
        None if an object found no colour.
    """
    found = _greedy((graph.start, graph.near), colours, rng.permutation(len(graph)), np.zeros(len(graph)))
    return _whole(found)


def random_fit(graph: Proximity, colours: int, rng: Rng) -> Colours | None:
    """Give the objects, in random order, any of the colours that no neighbour has, all with the same probability.

    Parameters
    ----------
    graph : Proximity
        The objects.
    colours : int
        How many there are.
    rng : numpy.random.Generator
        The only source of chance.

    Returns
    -------
    (N,) int64 array or None
        None if an object found no colour.
    """
    found = _greedy((graph.start, graph.near), colours, rng.permutation(len(graph)), rng.random(len(graph)))
    return _whole(found)


def search(graph: Proximity, colours: int, rng: Rng) -> Colours | None:
    """Colour a graph for which a random order does not do: DSATUR [1]_, then a tabu search [2]_ from where it ends.

    What a random order colours stays so; each connected part with an object that found no colour is coloured anew.
    DSATUR takes next the object whose neighbours have the most colours; of equals that with the most neighbours, of
    these any. Where none is left for an object, it takes that of the fewest neighbours, and the search goes on: it
    recolours one object at a time, the one by which most conflicts vanish, and lets it be for a while.

    Parameters
    ----------
    graph : Proximity
        The objects.
    colours : int
        How many there are.
    rng : numpy.random.Generator
        The only source of chance.

    Returns
    -------
    (N,) int64 array or None
        None if no colouring was found; there may be one.

    References
    ----------
    .. [1] Brélaz, D. (1979). New methods to color the vertices of a graph. Communications of the ACM 22(4).
    .. [2] Hertz, A., de Werra, D. (1987). Using tabu search techniques for graph coloring. Computing 39.
    """
    found = _greedy((graph.start, graph.near), colours, rng.permutation(len(graph)), np.zeros(len(graph)))
    for members in _hard_parts(graph, found):
        part = _search_part(_part(graph, members), colours, rng)
        if part is None:
            return None
        found[members] = part
    return found  # type: ignore[no-any-return]


def _search_part(graph: Arrays, colours: int, rng: Rng) -> Colours | None:
    n = len(graph[0]) - 1
    for _ in range(STARTS):
        found, conflicts = _dsatur(graph, colours, rng.permutation(n))
        if conflicts == 0 or (colours > 1 and _tabu(graph, colours, found, MOVES * n, rng)):
            return found  # type: ignore[no-any-return]
    return None


def _hard_parts(graph: Proximity, found: Colours) -> Iterator[NDArray[np.int64]]:
    """Go through the connected parts of a graph with an object that has no colour: their members, ascending."""
    part = _parts((graph.start, graph.near))
    order = np.argsort(part, kind="stable")
    names, ordered = np.unique(part[found < 0]), part[order]
    begins, ends = np.searchsorted(ordered, names), np.searchsorted(ordered, names, "right")
    for begin, end in zip(begins, ends, strict=True):
        yield order[begin:end]


def _part(graph: Proximity, members: NDArray[np.int64]) -> Arrays:
    counts = np.diff(graph.start)[members]
    start = np.concatenate([[0], np.cumsum(counts)])
    where = np.arange(start[-1]) + np.repeat(graph.start[members] - start[:-1], counts)
    return start, np.searchsorted(members, graph.near[where])


def _whole(found: Colours) -> Colours | None:
    return found if found.min(initial=0) >= 0 else None


@kernel
def _greedy(graph, colours, order, draws):  # type: ignore[no-untyped-def]
    """Colours in an order: of those that are free, the one at a share of the list; -1 where there is none."""
    start, near = graph
    found = np.full(order.size, -1, np.int64)
    taken = np.full(colours, -1, np.int64)
    for i in order:
        left = colours
        for k in range(start[i], start[i + 1]):
            colour = found[near[k]]
            if colour >= 0 and taken[colour] != i:
                taken[colour] = i
                left -= 1
        if left == 0:
            continue
        skip = int(draws[i] * left)
        for colour in range(colours):
            if taken[colour] != i:
                if skip == 0:
                    found[i] = colour
                    break
                skip -= 1
    return found


@kernel
def _parts(graph):  # type: ignore[no-untyped-def]
    """First object of the connected part that each is in."""
    start, near = graph
    n = start.size - 1
    part, waiting = np.full(n, -1, np.int64), np.empty(n, np.int64)
    for first in range(n):
        if part[first] >= 0:
            continue
        part[first], waiting[0], left = first, first, 1
        while left:
            left -= 1
            i = waiting[left]
            for k in range(start[i], start[i + 1]):
                if part[near[k]] < 0:
                    part[near[k]], waiting[left] = first, near[k]
                    left += 1
    return part


@kernel
def _dsatur(graph, colours, ties):  # type: ignore[no-untyped-def]
    """Colours by DSATUR, and how many pairs of neighbours have the same."""
    start, near = graph
    n = ties.size
    found, saturation = np.full(n, -1, np.int64), np.zeros(n, np.int64)
    beside, conflicts = np.zeros((n, colours), np.int32), 0
    for _ in range(n):
        best = -1
        for i in range(n):
            if found[i] < 0 and (best < 0 or _comes_first(i, best, saturation, start, ties)):
                best = i
        colour = 0
        for other in range(1, colours):
            colour = other if beside[best, other] < beside[best, colour] else colour
        found[best] = colour
        conflicts += beside[best, colour]
        for k in range(start[best], start[best + 1]):
            saturation[near[k]] += beside[near[k], colour] == 0
            beside[near[k], colour] += 1
    return found, conflicts


@kernel
def _comes_first(i, j, saturation, start, ties):  # type: ignore[no-untyped-def]
    """Whether an object is coloured before another."""
    if saturation[i] != saturation[j]:
        return saturation[i] > saturation[j]
    one, other = start[i + 1] - start[i], start[j + 1] - start[j]
    return one > other if one != other else ties[i] > ties[j]


@kernel
def _tabu(graph, colours, found, moves, rng):  # type: ignore[no-untyped-def]
    """Recolour until no two neighbours have the same colour, in place; whether it came so far."""
    start, near = graph
    n = found.size
    beside, free_from = np.zeros((n, colours), np.int32), np.zeros((n, colours), np.int64)
    bad, place, count, conflicts = np.empty(n, np.int64), np.full(n, -1, np.int64), 0, 0  # objects in conflict
    for i in range(n):
        for k in range(start[i], start[i + 1]):
            beside[i, found[near[k]]] += 1
        conflicts += beside[i, found[i]]
        count = _list(i, beside[i, found[i]] > 0, bad, place, count)
    conflicts //= 2
    fewest = conflicts
    for move in range(moves):
        spare = fewest - conflicts  # what brings fewer conflicts than ever is never barred
        best, into, least = _best_move(bad[:count], found, beside, (free_from, move, spare), rng)
        if best < 0:
            continue
        before, found[best] = found[best], into
        free_from[best, before] = move + 1 + int(10 * rng.random() + 0.6 * conflicts)
        count = _list(best, beside[best, into] > 0, bad, place, count)
        for k in range(start[best], start[best + 1]):
            other = near[k]
            beside[other, before] -= 1
            beside[other, into] += 1
            count = _list(other, beside[other, found[other]] > 0, bad, place, count)
        conflicts += least
        fewest = min(fewest, conflicts)
        if conflicts == 0:
            return True
    return False


@kernel
def _best_move(bad, found, beside, barred, rng):  # type: ignore[no-untyped-def]
    """Object and colour that bring the fewest conflicts, of equals any, and how many more; -1 if all are barred."""
    free_from, move, spare = barred
    best, into, least, equals = -1, 0, found.size, 0
    for i in bad:
        for colour in range(beside.shape[1]):
            change = beside[i, colour] - beside[i, found[i]]
            if colour == found[i] or change > least or (free_from[i, colour] > move and change >= spare):
                continue
            equals = equals + 1 if change == least else 1
            if change < least or rng.random() * equals < 1:
                best, into, least = i, colour, change
    return best, into, least


@kernel
def _list(i, wanted, members, place, count):  # type: ignore[no-untyped-def]
    """Put an object on a list, or take it off; how many are on it then."""
    if wanted and place[i] < 0:
        members[count], place[i] = i, count
        return count + 1
    if not wanted and place[i] >= 0:
        last = members[count - 1]
        members[place[i]], place[last] = last, place[i]
        place[i] = -1
        return count - 1
    return count
