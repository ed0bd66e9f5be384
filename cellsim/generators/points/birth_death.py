"""The birth-death-move sampler, for point processes that are given by a density."""

from __future__ import annotations

import math

import numpy as np

from cellsim.kernel import kernel

BIRTH, DEATH = 0.4, 0.4  # chances of the proposals; the rest are moves
STRAUSS, DISKS = 0, 1  # pair laws


@kernel
def overlap_share(distance, one, other, ndim):  # type: ignore[no-untyped-def]
    """Find how much of the smaller of two disks or balls lies in the other.

    Parameters
    ----------
    distance : float
        Between their centres, >= 0.
    one, other : float
        Their radii, > 0.
    ndim : int
        2 for disks, 3 for balls.

    Returns
    -------
    float
        Area or volume of the intersection over that of the smaller, 0 to 1.
    """
    small, large = min(one, other), max(one, other)
    if distance >= one + other:
        return 0.0
    if distance <= large - small:
        return 1.0
    if ndim == 3:
        depth = one + other - distance
        lens = depth * depth * (distance * (distance + 2 * (one + other)) - 3 * (large - small) ** 2) / (12 * distance)
        return lens / (4 / 3 * small * small * small)
    to_chord = (distance * distance + small * small - large * large) / (2 * distance)  # from the centre of the smaller
    a = math.acos(min(max(to_chord / small, -1.0), 1.0))
    b = math.acos(min(max((distance - to_chord) / large, -1.0), 1.0))
    half_chord = math.sqrt(max(small * small - to_chord * to_chord, 0.0))
    lens = small * small * a + large * large * b - distance * half_chord
    return min(lens / (math.pi * small * small), 1.0)


@kernel
def _pair_energy(square, one, other, law):  # type: ignore[no-untyped-def]
    """Energy of two points at a squared distance: -log of the factor that the pair puts on the density."""
    model, ndim, first, second, attraction, near = law
    if model == STRAUSS:  # first: range², second: -log gamma
        return second if square < first else 0.0
    touch = one + other  # first: penalty, second: most that may overlap
    if square >= touch * touch:
        return -attraction if square < (touch + near) ** 2 else 0.0
    share = overlap_share(math.sqrt(square), one, other, ndim)
    return first * share if share <= second else np.inf


@kernel
def _cell_of(place, model):  # type: ignore[no-untyped-def]
    _, dims, per_edge, _, _ = model
    return (
        min(int(place[0] * per_edge[0]), dims[0] - 1),
        min(int(place[1] * per_edge[1]), dims[1] - 1),
        min(int(place[2] * per_edge[2]), dims[2] - 1),
    )


@kernel
def _around(index, cells, size):  # type: ignore[no-untyped-def]
    """Find a cell across the joined faces, and how far its points seem shifted."""
    if index < 0:
        return index + cells, size
    if index >= cells:
        return index - cells, -size
    return index, 0.0


@kernel
def _energy(place, skip, points, following, model):  # type: ignore[no-untyped-def]
    """Energy of a point with all others but `skip`, on a box whose opposite faces are joined."""
    size, dims, _, law, _ = model
    i, j, k = _cell_of(place, model)
    flat = 1 if dims[0] > 1 else 0
    cells = dims[0] * dims[1] * dims[2]
    energy = 0.0
    for di in range(-flat, flat + 1):
        ci, shift = _around(i + di, dims[0], size[0])
        z = place[0] + shift
        for dj in range(-1, 2):
            cj, shift = _around(j + dj, dims[1], size[1])
            y = place[1] + shift
            for dk in range(-1, 2):
                ck, shift = _around(k + dk, dims[2], size[2])
                x = place[2] + shift
                p = following[(ci * dims[1] + cj) * dims[2] + ck]
                while p >= 0:
                    if p != skip:
                        a, b, c = points[p, 0] - z, points[p, 1] - y, points[p, 2] - x
                        energy += _pair_energy(a * a + b * b + c * c, place[3], points[p, 3], law)
                    p = following[cells + p]
    return energy


@kernel
def _place_of(p, points):  # type: ignore[no-untyped-def]
    return points[p, 0], points[p, 1], points[p, 2], points[p, 3]


@kernel
def _list_of(p, points, model):  # type: ignore[no-untyped-def]
    """Find where the list of a point's cell begins, and the number of cells."""
    dims = model[1]
    i, j, k = _cell_of(_place_of(p, points), model)
    return (i * dims[1] + j) * dims[2] + k, dims[0] * dims[1] * dims[2]


@kernel
def _write(p, place, points, following, model):  # type: ignore[no-untyped-def]
    """Write a point, and put it into the list of its cell."""
    points[p, 0], points[p, 1], points[p, 2], points[p, 3] = place
    cell, cells = _list_of(p, points, model)
    following[cells + p] = following[cell]
    following[cell] = p


@kernel
def _unlink(p, points, following, model):  # type: ignore[no-untyped-def]
    """Take a point out of the list of its cell."""
    before, cells = _list_of(p, points, model)
    while following[before] != p:
        before = cells + following[before]
    following[before] = following[cells + p]


@kernel
def _roomier(points, following):  # type: ignore[no-untyped-def]
    """Copy the points and their lists into longer arrays."""
    more = len(points) + 8
    wider, longer = np.empty((len(points) + more, 4)), np.empty(following.size + more, np.int64)
    for p in range(len(points)):
        wider[p, 0], wider[p, 1], wider[p, 2], wider[p, 3] = _place_of(p, points)
    for p in range(following.size):
        longer[p] = following[p]
    return wider, longer


@kernel
def _uniform(rng, radius, model):  # type: ignore[no-untyped-def]
    size, dims, _, _, _ = model
    z = rng.random() * size[0] if dims[0] > 1 else 0.0
    return z, rng.random() * size[1], rng.random() * size[2], radius


