"""Splitting a data set into parts that share no field of view."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from hashlib import blake2b
from typing import NamedTuple

import numpy as np

from cellsim.datasets.layout import show
from cellsim.datasets.reader import Dataset
from cellsim.errors import InputError
from cellsim.seeds import stream

PARTS = ("train", "val", "test")
ROUNDING = 1e-9  # by which shares may miss 1


class Split(NamedTuple):
    """Samples for training and for validation.

    Parameters
    ----------
    train, validation : tuple of int
        Indices of samples, ascending.
    """

    train: tuple[int, ...]
    validation: tuple[int, ...]


def split_by_parent(
    dataset: Dataset, validation: float | Sequence[str], held_out: Sequence[str] = (), seed: int = 0
) -> Split:
    """Split samples so that those of one parent stay together.

    The parent of an ingested sample is the field of view that it is cut from; a synthetic sample is its own.

    Parameters
    ----------
    dataset : Dataset
        To be split.
    validation : float or sequence of str
        Share of the parents, drawn at random, at least one if it is > 0; or patterns of their names, such as
        ``"val/*"``.
    held_out : sequence of str
        Patterns of the names of parents that are in neither part.
    seed : int
        Of the draw.

    Returns
    -------
    Split
        Training is never empty; validation is if `validation` is 0 or names none.

    Raises
    ------
    InputError
        If nothing is left for training, a pattern fits no parent, or there is one parent and it cannot be split.
    """
    of_sample, names = _parents(dataset)
    left = np.ones(len(names), bool)
    left[_named(dataset, held_out, names)] = False
    chosen = np.zeros(len(names), bool)
    if isinstance(validation, float | int):
        free = np.flatnonzero(left)
        count = max(1, round(validation * len(free))) if validation > 0 else 0
        chosen[stream(seed, 0, "validation").permutation(free)[:count]] = True
    else:
        chosen[_named(dataset, validation, names)] = True
    train = tuple(map(int, np.flatnonzero((left & ~chosen)[of_sample])))
    if not train:
        raise InputError(
            f"{show(dataset.location)}: nothing is left for training; it has {len(names)} parents, of which "
            f"{int(chosen.sum())} are for validation and {int((~left).sum())} are held out"
        )
    return Split(train, tuple(map(int, np.flatnonzero((left & chosen)[of_sample]))))


def _parents(dataset: Dataset) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], list[str]]:
    """Return the parent of each sample as a number, and the names of the parents."""
    if not dataset.spec.parents:
        return np.arange(len(dataset)), [str(i) for i in range(len(dataset))]
    return dataset.drawn["parent"].astype(np.int64), list(dataset.spec.parents)


def _named(dataset: Dataset, patterns: Sequence[str], names: Sequence[str]) -> list[int]:
    found: list[int] = []
    for pattern in patterns:
        fits = [i for i, name in enumerate(names) if fnmatchcase(name, pattern)]
        if not fits:
            raise InputError(
                f"{show(dataset.location)}: no parent is called '{pattern}', they are called "
                f"{', '.join(repr(name) for name in names[:3])}{', ...' if len(names) > 3 else ''}"
            )
        found += fits
    return found


def parts_by_address(dataset: Dataset, shares: Sequence[float]) -> list[str]:
    """Assign each sample to a part by its address alone, so that no other sample can move it.

    The address of an ingested sample is the name of its parent, that of a synthetic one the digest of its recipe and
    its index. A hash of it is a number in [0, 1), and `shares` cut that range. So a larger data set splits like the
    smaller one within it, tiles of one field stay together, and shares hold on average only: few parents may leave a
    part empty.

    Parameters
    ----------
    dataset : Dataset
        To be split.
    shares : sequence of float
        Of train and val, or of train, val and test, adding up to 1; of train alone, [1].

    Returns
    -------
    list of str
        For each sample "train", "val" or "test".

    Raises
    ------
    InputError
        If the shares are not one to three numbers >= 0 that add up to 1.
    """
    if not 1 <= len(shares) <= len(PARTS) or not all(s >= 0 for s in shares) or abs(sum(shares) - 1) > ROUNDING:
        raise InputError(
            "a split must be one to three shares >= 0 that add up to 1, such as 0.8/0.1/0.1, "
            f"got {'/'.join(f'{share:g}' for share in shares)}"
        )
    of_sample, names = _parents(dataset)
    if not dataset.spec.parents:
        names = [f"{dataset.spec.digest}/{i}" for i in range(len(names))]
    ends = np.cumsum(shares)[:-1]
    part = [PARTS[int(np.searchsorted(ends, _place(name), side="right"))] for name in names]
    return [part[i] for i in of_sample]


def _place(address: str) -> float:
    """Hash an address to a number in [0, 1)."""
    return int.from_bytes(blake2b(address.encode(), digest_size=6).digest()) / 2**48
