"""Single objects in windows: the largest piece, cut to its box. Kernels, for other kernels to call."""

from __future__ import annotations

import numpy as np

from cellsim.kernel import kernel


@kernel
def keep_pieces(pixels, start, shape, corner, home):  # type: ignore[no-untyped-def]
    """Keep the largest piece of every object and cut its window to it, in place.

    An object without a pixel becomes the one pixel at its home. What is left lies at the front of `pixels`.

    Parameters
    ----------
    pixels : (M,) bool array
        Windows of at least a pixel, one after the other.
    start : (N + 1,) int64 array
        Where each begins, and the end of the last.
    shape, corner : (N, 3) int64 arrays
        Extent of each window, and its first pixel on the canvas.
    home : (N, 3) int64 array
        Pixel of the centre of each object.
    """
    begin = end = 0
    for i in range(len(shape)):
        first, begin = begin, start[i + 1]
        mask = pixels[first:begin].reshape((shape[i, 0], shape[i, 1], shape[i, 2]))
        connected, low, high = survey(mask)
        if not connected:
            keep_largest(mask)
            connected, low, high = survey(mask)
        start[i] = end
        if high[2] == 0:
            pixels[end], low, high = True, (0, 0, 0), (1, 1, 1)
            corner[i, 0], corner[i, 1], corner[i, 2] = home[i, 0], home[i, 1], home[i, 2]
            end += 1
        else:
            for z in range(low[0], high[0]):
                for y in range(low[1], high[1]):
                    row = mask[z, y, low[2] : high[2]]
                    place = pixels[end : end + row.size]
                    for x in range(row.size):
                        place[x] = row[x]
                    end += row.size
        for axis in range(3):
            corner[i, axis] += low[axis]
            shape[i, axis] = high[axis] - low[axis]
    start[len(shape)] = end


@kernel
def survey(mask):  # type: ignore[no-untyped-def]
    """Find the box of an object, and whether it is one piece at a glance.

    Parameters
    ----------
    mask : (Z, Y, X) bool array
        Its pixels.

    Returns
    -------
    connected : bool
        True only if it is one piece; False for some that are one, but have more than one run in a row or a plane.
    low, high : (3,) tuples of int
        First pixel of the box, and one beyond its last; `high` is 0 if there is none.
    """
    depth, height, width = mask.shape
    rows = height if depth > 1 else 0
    begin, end = np.zeros(rows, np.int64), np.zeros(rows, np.int64)  # the runs of the plane before
    z0, z1, y0, y1, x0, x1 = depth, 0, height, 0, width, 0
    connected = True
    for z in range(depth):
        joined, left, right, last = z1 == 0, 0, 0, -1
        for y in range(height):
            a, b, n = _run(mask, z, y)
            if n:
                joined |= rows > 0 and a < end[y] and begin[y] < b
                connected &= n == b - a and (last < 0 or (last == y - 1 and a < right and left < b))
                left, right, last = a, b, y
                z0, z1 = min(z0, z), z + 1
                y0, y1, x0, x1 = min(y0, y), max(y1, y + 1), min(x0, a), max(x1, b)
            if rows:
                begin[y], end[y] = a, b
        connected &= joined or last < 0
    return connected, (z0, y0, x0), (z1, y1, x1)


@kernel
def _run(mask, z, y):  # type: ignore[no-untyped-def]
    """First pixel of a row, one beyond its last, and how many there are; 0 if there is none."""
    row = mask[z, y]
    a, b, n = row.size, 0, 0
    for x in range(row.size):  # without branches, which processors foresee badly at the ends of runs
        a = min(a, x if row[x] else row.size)
        b = x + 1 if row[x] else b
        n += row[x]
    return min(a, b), b, n


@kernel
def keep_largest(mask):  # type: ignore[no-untyped-def]
    """Clear all pieces but the largest (face neighbours), the first of equals, in place.

    Parameters
    ----------
    mask : (Z, Y, X) bool array
        Pixels of one object.
    """
    height = mask.shape[1]
    row, begin, end, first = _runs(mask)
    n = len(row)
    root = np.arange(n)
    for i in range(n):
        z, y = row[i] // height, row[i] % height
        for other in (row[i] - 1 if y else -1, row[i] - height if z else -1):
            if other >= 0:
                _join(i, (begin, end), (first[other], first[other + 1]), root)
    size = np.zeros(n, np.int64)
    for i in range(n):
        size[_root(i, root)] += end[i] - begin[i]
    best = 0
    for i in range(n):
        best = i if size[i] > size[best] else best
    for i in range(n):
        if _root(i, root) != best:
            line = mask[row[i] // height, row[i] % height]
            for x in range(begin[i], end[i]):
                line[x] = False


@kernel
def _runs(mask):  # type: ignore[no-untyped-def]
    """Row, first pixel and one beyond the last of every run, row by row; and where each row's runs start in these."""
    depth, height, width = mask.shape
    most = depth * height * ((width + 1) // 2)
    row, begin, end = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.int64)
    first, n = np.zeros(depth * height + 1, np.int64), 0
    for z in range(depth):
        for y in range(height):
            line, before = mask[z, y], False
            for x in range(width):
                if line[x] and not before:
                    row[n], begin[n] = z * height + y, x
                if line[x]:
                    end[n] = x + 1
                elif before:
                    n += 1
                before = line[x]
            n += 1 if before else 0
            first[z * height + y + 1] = n
    return row[:n], begin[:n], end[:n], first


@kernel
def _join(i, runs, others, root):  # type: ignore[no-untyped-def]
    """Join a run to those of a neighbouring row that it touches; a piece is known by its first run."""
    begin, end = runs
    for j in range(others[0], others[1]):
        if begin[i] < end[j] and begin[j] < end[i]:
            one, other = _root(i, root), _root(j, root)
            root[max(one, other)] = min(one, other)


@kernel
def _root(i, root):  # type: ignore[no-untyped-def]
    while root[i] != i:
        root[i] = root[root[i]]
        i = root[i]
    return i
