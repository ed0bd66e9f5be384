"""Splitting a data set into parts that share no field of view."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cellsim.datasets.layout import show
from cellsim.datasets.reader import Dataset
from cellsim.errors import InputError
from cellsim.seeds import stream

PARTS = ("train", "val", "test")
ROUNDING = 1e-9  # by which shares may miss 1

Indices = NDArray[np.int64]


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

    The parent of an ingested sample is the field of view that it is cut from; a synthetic sample is its own. The draw
    depends on how many parents there are: for parts that no other sample can move, see `parts_by_address`. A curated
    version is drawn like the one that it was curated from.

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
    of_sample, names = named_parents(dataset)
    left = np.ones(len(names), bool)
    left[_named(dataset, held_out, names)] = False
    chosen = np.zeros(len(names), bool)
    if isinstance(validation, float | int):
        free = np.flatnonzero(left)
        count = max(1, round(validation * len(free))) if validation > 0 else 0
        order = stream(seed, 0, "validation").permutation(free)
        chosen[_drawn(order, count, of_sample)] = True
    else:
        chosen[_named(dataset, validation, names)] = True
    train = tuple(map(int, np.flatnonzero((left & ~chosen)[of_sample])))
    if not train:
        raise InputError(
            f"{show(dataset.location)}: nothing is left for training; it has {len(names)} parents, of which "
            f"{int(chosen.sum())} are for validation and {int((~left).sum())} are held out"
        )
    return Split(train, tuple(map(int, np.flatnonzero((left & chosen)[of_sample]))))


def _drawn(order: Indices, count: int, of_sample: Indices) -> Indices:
    """Take the first parents; if curation has left none of them a sample, the first that has one."""
    there = np.isin(order, of_sample)
    return order[:count] if there[:count].any() else order[there][: min(count, 1)]


def named_parents(dataset: Dataset) -> tuple[Indices, list[str]]:
    """Return the parent of each sample as a number, and the names of the parents.

    A curated version has the parents of the version that it was curated from, also those it has no sample of: the same
    draw parts both in the same way.

    Parameters
    ----------
    dataset : Dataset
        A version of a data set.

    Returns
    -------
    of_sample : (N,) int64 array
        Parent of each sample.
    names : list of str
        Of the fields of view; of synthetic samples, their indices in the version that is not curated.
    """
    if dataset.spec.parents:
        return dataset.drawn["parent"].astype(np.int64), list(dataset.spec.parents)
    return dataset.positions, [str(i) for i in range(dataset.samples_before_curation)]


def addresses(dataset: Dataset) -> tuple[Indices, list[str]]:
    """Say where samples come from, whichever version or mixture they are met in.

    Parameters
    ----------
    dataset : Dataset
        A version of a data set.

    Returns
    -------
    of_sample : (N,) int64 array
        Parent of each sample.
    digests : list of str
        Of the address of each parent, 12 hexadecimal digits: the address is the name of a field of view; of a synthetic
        sample, the digest of its recipe and its index there.
    """
    of_sample, names = named_parents(dataset)
    known = dataset.group.attrs.get("addresses")  # of a mixture, which has them from its sources
    if known is not None:
        return of_sample, [str(one) for one in known]  # type: ignore[union-attr]
    if not dataset.spec.parents:
        names = [f"{dataset.spec.digest}/{name}" for name in names]
    return of_sample, [blake2b(name.encode(), digest_size=6).hexdigest() for name in names]


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
    smaller one within it, a curated version and a mixture like the sets that their samples come from, tiles of one
    field stay together, and shares hold on average only: few parents may leave a part empty.

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
    of_sample, digests = addresses(dataset)
    ends = np.cumsum(shares)[:-1]
    part = [PARTS[int(np.searchsorted(ends, int(one, 16) / 2**48, side="right"))] for one in digests]
    return [part[i] for i in of_sample]
