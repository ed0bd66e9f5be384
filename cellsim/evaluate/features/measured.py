"""The features of a whole data set, taken in one pass over its samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellsim.datasets.reader import Dataset
from cellsim.errors import InputError
from cellsim.evaluate.features.base import Features, Floats, find_features
from cellsim.sample import Sample

BATCH = 32

DEFAULT = ("texture", "flow-texture", "morphology")
What = str | dict[str, Any] | Features
Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Measured:
    """Samples with their features.

    Parameters
    ----------
    samples : sequence of Sample
        A data set, or a list.
    parents : (N,) int64 array
        Equal where samples show the same field of view.
    vectors : dict of Features to (N, F) float64 array
        A row a sample.
    """

    samples: Sequence[Sample]
    parents: NDArray[np.int64]
    vectors: dict[Features, Floats]

    def __len__(self) -> int:
        return len(self.samples)


def measure(
    samples: Sequence[Sample] | Measured,
    features: Sequence[What] = DEFAULT,
    *,
    parents: Sequence[int] | NDArray[Any] | None = None,
    progress: Progress | None = None,
) -> Measured:
    """Take features of samples.

    Parameters
    ----------
    samples : sequence of Sample, or Measured
        A data set, or a list; what is measured already is not measured again.
    features : sequence of str, dict or Features
        Kinds such as "texture", mappings with fields as in YAML, or ready features. Features of images are left out
        if the samples have none.
    parents : (N,) ints, optional
        Equal for samples of one field of view. None for those that an ingested data set remembers; of other samples
        each is its own.
    progress : callable, optional
        Called with (samples finished, samples).

    Returns
    -------
    Measured
        With a vector a sample and features.

    Raises
    ------
    RecipeError
        If there are no such features, or a field of them is wrong.
    InputError
        If there are no samples, they are 3D, or they cannot be compared with each other.
    """
    known = dict(samples.vectors) if isinstance(samples, Measured) else {}
    bare = samples.samples if isinstance(samples, Measured) else samples
    if not len(bare):
        raise InputError("features need 1 sample or more, got none")
    wanted = [find_features(one) for one in features]
    wanted = [one for one in wanted if one.of == "masks" or _first(bare).image is not None]
    missing = [one for one in dict.fromkeys(wanted) if one not in known]
    rows: dict[Features, list[Floats]] = {one: [] for one in missing}
    finished = 0
    for batch in batches(bare) if missing else ():
        for one in missing:
            rows[one].append(one(batch))
        finished += len(batch)
        if progress:
            progress(finished, len(bare))
    known |= {one: np.concatenate(found) for one, found in rows.items()}
    return Measured(bare, _parents(samples, parents), {one: known[one] for one in wanted})


def batches(samples: Sequence[Sample]) -> Iterator[list[Sample]]:
    """Read samples, a few at once.

    Parameters
    ----------
    samples : sequence of Sample
        A data set, or a list.

    Yields
    ------
    list of Sample
        32 of them; the last has what is left.
    """
    for start in range(0, len(samples), BATCH):
        indices = range(start, min(start + BATCH, len(samples)))
        yield samples.batch(indices) if isinstance(samples, Dataset) else [samples[i] for i in indices]


def _first(samples: Sequence[Sample]) -> Sample:
    return samples[0]


def _parents(samples: Sequence[Sample] | Measured, given: Sequence[int] | NDArray[Any] | None) -> NDArray[np.int64]:
    if given is not None:
        found = np.asarray(given, np.int64)
        if found.shape != (len(samples),):
            raise InputError(f"parents must be {len(samples)} numbers, one a sample, got shape {found.shape}")
        return found
    if isinstance(samples, Measured):
        return samples.parents
    if isinstance(samples, Dataset) and samples.spec.parents:
        return samples.drawn["parent"].astype(np.int64)
    return np.arange(len(samples))
