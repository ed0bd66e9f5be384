"""Fibrous fields: noise drawn out along wavy lines, as collagen lies in connective tissue."""

from __future__ import annotations

import math

import numpy as np

from cellsim.kernel import kernel
from cellsim.sample import Canvas, Image
from cellsim.seeds import Rng
from cellsim.translators.optics.bits import random_words
from cellsim.translators.optics.field import smooth_field

LENGTH = 12.0  # of a fibre, in widths
BEND = 20.0  # distance over which fibres change direction, in widths; they also crimp, over a fifth of that
WAVE, CRIMP = 0.4, 0.05  # how far fibres are moved aside, in bends
OCTAVES = 3  # strands in fibres, half as wide and a quarter as long each time
PERSISTENCE = 0.8
PERIOD = 256  # nodes after which the lattice repeats, a power of two; bent lines do not meet themselves


def fibrous_field(canvas: Canvas, width: float, rng: Rng) -> Image:
    """Draw value noise on lattices that are drawn out along one random direction, and bent.

    Parameters
    ----------
    canvas : Canvas
        2D.
    width : float
        Distance of neighbouring fibres in µm, > 0.
    rng : numpy.random.Generator
        The only source of chance.

    Returns
    -------
    (Y, X) float32 array
        Of mean 1/2, in [0, 1].
    """
    angle, bend = rng.uniform(0, math.pi), BEND * width
    y, x = ((np.arange(n) + 0.5) * step for n, step in zip(canvas.shape, canvas.spacing, strict=True))
    across = np.add.outer(math.cos(angle) * y, math.sin(angle) * x).astype(np.float32)
    along = np.add.outer(-math.sin(angle) * y, math.cos(angle) * x).astype(np.float32)
    across += np.float32(WAVE * bend) * smooth_field(canvas, bend, rng)
    across += np.float32(CRIMP * bend) * smooth_field(canvas, bend / 5, rng)
    field, total = np.zeros(canvas.shape, np.float32), 0.0
    for octave in range(OCTAVES):
        numbers = random_words(PERIOD * PERIOD, rng).astype(np.float32).reshape(PERIOD, PERIOD) * np.float32(2.0**-32)
        steps = np.array([width / 2**octave, LENGTH * width / 4**octave], np.float32)
        weight = PERSISTENCE**octave
        _add_value_noise(field, across / steps[0], along / steps[1], np.pad(numbers * weight, (0, 1), mode="wrap"))
        total += weight
    return np.asarray(field / np.float32(total))


@kernel
def _add_value_noise(field, v, u, numbers):  # type: ignore[no-untyped-def]
    """Add numbers on a periodic lattice, smoothly interpolated between four nodes."""
    columns, pitch, flat = field.shape[1], numbers.shape[1], numbers.ravel()
    place, s, t = np.empty(columns, np.int32), np.empty(columns, np.float32), np.empty(columns, np.float32)
    for y in range(field.shape[0]):
        row, across, along = field[y], v[y], u[y]
        for x in range(columns):
            i, k = np.floor(across[x]), np.floor(along[x])
            s[x], t[x] = across[x] - i, along[x] - k
            s[x], t[x] = s[x] * s[x] * (np.float32(3) - 2 * s[x]), t[x] * t[x] * (np.float32(3) - 2 * t[x])
            place[x] = (np.int32(i) & np.int32(PERIOD - 1)) * np.int32(pitch) + (np.int32(k) & np.int32(PERIOD - 1))
        for x in range(columns):  # lattice numbers are far apart: a loop of its own
            above, below = np.uint32(place[x]), np.uint32(place[x] + np.int32(pitch))
            left = flat[above] + s[x] * (flat[below] - flat[above])
            right = flat[above + np.uint32(1)] + s[x] * (flat[below + np.uint32(1)] - flat[above + np.uint32(1)])
            row[x] += left + t[x] * (right - left)
