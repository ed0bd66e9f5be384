"""Features of masks that have names: numbers, sizes and forms of the objects, and how they stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from cellsim.evaluate.features.base import Compared, Features, Floats, seen_labels
from cellsim.evaluate.morphology import Morphology, morphology, whole_weights
from cellsim.evaluate.spatial import nearest_neighbours
from cellsim.evaluate.summary import spread
from cellsim.masks.relabel import consecutive
from cellsim.sample import Labels, Sample

QUANTILES = (0.1, 0.5, 0.9)
NONE = 0.5  # objects, for the logarithm, where there are none
FEATURES = 17


class Forms(Features):
    """Numbers, sizes and forms of the objects of an image, and how they stand.

    Of each structure: the number of objects for an area, and the share of it that they cover; of radius, elongation and
    roughness of whole objects, weighted against the loss of large ones at the border, quantiles, mean and spread; the
    distance to the nearest other object in mean radii; the share that touch another, and that the border cuts.
    """

    kind: Literal["morphology"] = "morphology"
    version: Literal[1] = 1

    @property
    def title(self) -> str:
        """For people."""
        return "morphology"

    @property
    def of(self) -> Compared:
        """Of masks."""
        return "masks"

    def __call__(self, samples: Sequence[Sample]) -> Floats:
        """Describe masks.

        Parameters
        ----------
        samples : sequence of Sample
            2D, with the same number S of structures and the same spacing.

        Returns
        -------
        (N, F) float64 array
            F is 17 S; sizes and forms are nan where there are no whole objects.

        Raises
        ------
        InputError
            If a sample is 3D.
        """
        rows = [
            [value for plane in seen_labels(sample) for value in _described(plane, sample.spacing)]
            for sample in samples
        ]
        return np.array(rows, np.float64)


def _described(labels: Labels, spacing: tuple[float, ...]) -> list[float]:
    forms = morphology(consecutive(labels)[0], spacing)
    size = tuple(n * step for n, step in zip(labels.shape, spacing, strict=True))
    found = [np.log(max(len(forms), NONE) / float(np.prod(size))), float((labels > 0).mean())]
    if not len(forms):
        return found + [np.nan] * (FEATURES - len(found))
    return found + _of_objects(forms, size) + _of_places(forms, size)


def _of_objects(forms: Morphology, size: tuple[float, ...]) -> list[float]:
    weight = whole_weights(forms, size)
    found: list[float] = []
    for values in (np.log(forms.radius), np.log(forms.elongation)):
        found += [*_quantiles(values, weight), spread(values, weight)]
    found += [_mean(forms.roughness, weight), spread(forms.roughness, weight)]
    return [*found, float(forms.touching.mean()), float(forms.whole.mean())]


def _of_places(forms: Morphology, size: tuple[float, ...]) -> list[float]:
    """Logarithms of mean and spread of the distance to the nearest neighbour, in mean radii."""
    if len(forms) < 3:
        return [np.nan] * 3
    distance, weight = nearest_neighbours(forms.centre, size)
    values = np.log(distance / forms.radius.mean())
    return [_mean(values, weight), spread(values, weight), float(values.min())]


def _mean(values: Floats, weight: Floats) -> float:
    used = ~np.isnan(values) & (weight > 0)
    return float(np.average(values[used], weights=weight[used])) if used.any() else np.nan


def _quantiles(values: Floats, weight: Floats) -> list[float]:
    used = ~np.isnan(values) & (weight > 0)
    if not used.any():
        return [np.nan] * len(QUANTILES)
    order = np.argsort(values[used])
    ordered, share = values[used][order], np.cumsum(weight[used][order]) / weight[used].sum()
    places = np.minimum(np.searchsorted(share, QUANTILES), len(order) - 1)
    return [float(value) for value in ordered[places]]
