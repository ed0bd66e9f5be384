"""Where the pixels of a flow field end, and the objects that end at one sink. Kernels; see `cellsim.masks.flows`."""

from __future__ import annotations

import numpy as np

from cellsim.kernel import kernel

STILL = 1e-4  # px^2; a path that comes back this near after two steps has ended
BLOCK = 256  # paths that are followed together
PEAK = 2  # px; a sink has most ends within so many pixels, along each axis
REACH = 5  # times that a sink grows: at first by PEAK px, then by one
WIDEST = 2 * (PEAK + REACH - 1) + 1  # px across


@kernel
def follow(flow, inside, steps):  # type: ignore[no-untyped-def]
    """Follow the flow from every pixel inside by Euler's method, with bilinear interpolation and steps of a pixel.

    The flow counts as 0 outside. A path about a sink may leap to and fro, so it ends in the middle of its last two
    positions.

    Parameters
    ----------
    flow : (2, Y, X) float32 array
        (y, x) components, in pixels a step.
    inside : (Y, X) bool array
        Pixels of cells.
    steps : int
        Most steps.

    Returns
    -------
    ends : (Y, X) int32 array
        Flat index of the pixel where the path from each pixel ends, -1 outside.
    votes : (Y, X) int32 array
        Paths that end at each pixel.
    """
    height, width = inside.shape
    field = np.zeros((height + 1, width + 1, 2), np.float32)  # both components side by side, and a rim to read
    for y in range(height):
        for x in range(width):
            if inside[y, x]:
                field[y, x, 0], field[y, x, 1] = flow[0, y, x], flow[1, y, x]
    ends = np.full((height, width), -1, np.int32)
    votes = np.zeros((height, width), np.int32)
    starts, paths, n = np.empty(BLOCK, np.int64), np.empty((4, BLOCK), np.float32), 0
    for y in range(height):
        for x in range(width):
            if inside[y, x]:
                starts[n] = y * width + x
                paths[0, n] = paths[2, n] = y
                paths[1, n] = paths[3, n] = x
                n += 1
            if n == BLOCK or (y == height - 1 and x == width - 1):
                _walk(field, (starts, paths, n), steps, (ends, votes))
                n = 0
    return ends, votes


