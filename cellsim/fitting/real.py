"""The real images that a recipe is fitted to: which are read, what is measured in them, what is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cellsim.datasets.layout import show
from cellsim.datasets.reader import Dataset
from cellsim.errors import InputError
from cellsim.evaluate.comparison import spaced
from cellsim.evaluate.intensity import intensity
from cellsim.evaluate.morphology import Floats, Morphology, morphology
from cellsim.evaluate.spatial import ripley_k
from cellsim.evaluate.summary import Table, grey, tabulate
from cellsim.sample import Canvas, Sample

FEWEST_IMAGES, FEWEST_OBJECTS = 2, 10
NEIGHBOURS = 4.0  # radii within which objects count as neighbours
RADII = 16  # of the K function


@dataclass(frozen=True, eq=False)
class Real:
    """Real images, measured.

    Parameters
    ----------
    samples : list of Sample
        Those that were read; images are one plane of grey levels.
    table : dict
        Their statistics.
    reach : float
        Distance in µm within which objects are neighbours.
    inverted : bool
        Objects are darker than the background.
    radii : (R,) float64 array
        In µm, from where objects no longer keep each other away.
    k : (R,) float64 array
        Ripley's K there, over all images.
    """

    samples: list[Sample]
    table: Table
    reach: float
    inverted: bool
    radii: Floats
    k: Floats

    @property
    def canvas(self) -> Canvas:
        """Of all images."""
        return self.samples[0].canvas


def read_real(dataset: Dataset, most: int) -> Real:
    """Read and measure annotated images.

    Parameters
    ----------
    dataset : Dataset
        2D, with one label plane.
    most : int
        Images that are read at most, evenly over the data set.

    Returns
    -------
    Real
        Measured.

    Raises
    ------
    InputError
        If the images are 3D, have several label planes, or there are too few images or objects.
    """
    where, spec = show(dataset.location), dataset.spec
    if len(spec.shape) != 2:
        raise InputError(f"{where}: a recipe is fitted to 2D images, got a canvas of {len(spec.shape)} axes")
    if len(spec.structures) != 1:
        raise InputError(f"{where}: a recipe is fitted to one label plane, got {', '.join(spec.structures)}")
    if len(dataset) < FEWEST_IMAGES:
        raise InputError(f"{where}: a fit needs {FEWEST_IMAGES} images or more, got {len(dataset)}")
    samples = [_in_grey(dataset[int(i)]) for i in spaced(len(dataset), most)]
    forms = [morphology(sample.labels[0], sample.spacing) for sample in samples]
    whole = sum(int(form.whole.sum()) for form in forms)
    if whole < FEWEST_OBJECTS:
        raise InputError(
            f"{where}: a fit needs {FEWEST_OBJECTS} objects or more that the border does not cut, got {whole}"
        )
    return _measured(samples, forms)


def _measured(samples: list[Sample], forms: Sequence[Morphology]) -> Real:
    size = samples[0].canvas.size
    radius = float(np.exp(np.mean([np.log(form.radius[form.whole]).mean() for form in forms if form.whole.any()])))
    reach = min(NEIGHBOURS * radius, min(size) / 4)
    radii = np.linspace(2 * radius, max(min(size) / 2, 3 * radius), RADII)
    inverted = _are_darker(samples)
    return Real(samples, tabulate(samples, reach, inverted), reach, inverted, radii, pooled_k(forms, size, radii))


def pooled_k(forms: Sequence[Morphology], size: Sequence[float], radii: Floats) -> Floats:
    """Estimate Ripley's K from several images, each weighted by its number of pairs.

    Parameters
    ----------
    forms : sequence of Morphology
        Of each image.
    size : (2,) floats
        Edges of the images in µm.
    radii : (R,) float64 array
        In µm.

    Returns
    -------
    (R,) float64 array
        In µm²; that of independent points if no image has two objects.
    """
    pairs = np.array([len(form) * (len(form) - 1) for form in forms], np.float64)
    if not pairs.any():
        return np.pi * radii**2
    several = [form for form in forms if len(form) > 1]
    curves = np.array([ripley_k(form.centre, size, radii) for form in several])
    mean: Floats = np.average(curves, axis=0, weights=pairs[pairs > 0])
    return mean


def _in_grey(sample: Sample) -> Sample:
    if sample.image is None or len(sample.image) == 1:
        return sample
    return sample.with_image(grey(sample.image).astype(np.float32)[np.newaxis])


def _are_darker(samples: Sequence[Sample]) -> bool:
    """Whether objects are darker than the background in most images."""
    darker = []
    for sample in samples:
        if sample.image is not None and sample.count:
            seen = intensity(sample.image[0], sample.labels[0])
            darker.append(float(np.median(seen.brightness)) < seen.background)
    return bool(darker) and float(np.mean(darker)) > 0.5
