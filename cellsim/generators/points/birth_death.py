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
    model, ndim, first, second = law
    if model == STRAUSS:  # first: range², second: -log gamma
        return second if square < first else 0.0
    reach = one + other  # first: penalty, second: most that may overlap
    if square >= reach * reach:
        return 0.0
    share = overlap_share(math.sqrt(square), one, other, ndim)
    return first * share if share <= second else np.inf


@kernel
def _cell_of(point, box):  # type: ignore[no-untyped-def]
    _, dims, per_edge = box
    return (
        min(int(point[0] * per_edge[0]), dims[0] - 1),
        min(int(point[1] * per_edge[1]), dims[1] - 1),
        min(int(point[2] * per_edge[2]), dims[2] - 1),
    )


@kernel
def _around(index, offset, axis, box):  # type: ignore[no-untyped-def]
    """Find a neighbouring cell across the joined faces, and how far its points seem shifted."""
    size, dims, _ = box
    other = index + offset
    if other < 0:
        return other + dims[axis], size[axis]
    if other >= dims[axis]:
        return other - dims[axis], -size[axis]
    return other, 0.0


@kernel
def _energy(point, radius, skip, lists, model):  # type: ignore[no-untyped-def]
    """Energy of a point with all others but `skip`, on a box whose opposite faces are joined."""
    points, radii, _, following, head = lists
    box, law = model
    dims = box[1]
    i, j, k = _cell_of(point, box)
    flat = 1 if dims[0] > 1 else 0
    energy = 0.0
    for di in range(-flat, flat + 1):
        ci, shift = _around(i, di, 0, box)
        z = point[0] + shift
        for dj in range(-1, 2):
            cj, shift = _around(j, dj, 1, box)
            y = point[1] + shift
            for dk in range(-1, 2):
                ck, shift = _around(k, dk, 2, box)
                x = point[2] + shift
                p = head[(ci * dims[1] + cj) * dims[2] + ck]
                while p >= 0:
                    if p != skip:
                        a, b, c = points[p, 0] - z, points[p, 1] - y, points[p, 2] - x
                        energy += _pair_energy(a * a + b * b + c * c, radius, radii[p], law)
                    p = following[p]
    return energy


@kernel
def _link(p, lists, box):  # type: ignore[no-untyped-def]
    """Put a point into the list of its cell."""
    points, _, cells, following, head = lists
    i, j, k = _cell_of((points[p, 0], points[p, 1], points[p, 2]), box)
    cell = (i * box[1][1] + j) * box[1][2] + k
    cells[p], following[p] = cell, head[cell]
    head[cell] = p


@kernel
def _unlink(p, lists):  # type: ignore[no-untyped-def]
    """Take a point out of the list of its cell."""
    _, _, cells, following, head = lists
    q = head[cells[p]]
    if q == p:
        head[cells[p]] = following[p]
        return
    while following[q] != p:
        q = following[q]
    following[q] = following[p]


@kernel
def _roomier(lists):  # type: ignore[no-untyped-def]
    """Copy the lists into longer ones."""
    points, radii, cells, following, head = lists
    n = radii.size
    more_points, more_radii = np.empty((2 * n + 8, 3)), np.empty(2 * n + 8)
    more_cells, more_following = np.empty(2 * n + 8, np.int64), np.empty(2 * n + 8, np.int64)
    more_points[:n], more_radii[:n], more_cells[:n], more_following[:n] = points, radii, cells, following
    return more_points, more_radii, more_cells, more_following, head


@kernel
def _place(n, point, radius, lists, box):  # type: ignore[no-untyped-def]
    """Write point number n, for which there is room."""
    lists[0][n, 0], lists[0][n, 1], lists[0][n, 2] = point
    lists[1][n] = radius
    _link(n, lists, box)


@kernel
def _remove(p, n, lists, box):  # type: ignore[no-untyped-def]
    """Delete point p of n: the last takes its place."""
    points, radii, _, _, _ = lists
    _unlink(p, lists)
    last = n - 1
    if p != last:
        _unlink(last, lists)
        points[p, 0], points[p, 1], points[p, 2] = points[last, 0], points[last, 1], points[last, 2]
        radii[p] = radii[last]
        _link(p, lists, box)


@kernel
def _uniform(rng, box):  # type: ignore[no-untyped-def]
    size, dims, _ = box
    z = rng.random() * size[0] if dims[0] > 1 else 0.0
    return z, rng.random() * size[1], rng.random() * size[2]