@kernel
def _walk(field, block, steps, found):  # type: ignore[no-untyped-def]
    """Go along a block of paths in step: the processor works on others while one waits for its flow."""
    (starts, (y, x, last_y, last_x), n), (ends, votes) = block, found
    width, half, still = ends.shape[1], np.float32(0.5), np.float32(STILL)
    for step in range(steps):
        left = 0
        for k in range(n):
            new_y, new_x = _step(field, y[k], x[k])
            dy, dx = new_y - last_y[k], new_x - last_x[k]
            moved = dy * dy + dx * dx
            if step == steps - 1 or (step and moved < still):
                end_y, end_x = int(half * (new_y + y[k]) + half), int(half * (new_x + x[k]) + half)
                ends[starts[k] // width, starts[k] % width] = end_y * width + end_x
                votes[end_y, end_x] += 1
            else:
                last_y[left], last_x[left], y[left], x[left] = y[k], x[k], new_y, new_x
                starts[left] = starts[k]
                left += 1
        n = left


@kernel
def _step(field, y, x):  # type: ignore[no-untyped-def]
    """Move a point along the flow."""
    i, j, zero = int(y), int(x), np.float32(0)
    down, along = y - np.float32(i), x - np.float32(j)
    up, back = np.float32(1) - down, np.float32(1) - along
    dy = up * (back * field[i, j, 0] + along * field[i, j + 1, 0])
    dx = up * (back * field[i, j, 1] + along * field[i, j + 1, 1])
    dy += down * (back * field[i + 1, j, 0] + along * field[i + 1, j + 1, 0])
    dx += down * (back * field[i + 1, j, 1] + along * field[i + 1, j + 1, 1])
    bottom, right = np.float32(field.shape[0] - 2), np.float32(field.shape[1] - 2)
    return min(max(y + dy, zero), bottom), min(max(x + dx, zero), right)


@kernel
def peaks(votes, least):  # type: ignore[no-untyped-def]
    """Find the pixels with most votes in their 5 x 5 neighbours.

    Parameters
    ----------
    votes : (Y, X) int32 array
        Paths that end at each pixel.
    least : int
        Votes that a peak has at least.

    Returns
    -------
    (N,) int64 array
        Flat indices.
    """
    height, width = votes.shape
    found = np.empty(votes.size, np.int64)
    n = 0
    for y in range(height):
        for x in range(width):
            if votes[y, x] < least:
                continue
            most = 0
            for i in range(max(y - PEAK, 0), min(y + PEAK + 1, height)):
                for j in range(max(x - PEAK, 0), min(x + PEAK + 1, width)):
                    most = max(most, votes[i, j])
            if votes[y, x] == most:
                found[n] = y * width + x
                n += 1
    return found[:n]


@kernel
def gather(ends, votes, seeds, least):  # type: ignore[no-untyped-def]
    """Give every pixel the label of the sink where its path ends.

    Sinks grow in the given order from their peaks, over neighbours (of eight) with votes that no sink before has.

    Parameters
    ----------
    ends, votes : (Y, X) int32 arrays
        As from `follow`.
    seeds : (N,) int64 array
        Peaks, the strongest first.
    least : int
        Votes that a pixel needs to join a sink.

    Returns
    -------
    (Y, X) uint16 array
        0 where a path ends at no sink.
    """
    height, width = votes.shape
    sink = np.zeros(votes.size, np.uint16)
    queue, depth = np.empty(WIDEST**2, np.int64), np.empty(WIDEST**2, np.int64)
    label = 0
    for seed in seeds:
        if sink[seed] or label == 65_535:
            continue
        label += 1
        sink[seed], queue[0], depth[0] = label, seed, 0
        n, k = 1, 0
        while k < n and depth[k] < REACH:
            y, x, far = queue[k] // width, queue[k] % width, 1 if k else PEAK
            for i in range(max(y - far, 0), min(y + far + 1, height)):
                for j in range(max(x - far, 0), min(x + far + 1, width)):
                    if votes[i, j] >= least and sink[i * width + j] == 0:
                        sink[i * width + j], queue[n], depth[n] = label, i * width + j, depth[k] + 1
                        n += 1
            k += 1
    labels = np.zeros((height, width), np.uint16)
    for y in range(height):
        for x in range(width):
            if ends[y, x] >= 0:
                labels[y, x] = sink[ends[y, x]]
    return labels


@kernel
def fill_holes(labels):  # type: ignore[no-untyped-def]
    """Give background (pieces of face neighbours) that touches one object only, and not the border, to it, in place.

    Parameters
    ----------
    labels : (Y, X) uint16 array
        0 is background.
    """
    height, width = labels.shape
    seen = np.zeros((height, width), np.bool_)
    queue = np.empty(labels.size, np.int64)
    for first in range(labels.size):
        if labels[first // width, first % width] or seen[first // width, first % width]:
            continue
        queue[0], n, k = first, 1, 0
        seen[first // width, first % width] = True
        owner, closed = 0, True
        while k < n:
            y, x = queue[k] // width, queue[k] % width
            k += 1
            for i, j in ((y - 1, x), (y, x - 1), (y, x + 1), (y + 1, x)):
                if i < 0 or j < 0 or i == height or j == width:
                    closed = False
                elif labels[i, j]:
                    closed &= owner == 0 or owner == labels[i, j]
                    owner = labels[i, j]
                elif not seen[i, j]:
                    seen[i, j], queue[n] = True, i * width + j
                    n += 1
        for k in range(n if closed else 0):
            labels[queue[k] // width, queue[k] % width] = owner


@kernel
def keep_largest_pieces(labels):  # type: ignore[no-untyped-def]
    """Keep the largest piece (of all eight neighbours) of every object, the first of equals, in place.

    Parameters
    ----------
    labels : (Y, X) uint16 array
        0 is background.
    """
    height, width = labels.shape
    piece, queue = np.zeros((height, width), np.int32), np.empty(labels.size, np.int64)
    size, best = np.zeros(labels.size + 1, np.int32), np.zeros(int(labels.max()) + 1, np.int32)
    found = 0
    for y in range(height):
        for x in range(width):
            label = labels[y, x]
            if label and piece[y, x] == 0:
                found += 1
                size[found] = _flood(labels, piece, queue, y * width + x, found)
                best[label] = found if size[found] > size[best[label]] else best[label]
    for y in range(height):
        for x in range(width):
            if piece[y, x] != best[labels[y, x]]:
                labels[y, x] = 0


@kernel
def _flood(labels, piece, queue, first, name):  # type: ignore[no-untyped-def]
    """Name the piece of a pixel; how many pixels it has."""
    height, width = labels.shape
    label = labels[first // width, first % width]
    piece[first // width, first % width], queue[0], n, k = name, first, 1, 0
    while k < n:
        y, x = queue[k] // width, queue[k] % width
        k += 1
        for i in range(max(y - 1, 0), min(y + 2, height)):
            for j in range(max(x - 1, 0), min(x + 2, width)):
                if labels[i, j] == label and piece[i, j] == 0:
                    piece[i, j], queue[n] = name, i * width + j
                    n += 1
    return n
