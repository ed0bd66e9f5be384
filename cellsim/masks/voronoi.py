"""Voronoi cells of seeds, as labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cellsim.kernel import kernel
from cellsim.masks.lift import lift, lift_image
from cellsim.sample import MAX_OBJECTS, Labels

SIDE = 16  # px; edge of the smallest block for which the seeds that matter are listed
SPREAD = 4  # blocks of one level along an edge of a block of the level above


class Level(NamedTuple):
    """Blocks of one size, and the seeds that matter in each.

    Parameters
    ----------
    side : (3,) int64 array
        Edges of a block in pixels.
    blocks : (3,) int64 array
        Number of blocks on each axis.
    start : (blocks + 1,) int64 array
        Where the list of each block begins in `near`.
    near : (L,) int64 array
        Indices of seeds, block by block.
    """

    side: NDArray[np.int64]
    blocks: NDArray[np.int64]
    start: NDArray[np.int64]
    near: NDArray[np.int64]


def voronoi(
    inside: NDArray[np.bool_], spacing: Sequence[float], seeds: NDArray[np.float64], gap: float = 0.0
) -> Labels:
    """Give every pixel of a region to its nearest seed.

    A row of pixels crosses the cells in the order of their seeds: along it the squared distances to the seeds,
    less x squared, are straight lines, and the cells are the pieces of their lower envelope. The seeds that
    matter for a row are found by halving blocks, each keeping only the seeds that can be nearest somewhere in
    it; the cost thus grows with the pixels, not with pixels times seeds.

    Parameters
    ----------
    inside : ([Z,] Y, X) bool array
        The region; pixels outside get 0.
    spacing : (D,) floats
        Size of a pixel in µm.
    seeds : (N, D) float64 array
        Positions in µm, the corner of the canvas at 0; they may lie outside the canvas.
    gap : float
        Pixels nearer than ``gap / 2`` µm to the border between two cells get 0.

    Returns
    -------
    ([Z,] Y, X) uint16 array
        Label i + 1 where seed i is nearest. A cell that holds no pixel centre has no pixels.

    Raises
    ------
    ValueError
        If there are more seeds than uint16 can name.
    """
    if len(seeds) > MAX_OBJECTS:
        raise ValueError(f"a label image holds at most {MAX_OBJECTS:,} objects, got {len(seeds):,}")
    labels = np.zeros(inside.shape, np.uint16)
    if len(seeds) and inside.size:
        order = np.argsort(seeds[:, -1], kind="stable")
        region, step, sorted_seeds = lift_image(inside), lift(spacing, 1.0), lift(seeds[order], 0.0)
        level = _seeds_by_block(region, step, sorted_seeds, gap)
        _fill_rows(step, sorted_seeds, gap, level, order + 1, lift_image(labels))
        labels *= inside
    return labels


def _seeds_by_block(
    inside: NDArray[np.bool_], spacing: NDArray[np.float64], seeds: NDArray[np.float64], gap: float
) -> Level:
    """List the seeds that matter in each block, from one block over the whole canvas down to blocks of SIDE."""
    shape = np.array(inside.shape)
    least, spread = np.where(shape > 1, SIDE, 1), np.where(shape > 1, SPREAD, 1)
    side = least.copy()
    while (side < shape).any():
        side = side * spread
    level = Level(side, np.ones(3, np.int64), np.array([0, len(seeds)]), np.arange(len(seeds)))
    while (level.side > least).any():
        side = level.side // spread
        blocks = -(-shape // side)
        level = Level(side, blocks, *_narrow(inside, spacing, seeds, gap, level, (side, blocks)))
    return level


@kernel
def _narrow(inside, spacing, seeds, gap, above, below):  # type: ignore[no-untyped-def]
    """For each block of a level, keep the seeds of the block above it that can be nearest to a point of it."""
    side, blocks = below
    edge, spread = side * spacing, above.side // side
    reach = np.sqrt(np.sum(edge**2)) + gap
    starts = np.zeros(blocks[0] * blocks[1] * blocks[2] + 1, np.int64)
    kept = np.empty(max(above.near.size, 1024), np.int64)
    distance = np.empty(seeds.shape[0])
    n, block = 0, 0
    for z in range(blocks[0]):
        for y in range(blocks[1]):
            for x in range(blocks[2]):
                block += 1
                starts[block] = n
                if not _any(inside, z * side[0], y * side[1], x * side[2], side):
                    continue
                up = ((z // spread[0]) * above.blocks[1] + y // spread[1]) * above.blocks[2] + x // spread[2]
                listed = above.near[above.start[up] : above.start[up + 1]]
                least = np.inf
                for k in range(listed.size):
                    dz = (z + 0.5) * edge[0] - seeds[listed[k], 0]
                    dy = (y + 0.5) * edge[1] - seeds[listed[k], 1]
                    dx = (x + 0.5) * edge[2] - seeds[listed[k], 2]
                    distance[k] = np.sqrt(dz * dz + dy * dy + dx * dx)
                    least = min(least, distance[k])
                if n + listed.size > kept.size:
                    grown = np.empty(2 * kept.size + listed.size, np.int64)
                    for i in range(n):
                        grown[i] = kept[i]
                    kept = grown
                for k in range(listed.size):
                    if distance[k] <= least + reach:
                        kept[n] = listed[k]
                        n += 1
                starts[block] = n
    return starts, kept[:n]


@kernel
def _any(inside, z0, y0, x0, side):  # type: ignore[no-untyped-def]
    for z in range(z0, min(z0 + side[0], inside.shape[0])):
        for y in range(y0, min(y0 + side[1], inside.shape[1])):
            for x in range(x0, min(x0 + side[2], inside.shape[2])):
                if inside[z, y, x]:
                    return True
    return False


@kernel
def _fill_rows(spacing, seeds, gap, level, names, labels):  # type: ignore[no-untyped-def]
    shape, side, across = labels.shape, level.side, level.blocks[2]
    length = shape[2] * spacing[2]
    height = np.empty(len(seeds))
    for strip in range(level.blocks[0] * level.blocks[1]):
        lists = level.start[strip * across : (strip + 1) * across + 1]  # of the blocks along x
        listed = np.unique(level.near[lists[0] : lists[-1]])  # ascending in x, as the seeds are
        envelope, first = np.empty(listed.size, np.int64), np.empty(listed.size + 1)
        z0, y0 = strip // level.blocks[1] * side[0], strip % level.blocks[1] * side[1]
        for z in range(z0, min(z0 + side[0], shape[0])):
            for y in range(y0, min(y0 + side[1], shape[1])):
                for k in listed:
                    dz, dy = seeds[k, 0] - (z + 0.5) * spacing[0], seeds[k, 1] - (y + 0.5) * spacing[1]
                    height[k] = dz * dz + dy * dy + seeds[k, 2] * seeds[k, 2]
                n = _lower_envelope(seeds, height, listed, envelope, first)
                first[n] = length
                for i in range(n):
                    low, high = max(first[i], 0.0), min(first[i + 1], length)
                    if gap > 0 and low < high:
                        b0, b1 = int(low / spacing[2]) // side[2], int(high / spacing[2]) // side[2]
                        rivals = level.near[lists[b0] : lists[min(b1, across - 1) + 1]]
                        low, high = _clear_of_others((low, high), envelope[i], seeds, height, rivals, gap)
                    x0 = max(int(np.ceil(low / spacing[2] - 0.5)), 0)
                    labels[z, y, x0 : max(int(np.ceil(high / spacing[2] - 0.5)), x0)] = names[envelope[i]]


@kernel
def _lower_envelope(seeds, height, listed, envelope, first):  # type: ignore[no-untyped-def]
    """Which of the lines height - 2 x_seed x is lowest, and from which x on; seeds are ascending in x."""
    n = 0
    for k in listed:
        since = -np.inf
        while n > 0:
            rise, run = height[k] - height[envelope[n - 1]], seeds[k, 2] - seeds[envelope[n - 1], 2]
            since = rise / (2 * run) if run > 0 else (np.inf if rise >= 0 else -np.inf)
            if since > first[n - 1]:
                break
            n -= 1
        if n == 0 or since < np.inf:
            envelope[n] = k
            first[n] = since if n > 0 else -np.inf
            n += 1
    return n


@kernel
def _clear_of_others(run, own, seeds, height, rivals, gap):  # type: ignore[no-untyped-def]
    """Shorten a run until it is gap / 2 from the bisector of its seed with every other, which is linear along it."""
    low, high = run
    for k in rivals:
        if k == own:
            continue
        dz, dy, dx = seeds[own, 0] - seeds[k, 0], seeds[own, 1] - seeds[k, 1], seeds[own, 2] - seeds[k, 2]
        short = gap * np.sqrt(dz * dz + dy * dy + dx * dx) - (height[k] - height[own])
        at = short / (2 * dx)
        if dx > 0:
            low = max(low, at)
        elif dx < 0:
            high = min(high, at)
        elif short > 0:
            high = low
    return low, high
