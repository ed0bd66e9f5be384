"""Score a segmentation: every measure of every image, and what they are together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellsim.errors import InputError
from cellsim.evaluate.centres import CentreScores, centre_scores, centres_of, region_scores
from cellsim.evaluate.instances import DSB, InstanceScores, dsb2018, instance_scores
from cellsim.evaluate.match import overlaps
from cellsim.evaluate.overlap import PixelScores, aggregated_jaccard, pixel_scores
from cellsim.evaluate.pairs import Annotations, Pair, Source, find_annotations, match_images, match_structures, pairs

LabelImage = NDArray[Any]
Progress = Callable[[int, int], None]  # images scored, images


@dataclass(frozen=True)
class ImageScores:
    """The scores of one structure in one image.

    Parameters
    ----------
    name : str
        Of the image.
    structure : str
        Of the objects.
    truth, found : int
        Numbers of objects.
    instances : tuple of InstanceScores
        One a threshold; empty if the truth is points.
    dsb : float
        Mean TP / (TP + FP + FN) over IoU 0.5 to 0.9; nan if the truth is points.
    panoptic : InstanceScores or None
        At the IoU 0.5.
    jaccard : float
        Aggregated Jaccard index by Kumar; nan if the truth is points.
    pixels : PixelScores or None
        Of the class.
    centres : CentreScores or None
        Centres of mass of both within a distance, if one was given.
    regions : CentreScores or None
        True points, or centres of mass, in found regions or within the distance of them: d-accuracy.
    """

    name: str
    structure: str
    truth: int
    found: int
    instances: tuple[InstanceScores, ...]
    dsb: float
    panoptic: InstanceScores | None
    jaccard: float
    pixels: PixelScores | None
    centres: CentreScores | None
    regions: CentreScores | None


@dataclass(frozen=True)
class Scores:
    """The scores of all images.

    Parameters
    ----------
    images : tuple of ImageScores
        One for each image and structure.
    thresholds : tuple of float
        Of IoU.
    """

    images: tuple[ImageScores, ...]
    thresholds: tuple[float, ...]

    @property
    def structures(self) -> tuple[str, ...]:
        """What was scored."""
        return tuple(dict.fromkeys(image.structure for image in self.images))

    def of(self, structure: str) -> Scores:
        """Select one structure.

        Parameters
        ----------
        structure : str
            Such as "nuclei".

        Returns
        -------
        Scores
            Of its images.
        """
        return Scores(tuple(image for image in self.images if image.structure == structure), self.thresholds)

    def at(self, threshold: float) -> list[InstanceScores]:
        """Select one threshold, for `counts.macro` and `counts.pooled`.

        Parameters
        ----------
        threshold : float
            Of IoU, one of `thresholds`.

        Returns
        -------
        list of InstanceScores
            One for each image and structure.

        Raises
        ------
        InputError
            If that threshold was not scored.
        """
        near = [k for k, known in enumerate(self.thresholds) if abs(known - threshold) < 1e-6]
        if not near:
            raise InputError(
                f"a threshold must be one of {', '.join(f'{t:g}' for t in self.thresholds)}, got {threshold}"
            )
        return [image.instances[near[0]] for image in self.images if image.instances]


def score(
    truth: Source,
    found: Source,
    *,
    structure: str | None = None,
    thresholds: Sequence[float] = DSB,
    distance: float | None = None,
    progress: Progress | None = None,
) -> Scores:
    """Score found annotations against true ones.

    Parameters
    ----------
    truth : Dataset, str, Path, array or sequence of arrays
        A data set, or its path or URL; a folder of label images, or one (PNG, TIFF, NPY); a label image, or a list of
        them. Or a folder of CSV files of points, in rows ([plane,] row, column) in pixels.
    found : Dataset, str, Path, array or sequence of arrays
        The same, without points. Files are matched by their stems, or with a data set by the number their names end in;
        all else by its order.
    structure : str, optional
        The only one that is scored, such as "nuclei" or "nuclei-visible"; all if None. Objects that overlap in several
        planes are scored whole.
    thresholds : sequence of float
        Least IoU of a hit, each > 0 and at most 1.
    distance : float, optional
        Greatest distance of centres in µm, in pixels if no data set says how large they are. None scores no centres,
        but is 0 if the truth is points.
    progress : callable, optional
        Called with (images scored, images).

    Returns
    -------
    Scores
        Of each image and structure.

    Raises
    ------
    InputError
        If images, structures, shapes or types do not fit.
    StoreError
        If a data set is missing or damaged.

    Examples
    --------
    >>> import numpy as np, cellsim
    >>> truth = np.zeros((8, 8), np.uint16)
    >>> truth[:4, :4] = 1
    >>> found = np.roll(truth, 1, axis=1)
    >>> cellsim.score(truth, found, thresholds=[0.5, 0.75]).images[0].panoptic.mean_iou
    0.6
    """
    one, other = find_annotations(truth, points=True), find_annotations(found)
    total = len(match_images(one, other)) * len(match_structures(one, other, structure))
    spacing = one.spacing or other.spacing
    if one.points and distance is None:
        distance = 0.0
    scores = []
    for done, pair in enumerate(pairs(one, other, structure), 1):
        scores.append(_scored(pair, one, tuple(thresholds), distance, spacing))
        if progress:
            progress(done, total)
    return Scores(tuple(scores), tuple(thresholds))


def _scored(
    pair: Pair,
    side: Annotations,
    thresholds: tuple[float, ...],
    distance: float | None,
    spacing: tuple[float, ...] | None,
) -> ImageScores:
    try:
        step = (1.0,) * (pair.found.ndim - 1) if spacing is None else spacing
        if side.points:
            return _of_points(pair, distance or 0.0, step)
        return _of_labels(pair, thresholds, distance, step)
    except InputError as error:
        raise InputError(f"image '{pair.name}': {error}") from None


def _of_points(pair: Pair, distance: float, step: tuple[float, ...]) -> ImageScores:
    points = pair.truth if pair.truth.size else np.zeros((0, len(step)))
    if points.shape[1] != len(step):
        raise InputError(f"points of {points.shape[1]} axes cannot lie in an image of {len(step)}")
    regions = region_scores(points * step, pair.found, distance, step, planes=True)
    found = regions.tp + regions.fp
    return ImageScores(pair.name, pair.structure, len(pair.truth), found, (), np.nan, None, np.nan, None, None, regions)


def _of_labels(
    pair: Pair, thresholds: tuple[float, ...], distance: float | None, step: tuple[float, ...]
) -> ImageScores:
    shared = overlaps(pair.truth, pair.found, planes=True)
    centres = regions = None
    if distance is not None:
        true, seen = (centres_of(planes, step, planes=True) for planes in (pair.truth, pair.found))
        centres = centre_scores(true, seen, distance)
        regions = region_scores(true, pair.found, distance, step, planes=True)
    return ImageScores(
        pair.name,
        pair.structure,
        len(shared.truth_ids),
        len(shared.found_ids),
        instance_scores(shared, thresholds),
        dsb2018(shared),
        instance_scores(shared, [0.5])[0],
        aggregated_jaccard(shared),
        pixel_scores(pair.truth.any(axis=0), pair.found.any(axis=0)),
        centres,
        regions,
    )