@kernel
def _shifted(rng, point, reach, box):  # type: ignore[no-untyped-def]
    """Propose a place near another, on the joined box: within `reach`, a half, a quarter or an eighth of it."""
    size, dims, _ = box
    edge = 2 * reach * 0.5 ** int(4 * rng.random())
    z = point[0] + (rng.random() - 0.5) * edge if dims[0] > 1 else 0.0
    y, x = point[1] + (rng.random() - 0.5) * edge, point[2] + (rng.random() - 0.5) * edge
    z = z + size[0] if z < 0 else z - size[0] if z >= size[0] else z
    y = y + size[1] if y < 0 else y - size[1] if y >= size[1] else y
    x = x + size[2] if x < 0 else x - size[2] if x >= size[2] else x
    return z, y, x


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
        The joined box: its edges (3,), its number of cells (3,), each at least as wide as the interaction, and cells
        per edge (3,). The pair law: STRAUSS or DISKS, number of axes, its two parameters.

    Returns
    -------
    lists : tuple of arrays
        Points (M, 3), radii (M,), the cell of each, the next point in its cell, and the first point of each cell.
    n : int
        How many points there are.
    energy : float
        Of the pattern.
    """
    box, _ = model
    none = np.empty(0, np.int64)
    lists = (np.empty((0, 3)), np.empty(0), none, none.copy(), np.full(box[1].prod(), -1, np.int64))
    n, energy = 0, 0.0
    for i in range(tries):
        if n == lists[1].size:
            lists = _roomier(lists)
        point, radius = _uniform(rng, box), born[min(i, born.size - 1)]
        change = _energy(point, radius, -1, lists, model)
        if change == 0 or rng.random() < math.exp(-change):
            _place(n, point, radius, lists, box)
            n += 1
            energy += change
    return lists, n, energy


@kernel
def _birth(rng, n, radius, lists, model, expected):  # type: ignore[no-untyped-def]
    """Change of the energy; infinite if the proposal is refused."""
    point = _uniform(rng, model[0])
    change = _energy(point, radius, -1, lists, model)
    if rng.random() * (n + 1) >= expected * math.exp(-change):
        return np.inf
    _place(n, point, radius, lists, model[0])
    return change


@kernel
def _death(rng, n, lists, model, expected):  # type: ignore[no-untyped-def]
    p = min(int(rng.random() * n), n - 1)
    change = -_energy((lists[0][p, 0], lists[0][p, 1], lists[0][p, 2]), lists[1][p], p, lists, model)
    if rng.random() * expected >= n * math.exp(-change):
        return np.inf
    _remove(p, n, lists, model[0])
    return change


@kernel
def _move(rng, n, lists, model, reach):  # type: ignore[no-untyped-def]
    p = min(int(rng.random() * n), n - 1)
    points, radius = lists[0], lists[1][p]
    here = points[p, 0], points[p, 1], points[p, 2]
    there = _shifted(rng, here, reach, model[0])
    change = _energy(there, radius, p, lists, model) - _energy(here, radius, p, lists, model)
    if rng.random() >= math.exp(-change):
        return np.inf
    _unlink(p, lists)
    points[p, 0], points[p, 1], points[p, 2] = there
    _link(p, lists, model[0])
    return change


@kernel
def evolve(rng, state, born, model, dynamics, trace):  # type: ignore[no-untyped-def]
    """Run the chain: births, deaths and moves that keep the density of the process.

    A birth at a uniform place is accepted with the chance min(1, a V / (n + 1) exp(-dU)), a death with
    min(1, n / (a V) exp(-dU)), a move with min(1, exp(-dU)); a is the activity, V the content of the box, dU the
    change of energy.

    Parameters
    ----------
    rng : numpy.random.Generator
        The only source of chance.
    state : tuple
        Lists, number of points and energy, as `scatter` returns them; the lists are written to.
    born : (steps,) or (1,) float64 array
        Radii of points to be born.
    model : tuple
        Box and pair law, as for `scatter`.
    dynamics : tuple
        Expected number of points of the activity alone, a V; reach of the moves; number of steps.
    trace : (parts, 2) float64 array
        Number of points and energy after each of as many equal parts of the chain; written to.

    Returns
    -------
    state : tuple
        After the last step.
    tallies : (2, 3) int64 array
        Proposed, and accepted, births, deaths and moves.
    """
    lists, n, energy = state
    expected, reach, steps = dynamics
    tallies = np.zeros((2, 3), np.int64)
    part = 0
    for step in range(steps):
        if n == lists[1].size:
            lists = _roomier(lists)
        what = rng.random()
        kind = 0 if what < BIRTH else 1 if what < BIRTH + DEATH else 2
        change = np.inf
        if kind == 0:
            change = _birth(rng, n, born[min(step, born.size - 1)], lists, model, expected)
        elif n > 0:
            change = _death(rng, n, lists, model, expected) if kind == 1 else _move(rng, n, lists, model, reach)
        tallies[0, kind] += 1
        if change < np.inf:
            tallies[1, kind] += 1
            n += (1, -1, 0)[kind]
            energy += change
        while part < len(trace) and (step + 1) * len(trace) >= (part + 1) * steps:
            trace[part, 0], trace[part, 1] = n, energy
            part += 1
    return (lists, n, energy), tallies
