"""Real images of a study: which are held out, which few are known, and data sets of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cellsim.datasets import versions, writer
from cellsim.datasets.layout import Location, Spec, show
from cellsim.datasets.reader import Dataset
from cellsim.datasets.split import split_by_parent
from cellsim.errors import InputError
from cellsim.evaluate.comparison import spaced
from cellsim.evaluate.morphology import morphology
from cellsim.fitting.real import FEWEST_IMAGES, FEWEST_OBJECTS
from cellsim.sample import Sample
from cellsim.seeds import stream
from cellsim.study.design import AugmentDesign, digest_of

Indices = NDArray[np.int64]

GREY = "grey"  # channel of images that were made grey
REDRAWS = 100
SPLIT = 0  # seed of the split: the same in all studies of a data set


class Parts(NamedTuple):
    """Samples of a data set that share no parent.

    Parameters
    ----------
    known : tuple of int
        From which real images are drawn.
    test : tuple of int
        That are scored.
    """

    known: tuple[int, ...]
    test: tuple[int, ...]


def hold_out(dataset: Dataset, design: AugmentDesign) -> Parts:
    """Hold out the test parents, before anything else is done.

    Parameters
    ----------
    dataset : Dataset
        Real images.
    design : AugmentDesign
        Which share of the parents, how many images, and how many others there must be.

    Returns
    -------
    Parts
        The same for every seed. Samples without objects are in neither.

    Raises
    ------
    InputError
        If the samples are volumes, have no images or several structures, or there are too few.
    """
    where, spec = show(dataset.location), dataset.spec
    if len(spec.shape) != 2 or not spec.channels or len(spec.structures) != 1:
        raise InputError(
            f"{where}: a study needs 2D images with one label plane, got {len(spec.shape)}D, channels "
            f"{list(spec.channels)}, structures {list(spec.structures)}"
        )
    split = split_by_parent(dataset, design.test, (), SPLIT)
    objects = dataset.drawn["objects"]
    known, test = (tuple(i for i in part if objects[i] > 0) for part in split)
    if len(known) < design.sizes[-1] or not test:
        raise InputError(
            f"{where}: sizes must be at most the {len(known)} samples with objects that are left after {len(test)} "
            f"were held out, got {design.sizes[-1]}"
        )
    return Parts(known, tuple(test[i] for i in spaced(len(test), design.tested)))


def draw_few(dataset: Dataset, known: Sequence[int], size: int, seed: int) -> tuple[int, ...]:
    """Draw the few real images; a smaller size draws the first of them.

    The first two hold objects enough for a fit where the data set allows it: a draw without is drawn again, for all
    sources of synthetic samples alike.

    Parameters
    ----------
    dataset : Dataset
        Real images.
    known : sequence of int
        Samples that may be drawn.
    size : int
        How many.
    seed : int
        Of the draw.

    Returns
    -------
    tuple of int
        Samples; of as many parents as there are before a second of any.
    """
    rng = stream(seed, 0, "few")
    first = order = _by_parents(dataset, rng.permutation(np.asarray(known)))
    for _ in range(REDRAWS):
        if _can_be_fitted(dataset, order):
            return tuple(map(int, order[:size]))
        order = _by_parents(dataset, rng.permutation(np.asarray(known)))
    return tuple(map(int, first[:size]))


def _by_parents(dataset: Dataset, order: Indices) -> Indices:
    """Sort so that each parent has had its turn before a second sample of any."""
    parents = dataset.drawn["parent"][order] if dataset.spec.parents else order
    turns = [int((parents[:k] == parents[k]).sum()) for k in range(len(order))]
    return order[np.argsort(turns, kind="stable")]


def _can_be_fitted(dataset: Dataset, order: Indices) -> bool:
    few = dataset.batch([int(i) for i in order[:FEWEST_IMAGES]])
    whole = sum(int(morphology(sample.labels[0], sample.spacing).whole.sum()) for sample in few)
    return whole >= FEWEST_OBJECTS


def write_subset(dataset: Dataset, indices: Sequence[int], location: Location, *, grey: bool) -> Dataset:
    """Copy samples into a data set of their own, or open the one that is there.

    Parameters
    ----------
    dataset : Dataset
        From which.
    indices : sequence of int
        Which samples, in their order.
    location : str, Path or zarr store
        Where.
    grey : bool
        Whether channels are replaced by their mean.

    Returns
    -------
    Dataset
        Of the copies; the column "origin" says which sample each is of.

    Raises
    ------
    StoreError
        If something else is there, or it cannot be written.
    """
    spec = _spec_of(dataset, indices, grey)
    group = writer.create(location, spec, len(indices))
    for part in writer.missing(group, len(indices)):
        chosen = indices[part.start : part.stop]
        samples = [_plain(sample, grey) for sample in dataset.batch(chosen)]
        writer.write(group, location, part.start, samples, [{"origin": float(i)} for i in chosen])
    version = versions.seal(location, group, len(indices))
    return Dataset(location, version.name)


def _spec_of(dataset: Dataset, indices: Sequence[int], grey: bool) -> Spec:
    there = dataset.spec
    said = {"of": dataset.version.digest, "samples": [int(i) for i in indices], "grey": grey}
    return Spec(
        name=f"{there.name}-{len(indices)}",
        digest=digest_of(said),
        shape=there.shape,
        spacing=there.spacing,
        structures=there.structures,
        channels=(GREY,) if grey else there.channels,
        image=there.image,
        columns=("origin",),
    )


def _plain(sample: Sample, grey: bool) -> Sample:
    """Leave out records of objects, and colours if they are not wanted."""
    assert sample.image is not None
    image = sample.image.mean(axis=0, keepdims=True, dtype=np.float64).astype(np.float32) if grey else sample.image
    return Sample(sample.labels, sample.spacing, image, {}, sample.structures)
