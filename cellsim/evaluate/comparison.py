"""Two data sets, compared in all that is measured: objects, where they stand, what images look like, copies."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellsim.datasets.layout import Location, show
from cellsim.datasets.reader import Dataset, open_dataset
from cellsim.errors import InputError
from cellsim.evaluate.pairing import ComparedSet, Pair, pair, same_pixels
from cellsim.evaluate.records import Copies, Curve, Difference, Distance
from cellsim.sample import Sample

FEWEST = 2  # images of each set
FEWEST_OF_FEATURES = 8  # images of each set, for distances between their features
IN_UM = ("morphology",)  # features that do not depend on the size of a pixel

Progress = Callable[[str, int, int], None]  # what is being done, how much is done, of how much


@dataclass(frozen=True)
class CompareOptions:
    """How two data sets are compared.

    Parameters
    ----------
    images : int
        Of each set that are read at most, evenly over it.
    features : tuple of str or dict, optional
        Of images and masks that distances are taken in: kinds, or mappings with ``kind`` and its fields, such as the
        file of its weights; those that need no download if None.
    structure : str, optional
        The structure that is compared, or ``real=synthetic`` if the sets name it differently.
    channel : str, optional
        Likewise the channel; all that both have if None.

    Raises
    ------
    InputError
        If a value is not allowed.
    """

    images: int = 500
    features: tuple[str | dict[str, Any], ...] | None = None
    structure: str | None = None
    channel: str | None = None

    def __post_init__(self) -> None:
        if self.images < FEWEST:
            raise InputError(f"images must be >= {FEWEST}, got {self.images}")


@dataclass(frozen=True, eq=False)
class Comparison:
    """What was found in two data sets.

    Parameters
    ----------
    real, synthetic : ComparedSet
        What was compared, and where it comes from.
    objects : (int, int)
        Objects in the images compared, real and synthetic.
    differences : tuple of Difference
        The greatest effect first.
    curves : tuple of Curve
        Functions of distance.
    distances : tuple of Distance
        Between features of images and of masks.
    copies : tuple of Copies
        The nearest real samples of synthetic ones.
    notes : tuple of str
        What was not compared, and what to bear in mind; a sentence each.
    seconds : float
        That it took.
    cellsim : str
        The version that compared.
    """

    real: ComparedSet
    synthetic: ComparedSet
    objects: tuple[int, int]
    differences: tuple[Difference, ...]
    curves: tuple[Curve, ...]
    distances: tuple[Distance, ...]
    copies: tuple[Copies, ...]
    notes: tuple[str, ...]
    seconds: float
    cellsim: str


def compare(
    real: Location | Dataset,
    synthetic: Location | Dataset,
    options: CompareOptions | None = None,
    *,
    versions: tuple[str | None, str | None] = (None, None),
    progress: Progress | None = None,
) -> Comparison:
    """Compare a synthetic data set with a real one.

    Parameters
    ----------
    real, synthetic : str, Path, zarr store or Dataset
        Two data sets with the same number of axes.
    options : CompareOptions, optional
        How many images, which structure and channel, in which features.
    versions : (str or None, str or None)
        Of the real and of the synthetic set, the newest if None; not looked at for a `Dataset`.
    progress : callable, optional
        Called with what is being done, how much of it is done, and of how much.

    Returns
    -------
    Comparison
        Numbers for `cellsim.report.page.save_report`.

    Raises
    ------
    InputError
        If the two cannot be compared.
    StoreError
        If a data set, or its version, is not there.

    Examples
    --------
    >>> import cellsim
    >>> first = cellsim.make("epidermis", 4, "first.zarr", workers=1)
    >>> second = cellsim.make("epidermis", 4, "second.zarr", workers=1)
    >>> found = cellsim.compare("first.zarr", "second.zarr")
    >>> max(abs(difference.effect) for difference in found.differences)
    0.0
    """
    from cellsim import __version__

    options, started, tell = options or CompareOptions(), time.perf_counter(), progress or (lambda *_: None)
    opened = [_opened(where, version) for where, version in zip((real, synthetic), versions, strict=True)]
    common = pair(opened[0], opened[1], options.structure, options.channel)
    sets = [_compared(dataset, common, side, options.images) for side, dataset in enumerate(opened)]
    samples = [
        each.read(range(len(each)), lambda n, name=name, each=each: tell(f"reading {name} images", n, len(each)))  # type: ignore[misc]
        for name, each in zip(("real", "synthetic"), sets, strict=True)
    ]
    counts = [sum(sample.count for sample in some) for some in samples]
    if not all(counts):
        raise InputError(f"there is nothing to compare: {counts[0]} real and {counts[1]} synthetic objects")
    differing, shapes = _objects(samples, tell)
    far, near, silent = _features(samples, sets, options, tell)
    return Comparison(
        real=sets[0],
        synthetic=sets[1],
        objects=(counts[0], counts[1]),
        differences=differing,
        curves=shapes,
        distances=far,
        copies=near,
        notes=(*common.notes, *silent),
        seconds=time.perf_counter() - started,
        cellsim=__version__,
    )


def _objects(samples: list[list[Sample]], tell: Progress) -> tuple[tuple[Difference, ...], tuple[Curve, ...]]:
    """Compare objects, and where they stand."""
    from cellsim.evaluate.curves import curves
    from cellsim.evaluate.differences import differences
    from cellsim.evaluate.measured import Measured, measure

    real: list[Measured] = []
    synthetic: list[Measured] = []
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:  # kernels and filters leave the lock of Python
        for name, some, found in zip(("real", "synthetic"), samples, (real, synthetic), strict=True):
            for measured in pool.map(measure, some):
                found.append(measured)
                tell(f"measuring {name} objects", len(found), len(some))
    tell("comparing objects", 0, 1)
    return differences(real, synthetic), curves(real, synthetic)


def _features(
    samples: list[list[Sample]], sets: list[ComparedSet], options: CompareOptions, tell: Progress
) -> tuple[tuple[Distance, ...], tuple[Copies, ...], list[str]]:
    """Compare features of whole images and masks; or say why not."""
    from cellsim.evaluate.copies import copies
    from cellsim.evaluate.distances import distances
    from cellsim.evaluate.features.measured import DEFAULT, measure

    if reason := _reason(sets):
        return (), (), [f"Distances between features, and copies, are left out: {reason}."]
    wanted = DEFAULT if options.features is None else options.features
    if not same_pixels(sets[0].spacing, sets[1].spacing):
        wanted = tuple(name for name in wanted if name in IN_UM)
    real, synthetic = (
        measure(some, wanted, parents=each.parents, progress=partial(tell, f"taking features of {name} images"))
        for name, some, each in zip(("real", "synthetic"), samples, sets, strict=True)
    )
    tell("comparing features", 0, 1)
    return distances(real, synthetic, wanted), copies(real, synthetic), []


def _reason(sets: list[ComparedSet]) -> str:
    if len(sets[0].shape) != 2:
        return "they are known for 2D images only"
    fewest = min(len(each) for each in sets)
    return f"they need {FEWEST_OF_FEATURES} images of each set, got {fewest}" if fewest < FEWEST_OF_FEATURES else ""


def spaced(n: int, most: int) -> NDArray[np.int64]:
    """Choose indices evenly over a data set.

    Parameters
    ----------
    n : int
        Number of samples.
    most : int
        How many are wanted at most.

    Returns
    -------
    (min(n, most),) int64 array
        Ascending.
    """
    return np.unique(np.linspace(0, n - 1, min(n, most)).round().astype(np.int64))


def _opened(where: Location | Dataset, version: str | None) -> Dataset:
    return where if isinstance(where, Dataset) else open_dataset(where, version)


def _compared(dataset: Dataset, common: Pair, side: int, most: int) -> ComparedSet:
    if len(dataset) < FEWEST:
        raise InputError(f"{show(dataset.location)}: a comparison needs {FEWEST} images or more, got {len(dataset)}")
    indices, drawn = spaced(len(dataset), most), dataset.drawn
    return ComparedSet(
        location=dataset.location,
        name=dataset.spec.name,
        version=dataset.version.name,
        digest=dataset.version.digest,
        samples=len(dataset),
        indices=indices,
        parents=drawn["parent"][indices].astype(np.int64) if "parent" in drawn else None,
        structure=common.structures[side],
        channels=common.channels[side],
        shape=common.shape,
        spacing=dataset.spec.spacing,
        source=dataset.spec.digest,
        recipe=dataset.spec.recipe,
        created_by=str(dataset.group.attrs.get("created_by", "")),
    )
