"""Run lengths of objects as COCO compresses them; the inverse is `cellsim.datasets.ingest.coco.decode_counts`."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cellsim.kernel import kernel
from cellsim.sample import Labels


class RunLengths(NamedTuple):
    """The pixels of an object.

    Parameters
    ----------
    area : int
        Number of pixels.
    text : str
        Compressed lengths of runs down the columns, outside and inside in turn.
    """

    area: int
    text: str


def run_lengths(labels: Labels) -> list[RunLengths]:
    """Encode all objects of a label image.

    Parameters
    ----------
    labels : (Y, X) uint16 array
        0 is background.

    Returns
    -------
    list of RunLengths
        Of the object with id k + 1.
    """
    flat = labels.ravel(order="F")
    edges = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    begin = np.concatenate([[0], edges]) if flat.size else edges
    length, ids = np.diff(begin, append=flat.size), flat[begin]
    inside = np.flatnonzero(ids)
    order = inside[np.argsort(ids[inside], kind="stable")]
    n = int(labels.max(initial=0))
    first = np.searchsorted(ids[order], np.arange(1, n + 2))
    found = []
    for low, high in itertools.pairwise(first):
        runs = order[low:high]
        counts = _counts(begin[runs], length[runs], flat.size)
        found.append(RunLengths(int(length[runs].sum()), encode_counts(counts)))
    return found


def _counts(begin: NDArray[np.int64], length: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Turn the runs inside an object into lengths outside and inside in turn."""
    counts = np.empty(2 * len(begin) + 1, np.int64)
    ends = begin + length
    counts[0:-1:2] = begin - np.concatenate([[0], ends[:-1]])
    counts[1::2] = length
    counts[-1] = size - (ends[-1] if len(ends) else 0)
    return counts if counts[-1] else counts[:-1]


def encode_counts(counts: NDArray[np.int64]) -> str:
    """Compress run lengths: five bits a character, and from the fourth number on differences to two before.

    Parameters
    ----------
    counts : (K,) int64 array
        Lengths of runs.

    Returns
    -------
    str
        Characters from "0" to "o".
    """
    text = np.empty(14 * len(counts), np.uint8)
    return text[: _encode(counts, text)].tobytes().decode("ascii")


@kernel
def _encode(counts, text):  # type: ignore[no-untyped-def]
    n = 0
    for k in range(len(counts)):
        left = counts[k] - (counts[k - 2] if k > 2 else 0)
        more = True
        while more:
            bits = left & 31
            left >>= 5
            more = left != (-1 if bits & 16 else 0)
            text[n] = 48 + (bits | 32 if more else bits)
            n += 1
    return n
