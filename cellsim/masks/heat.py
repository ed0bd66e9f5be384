"""Heat that spreads inside single objects from a source at their centre: the potential of Cellpose's flows."""

from __future__ import annotations

import math

import numpy as np

from cellsim.kernel import kernel

HEAT = 2.0**100  # added at the source each time; far from it, small numbers stay normal
FAINT = 1e-30  # heat below which single precision is not trusted
HEAT_DOUBLE = 2.0**900
FAINT_DOUBLE = 1e-290


@kernel
def flow_of_objects(labels, boxes, flow):  # type: ignore[no-untyped-def]
    """Write the unit vectors up the heat of every object. A kernel; see `cellsim.masks.flows.encode_flows`.

    Each object has a window with a frame of one pixel, kept as one row: the right frame of a row is the left one of
    the next, so that a sum over 3 x 3 pixels is a sum along the row and a sum across it.

    Parameters
    ----------
    labels : (Y, X) uint16 array
        0 is background.
    boxes : (N, 3, 2) int64 array
        Of each id, as from `bounding_boxes`.
    flow : (2, Y, X) float32 array
        Zeros, filled in place: (y, x) components.
    """
    for i in range(len(boxes)):
        y0, y1, x0, x1 = boxes[i, 1, 0], boxes[i, 1, 1], boxes[i, 2, 0], boxes[i, 2, 1]
        if y1 == 0:
            continue
        window = labels[y0:y1, x0:x1]
        width, size = x1 - x0 + 1, (y1 - y0 + 2) * (x1 - x0 + 1) + 1
        share = np.zeros(size, np.float32)
        source = _fill(window, i + 1, share)
        heat = np.zeros(size, np.float32)
        _diffuse(heat, share, source, width, np.float32(HEAT))
        if _least(heat, share) > np.float32(FAINT):
            _climb(heat, share, width, flow[:, y0:y1, x0:x1])
        else:
            potential = _potential(share, source, width)
            _climb(potential, share, width, flow[:, y0:y1, x0:x1])


@kernel
def _fill(window, label, share):  # type: ignore[no-untyped-def]
    """Give each pixel of an object its share of its 3 x 3 neighbours' heat; the pixel nearest to their mean."""
    height, width = window.shape
    n, sum_y, sum_x = 0, 0, 0
    for y in range(height):
        for x in range(width):
            if window[y, x] == label:
                share[(y + 1) * (width + 1) + x + 1] = np.float32(1 / 9)
                n += 1
                sum_y += y
                sum_x += x
    best, source = np.inf, 0
    for y in range(height):
        for x in range(width):
            away = (y - sum_y / n) ** 2 + (x - sum_x / n) ** 2
            if away < best and window[y, x] == label:
                best, source = away, (y + 1) * (width + 1) + x + 1
    return source


@kernel
def _diffuse(heat, share, source, width, unit):  # type: ignore[no-untyped-def]
    """Add heat at the source and take means over 3 x 3 pixels, 2 (h + w) times, h and w being those of the window."""
    size = heat.size
    height = (size - 1) // width
    middle = source // width
    sums = np.zeros(size, heat.dtype)
    for step in range(2 * (height + width + 1)):
        heat[source] += unit
        first, last = max(middle - step - 1, 1), min(middle + step + 1, height - 2)  # rows where heat can be
        low, high = first * width, (last + 1) * width
        _sum_along(heat[low - width : high + width + 1], sums[low - width + 1 : high + width])
        _sum_across(
            (sums[low - width : high - width], sums[low:high], sums[low + width : high + width]),
            share[low:high],
            heat[low:high],
        )


@kernel
def _sum_along(heat, sums):  # type: ignore[no-untyped-def]
    for i in range(sums.size):
        sums[i] = heat[i] + heat[i + 1] + heat[i + 2]


@kernel
def _sum_across(sums, share, heat):  # type: ignore[no-untyped-def]
    above, here, below = sums
    for i in range(heat.size):
        heat[i] = share[i] * (above[i] + here[i] + below[i])


@kernel
def _least(heat, share):  # type: ignore[no-untyped-def]
    """Least heat of an object."""
    least = np.inf
    for i in range(heat.size):
        if share[i] > 0:
            least = min(least, heat[i])
    return least


@kernel
def _climb(heat, share, width, flow):  # type: ignore[no-untyped-def]
    """Write the direction of the central differences of the heat."""
    for y in range(flow.shape[1]):
        for x in range(flow.shape[2]):
            i = (y + 1) * width + x + 1
            if share[i] > 0:
                dy, dx = float(heat[i + width]) - heat[i - width], float(heat[i + 1]) - heat[i - 1]
                greater = max(abs(dy), abs(dx))
                if greater > 0:
                    dy, dx = dy / greater, dx / greater  # their squares can underflow
                    length = math.sqrt(dy * dy + dx * dx)
                    flow[0, y, x], flow[1, y, x] = dy / length, dx / length


@kernel
def _potential(share, source, width):  # type: ignore[no-untyped-def]
    """Heat in double precision, piece by piece, and a faint slope along the shortest way where none arrives."""
    heat, potential = np.zeros(share.size), np.zeros(share.size)
    own, queue, depth = np.zeros(share.size), np.empty(share.size, np.int64), np.zeros(share.size, np.int64)
    for start in range(-1, share.size):  # -1 stands for the source of the whole object
        if start >= 0 and (share[start] == 0 or depth[start] > 0):
            continue
        if start >= 0:
            n = _flood(share, start, width, queue, depth)
            source = _middle(queue[:n], width)
            for k in range(n):
                depth[queue[k]] = 0
        n = _flood(share, source, width, queue, depth)
        for k in range(n):
            own[queue[k]] = 1 / 9
        _diffuse(heat, own, source, width, HEAT_DOUBLE)
        for k in range(n):
            i = queue[k]
            potential[i] = heat[i] if heat[i] > FAINT_DOUBLE else FAINT_DOUBLE / depth[i]
            heat[i] = own[i] = 0.0
    return potential


@kernel
def _flood(share, start, width, queue, depth):  # type: ignore[no-untyped-def]
    """List the piece (8 neighbours) of a pixel in the order of their steps from it, from 1; how many they are."""
    queue[0], depth[start] = start, 1
    n, k = 1, 0
    while k < n:
        i = queue[k]
        k += 1
        for across in (-width, 0, width):
            for along in (-1, 0, 1):
                j = i + across + along
                if share[j] > 0 and depth[j] == 0:
                    queue[n], depth[j] = j, depth[i] + 1
                    n += 1
    return n


@kernel
def _middle(pixels, width):  # type: ignore[no-untyped-def]
    """Pixel nearest to the mean of all."""
    mean_y, mean_x = 0.0, 0.0
    for i in pixels:
        mean_y += (i // width) / pixels.size
        mean_x += (i % width) / pixels.size
    best, found = np.inf, pixels[0]
    for i in pixels:
        away = (i // width - mean_y) ** 2 + (i % width - mean_x) ** 2
        if away < best:
            best, found = away, i
    return found