@kernel
def _shifted(rng, place, model):  # type: ignore[no-untyped-def]
    """Propose a place near another, on the joined box: within `reach`, a half, a quarter or an eighth of it."""
    size, dims, _, _, (_, reach) = model
    edge = 2 * reach * 0.5 ** int(4 * rng.random())
    z = place[0] + (rng.random() - 0.5) * edge if dims[0] > 1 else 0.0
    y, x = place[1] + (rng.random() - 0.5) * edge, place[2] + (rng.random() - 0.5) * edge
    z = z + size[0] if z < 0 else z - size[0] if z >= size[0] else z
    y = y + size[1] if y < 0 else y - size[1] if y >= size[1] else y
    x = x + size[2] if x < 0 else x - size[2] if x >= size[2] else x
    return z, y, x, place[3]


@kernel
def scatter(rng, tries, born, model):  # type: ignore[no-untyped-def]
    """Put down uniform points one after the other, each with the chance exp(-energy): a start near the end.

    Parameters
    ----------
    rng : numpy.random.Generator
        The only source of chance.
    tries : int
        Points that are tried.
    born : (tries,) or (1,) float64 array
        Their radii.
    model : tuple
        Of the joined box: its edges (3,), its number of cells (3,), each at least as wide as the interaction, and
        cells per edge (3,). The pair law: STRAUSS or DISKS, number of axes, its two parameters, and the energy that
        disks gain which lie apart but nearer than a distance. The expected number of points of the activity alone,
        and the reach of moves.

    Returns
    -------
    points : (M, 4) float64 array
        Position and radius; the first n are in use.
    following : (cells + M,) int64 array
        The first point of each cell, then for each point the next in its cell; -1 for none.
    n : int
        How many points there are.
    energy : float
        Of the pattern.
    """
    dims = model[1]
    points, following = np.empty((0, 4)), np.full(dims[0] * dims[1] * dims[2], -1, np.int64)
    n, energy = 0, 0.0
    for i in range(tries):
        if n == len(points):
            points, following = _roomier(points, following)
        place = _uniform(rng, born[min(i, born.size - 1)], model)
        change = _energy(place, -1, points, following, model)
        if change == 0 or rng.random() < math.exp(-change):
            _write(n, place, points, following, model)
            n += 1
            energy += change
    return points, following, n, energy


@kernel
def _birth(rng, n, radius, points, following, model):  # type: ignore[no-untyped-def]
    """Change of the energy; infinite if the proposal is refused."""
    place = _uniform(rng, radius, model)
    change = _energy(place, -1, points, following, model)
    if rng.random() * (n + 1) >= model[4][0] * math.exp(-change):
        return np.inf
    _write(n, place, points, following, model)
    return change


@kernel
def _death(rng, n, points, following, model):  # type: ignore[no-untyped-def]
    """Change of the energy; the last point takes the number of the one that dies."""
    p, last = min(int(rng.random() * n), n - 1), n - 1
    change = -_energy(_place_of(p, points), p, points, following, model)
    if rng.random() * model[4][0] >= n * math.exp(-change):
        return np.inf
    _unlink(p, points, following, model)
    if p != last:
        _unlink(last, points, following, model)
        _write(p, _place_of(last, points), points, following, model)
    return change


@kernel
def _move(rng, n, points, following, model):  # type: ignore[no-untyped-def]
    p = min(int(rng.random() * n), n - 1)
    here = _place_of(p, points)
    there = _shifted(rng, here, model)
    change = _energy(there, p, points, following, model) - _energy(here, p, points, following, model)
    if rng.random() >= math.exp(-change):
        return np.inf
    _unlink(p, points, following, model)
    _write(p, there, points, following, model)
    return change


@kernel
def evolve(rng, state, born, model, steps, trace):  # type: ignore[no-untyped-def]
    """Run the chain: births, deaths and moves that keep the density of the process.

    A birth at a uniform place is accepted with the chance min(1, a V / (n + 1) exp(-dU)), a death with
    min(1, n / (a V) exp(-dU)), a move with min(1, exp(-dU)); a is the activity, V the content of the box, dU the
    change of energy.

    Parameters
    ----------
    rng : numpy.random.Generator
        The only source of chance.
    state : tuple
        Points, lists, number of points and energy, as `scatter` returns them; the arrays are written to.
    born : (steps,) or (1,) float64 array
        Radii of points to be born.
    model : tuple
        As for `scatter`.
    steps : int
        Length of the chain.
    trace : (parts, 2) float64 array
        Number of points and energy after each of as many equal parts of the chain; written to.

    Returns
    -------
    state : tuple
        After the last step.
    tallies : (2, 3) int64 array
        Proposed, and accepted, births, deaths and moves.
    """
    points, following, n, energy = state
    tallies = np.zeros((2, 3), np.int64)
    part = 0
    for step in range(steps):
        if n == len(points):
            points, following = _roomier(points, following)
        what = rng.random()
        kind = 0 if what < BIRTH else 1 if what < BIRTH + DEATH else 2
        change = np.inf
        if kind == 0:
            change = _birth(rng, n, born[min(step, born.size - 1)], points, following, model)
        elif n > 0 and kind == 1:
            change = _death(rng, n, points, following, model)
        elif n > 0:
            change = _move(rng, n, points, following, model)
        tallies[0, kind] += 1
        if change < np.inf:
            tallies[1, kind] += 1
            n += (1, -1, 0)[kind]
            energy += change
        while part < len(trace) and (step + 1) * len(trace) >= (part + 1) * steps:
            trace[part, 0], trace[part, 1] = n, energy
            part += 1
    return (points, following, n, energy), tallies
