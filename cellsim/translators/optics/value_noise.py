"""Fractal value noise: random numbers on finer and finer lattices, smoothly interpolated and summed."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cellsim.kernel import kernel
from cellsim.masks.boxes import bounding_boxes
from cellsim.masks.bspline import cubic
from cellsim.masks.lift import lift
from cellsim.sample import Canvas, Image, Labels
from cellsim.seeds import Rng
from cellsim.translators.optics.bits import random_word


class Octaves(NamedTuple):
    """The lattices of a fractal.

    Parameters
    ----------
    first : int
        The coarsest has 2^first cells along each axis of a box.
    number : int
        How many there are, each twice as fine as the one before; those finer than the pixels are left out.
    persistence : float
        Weight of a lattice over that of the one before, >= 0.
    """

    first: int
    number: int
    persistence: float


def object_noise(labels: Labels, octaves: Octaves, rng: Rng) -> Image:
    """Draw a fractal for every object over its own bounding box, stretched to [0, 1] over its pixels.

    Each lattice carries independent uniform numbers, which cubic B-splines join; SIMCEP averages and interpolates them
    bicubically, which is much the same. A spline on a lattice is also one on the lattice twice as fine, so lattices
    are summed from coarse to fine and interpolated once.

    Parameters
    ----------
    labels : (S, [Z,] Y, X) uint16 array
        An object is what has one id in one plane.
    octaves : Octaves
        The lattices.
    rng : numpy.random.Generator
        The only source of chance.

    Returns
    -------
    (S, [Z,] Y, X) float32 array
        0 outside objects; 1/2 in an object that is too small to vary.

    References
    ----------
    .. [1] Lehmussola, A. et al. (2007). Computational framework for simulating fluorescence microscope images with
       cell populations. IEEE Transactions on Medical Imaging 26(7).
    """
    planes = labels.reshape(len(labels), *(1,) * (4 - labels.ndim), *labels.shape[1:])
    starts = rng.bit_generator.random_raw((len(labels), int(labels.max(initial=0))))
    noise = np.zeros(planes.shape, np.float32)
    ones = np.ones(starts.shape[1] + 1, np.float32)
    for plane in range(len(planes)):
        _paint(planes[plane : plane + 1], octaves, starts[plane : plane + 1], (ones, np.float32(0)), noise[plane])
    return noise.reshape(labels.shape)


def textured(labels: Labels, octaves: Octaves, levels: NDArray[np.float32], bias: float, rng: Rng) -> Image:
    """Paint objects with a brightness and a fractal each, as `object_noise` draws it; of overlapping ones, the mean.

    Parameters
    ----------
    labels : (S, [Z,] Y, X) uint16 array
        An object is what has one id in one plane.
    octaves : Octaves
        The lattices.
    levels : (N + 1,) float32 array
        Brightness by id.
    bias : float
        Brightness where the fractal is 0, over that where it is 1.
    rng : numpy.random.Generator
        The only source of chance.

    Returns
    -------
    ([Z,] Y, X) float32 array
        0 where there is no object.
    """
    planes = labels.reshape(len(labels), *(1,) * (4 - labels.ndim), *labels.shape[1:])
    starts = rng.bit_generator.random_raw((len(labels), len(levels) - 1))
    image = np.zeros(planes.shape[1:], np.float32)
    _paint(planes, octaves, starts, (levels, np.float32(bias)), image)
    if len(planes) > 1:
        _share(image.reshape(-1), planes.reshape(len(planes), -1))
    return image.reshape(labels.shape[1:])


def fractal_field(canvas: Canvas, scale: float, octaves: int, persistence: float, rng: Rng) -> Image:
    """Draw a fractal over a canvas.

    Parameters
    ----------
    canvas : Canvas
        Shape and spacing.
    scale : float
        Step of the coarsest lattice in µm, > 0; the lattices are shifted at random.
    octaves : int
        Number of lattices, each twice as fine as the one before; those finer than the pixels are left out.
    persistence : float
        Weight of a lattice over that of the one before, >= 0.
    rng : numpy.random.Generator
        The only source of chance.

    Returns
    -------
    ([Z,] Y, X) float32 array
        Of mean 1/2, in [0, 1]: the weights are scaled to sum to one.
    """
    shape, shift = lift(canvas.shape, 1.0).astype(np.int64), rng.random(3)
    steps = np.minimum(lift(canvas.spacing, scale) / scale, 1.0)
    cells = np.floor(shift + shape * steps).astype(np.int64) + 1
    cells[: 3 - canvas.ndim] = 0  # 2D has no lattice along z
    doublings = np.floor(1e-9 - np.log2(steps)).astype(np.int64)
    control, fine = _sum_lattices(
        cells, doublings, Octaves(0, octaves, persistence), rng.bit_generator.random_raw(1)[0]
    )
    for axis in (2, 1, 0):
        control = _interpolate(control, shape[axis], steps[axis] * fine[axis], shift[axis] * fine[axis])
    return np.asarray(control, np.float32).reshape(canvas.shape)


@kernel
def _paint(labels, octaves, starts, paint, image):  # type: ignore[no-untyped-def]
    """Add the painted objects of all planes to an image."""
    levels, bias = paint
    cells, doublings = np.zeros(3, np.int64), np.zeros(3, np.int64)
    for plane in range(labels.shape[0]):
        boxes = bounding_boxes(labels[plane], starts.shape[1])
        for i in range(boxes.shape[0]):
            if boxes[i, 0, 1] == 0:
                continue
            for axis in range(3):
                n = boxes[i, axis, 1] - boxes[i, axis, 0]
                cells[axis] = min(2**octaves.first, n) if n > 1 else 0
                doublings[axis] = int(math.log2(n // max(cells[axis], 1)))
            values, _ = _sum_lattices(cells, doublings, octaves, starts[plane, i])
            for axis in range(2, -1, -1):
                n = boxes[i, axis, 1] - boxes[i, axis, 0]
                values = _interpolate(values, n, (values.shape[2] - 3) / n, 0.0)
            _stretch(values, (labels[plane], boxes[i], i + 1), (levels[i + 1], bias), image)


@kernel
def _share(image, labels):  # type: ignore[no-untyped-def]
    """Divide the sum of objects at each pixel by their number."""
    covering = np.zeros(image.size, np.uint8)
    for plane in range(len(labels)):
        row = labels[plane]
        for i in range(image.size):
            covering[i] += np.uint8(row[i] > 0)
    for i in range(image.size):
        if covering[i] > 1:
            image[i] /= np.float32(covering[i])


@kernel
def _sum_lattices(cells, doublings, octaves, start):  # type: ignore[no-untyped-def]
    """Sum lattices from coarse to fine, up to `doublings` along each axis; an axis of no cells stays one node.

    Returns the nodes of the finest lattice, with what the spline needs beyond both ends, and how much finer it is.
    """
    z, y, x = cells
    control = np.zeros((z + 3 if z else 1, y + 3 if y else 1, x + 3 if x else 1), np.float32)
    count = min(octaves.number, max(doublings[0], doublings[1], doublings[2]) + 1)
    total, used, fine = 0.0, np.int64(0), np.ones(3, np.int64)
    for octave in range(count):
        total += octaves.persistence**octave
    for octave in range(count):
        for axis in range(2, -1 if octave else 2, -1):
            doubled = octave <= doublings[axis]
            control = _refine(control, doubled)
            fine[axis] *= 2 if doubled else 1
        _add_uniform(control.reshape(control.size), octaves.persistence**octave / total, start, used)
        used += control.size
    return control, fine


@kernel
def _add_uniform(values, weight, start, used):  # type: ignore[no-untyped-def]
    numbers = np.empty(values.size, np.int32)
    for j in range(values.size):
        numbers[j] = random_word(start, used + j) >> np.uint64(40)
    for j in range(values.size):
        values[j] += np.float32(weight * 2.0**-24) * (np.float32(numbers[j]) + np.float32(0.5))


@kernel
def _refine(control, doubled):  # type: ignore[no-untyped-def]
    """Write a spline on the lattice twice as fine along the last axis, and bring that axis to the front."""
    before, middle, nodes = control.shape
    lines = np.ascontiguousarray(control.reshape(before * middle, nodes).T)
    if nodes == 1 or not doubled:
        return lines.reshape(nodes, before, middle)
    finer = np.empty((2 * nodes - 3, before * middle), np.float32)
    for k in range(nodes - 1):
        left, right, target = lines[k], lines[k + 1], finer[2 * k]
        for j in range(target.size):
            target[j] = np.float32(1 / 2) * (left[j] + right[j])
    for k in range(1, nodes - 1):
        left, middle_one, right, target = lines[k - 1], lines[k], lines[k + 1], finer[2 * k - 1]
        for j in range(target.size):
            target[j] = np.float32(1 / 8) * (left[j] + right[j]) + np.float32(3 / 4) * middle_one[j]
    return finer.reshape(2 * nodes - 3, before, middle)


@kernel
def _interpolate(control, n, step, shift):  # type: ignore[no-untyped-def]
    """Evaluate n pixels along the last axis, and bring it to the front; after three turns all axes are in place.

    Pixels are `step` cells apart, the first half a step after `shift`.
    """
    before, middle, nodes = control.shape
    if nodes == 1:
        return control.reshape(1, before, middle)
    lines = np.ascontiguousarray(control.reshape(before * middle, nodes).T)
    values = np.empty((n, before * middle), np.float32)
    for i in range(n):
        at = (i + 0.5) * step + shift
        k = int(at)
        w0, w1, w2, w3 = cubic(at - k)
        s0, s1, s2, s3, target = lines[k], lines[k + 1], lines[k + 2], lines[k + 3], values[i]
        for j in range(target.size):
            target[j] = (
                np.float32(w0) * s0[j] + np.float32(w1) * s1[j] + np.float32(w2) * s2[j] + np.float32(w3) * s3[j]
            )
    return values.reshape(n, before, middle)


@kernel
def _stretch(values, of, paint, image):  # type: ignore[no-untyped-def]
    """Add one object to an image, its values stretched to their own range and painted."""
    (labels, box, name), (level, bias) = of, paint
    low, high = np.float32(np.inf), np.float32(-np.inf)
    for z in range(values.shape[0]):
        for y in range(values.shape[1]):
            row, inside = values[z, y], labels[box[0, 0] + z, box[1, 0] + y, box[2, 0] : box[2, 1]]
            for x in range(row.size):
                low = min(low, row[x] if inside[x] == name else np.float32(np.inf))
                high = max(high, row[x] if inside[x] == name else np.float32(-np.inf))
    varies = high > low
    scale = (np.float32(1) - bias) / (high - low) if varies else np.float32(0)
    least = bias if varies else np.float32(0.5) * (np.float32(1) + bias)
    for z in range(values.shape[0]):
        for y in range(values.shape[1]):
            row, inside = values[z, y], labels[box[0, 0] + z, box[1, 0] + y, box[2, 0] : box[2, 1]]
            target = image[box[0, 0] + z, box[1, 0] + y, box[2, 0] : box[2, 1]]
            for x in range(row.size):
                if inside[x] == name:
                    target[x] += level * ((row[x] - low) * scale + least)
