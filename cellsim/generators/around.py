"""Directions that lie about given ones, such as those of a field."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray

from cellsim.seeds import Rng

FIELD = 1  # name of the stream that fields of direction are drawn from


def around(field: NDArray[np.float64] | None, spread: float, shape: tuple[int, int], rng: Rng) -> NDArray[np.float64]:
    """Draw directions whose angle to a given one is normal; isotropic where none is given.

    Parameters
    ----------
    field : (N, D) float64 array, optional
        Given directions, of any length; 0 for none.
    spread : float
        Standard deviation of the angle, in degrees.
    shape : (N, D)
        Of the result.
    rng : numpy.random.Generator
        The only source of chance.

    Returns
    -------
    (N, D) float64 array
        Of any length.
    """
    free = rng.standard_normal(shape)
    if field is None:
        return free
    length = np.linalg.norm(field, axis=1, keepdims=True)
    unit = np.divide(field, length, out=np.zeros_like(field), where=length > 0)
    across = free - (free * unit).sum(axis=1, keepdims=True) * unit
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    angle = np.radians(spread) * rng.standard_normal((len(free), 1))
    return np.where(length > 0, np.cos(angle) * unit + np.sin(angle) * across, free)


def stream_of_fields(rng: Rng) -> Rng:
    """Return a stream that is the same in every call for one sample, so that batches of objects follow one field.

    Parameters
    ----------
    rng : numpy.random.Generator
        Of a sample; nothing is drawn from it.

    Returns
    -------
    numpy.random.Generator
        At its start.
    """
    seed = cast("np.random.SeedSequence", rng.bit_generator.seed_seq)
    return np.random.default_rng(np.random.SeedSequence(seed.entropy, spawn_key=(*seed.spawn_key, FIELD)))
