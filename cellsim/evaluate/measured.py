"""All that is measured of the objects of one image, so that sets of images can be compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellsim.evaluate.convexity import solidity
from cellsim.evaluate.crofton import boundary_sizes
from cellsim.evaluate.intensity import intensity
from cellsim.evaluate.morphology import morphology
from cellsim.evaluate.neighbours import neighbours
from cellsim.evaluate.outline import bending
from cellsim.evaluate.region import Region
from cellsim.masks.planes import visible
from cellsim.sample import Labels, Sample

Floats = NDArray[np.float64]

TOUCH = 2.0  # px, of the finest axis; farther apart, objects do not count as neighbours


@dataclass(frozen=True, eq=False)
class Measured:
    """The objects of one image.

    Parameters
    ----------
    region : Region
        What was measured.
    centre : (N, D) float64 array
        In µm.
    axis : (N, D) float64 array
        Directions of the longest axes; nan of objects of a few pixels, and of those that the border cuts.
    objects : dict of str to (N,) float64 array
        Statistics of each object, by name; nan where they cannot be measured.
    image : dict of str to float
        Statistics of the image, by name.
    """

    region: Region
    centre: Floats
    axis: Floats
    objects: dict[str, Floats]
    image: dict[str, float] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.centre)


def measure(
    sample: Sample, structure: str | None = None, region: NDArray[np.bool_] | None = None, inverted: bool = False
) -> Measured:
    """Measure the objects of a sample.

    Forms are those of whole objects: of one that the border of the image cuts, the form is nan. Objects whose
    centres lie outside the region are left out.

    Parameters
    ----------
    sample : Sample
        2D or 3D.
    structure : str, optional
        Such as "nuclei"; None for the first. Objects on different planes do not count as neighbours.
    region : ([Z,] Y, X) bool array, optional
        Where objects are expected, such as the tissue; None for the whole image.
    inverted : bool
        Objects are darker than the background: measure one less the image.

    Returns
    -------
    Measured
        Without statistics of light if there is no image. Of several channels the mean is measured.

    Raises
    ------
    ValueError
        If there is no such structure, or the region has another shape.
    """
    where = _region(sample, region)
    planes = numbered(sample.planes(structure if structure is not None else first_structure(sample)))
    parts = [_of_plane(numbered(plane), sample.spacing) for plane in planes]
    centre, axis = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
    objects = {name: np.concatenate([part[2][name] for part in parts]) for name in parts[0][2]}
    seen = planes[0] if len(planes) == 1 else visible(planes)
    image = {"cover": float((seen > 0 if region is None else seen[region] > 0).mean())}
    if sample.image is not None:
        ids = np.concatenate([np.flatnonzero(np.bincount(plane.ravel())[1:]) for plane in planes])
        of_objects, light = _of_light(seen, sample.image.mean(axis=0, dtype=np.float64), inverted, len(ids))
        objects |= {name: values[ids] for name, values in of_objects.items()}
        image |= light
    kept = where.contains(centre)
    return Measured(where, centre[kept], axis[kept], {name: values[kept] for name, values in objects.items()}, image)


def measure_all(samples: Iterable[Sample | Measured], structure: str | None = None) -> list[Measured]:
    """Measure samples that are not measured yet.

    Parameters
    ----------
    samples : iterable of Sample or Measured
        In any mixture.
    structure : str, optional
        As in `measure`.

    Returns
    -------
    list of Measured
        One a sample.
    """
    return [one if isinstance(one, Measured) else measure(one, structure) for one in samples]


def measure_both(
    real: Iterable[Sample | Measured], synthetic: Iterable[Sample | Measured], structure: str | None = None
) -> tuple[list[Measured], list[Measured]]:
    """Measure two sets to be compared.

    Parameters
    ----------
    real, synthetic : iterables of Sample or Measured
        2D or 3D.
    structure : str, optional
        As in `measure`.

    Returns
    -------
    real, synthetic : lists of Measured
        One a sample.

    Raises
    ------
    ValueError
        If a set has no image, or one has 2D and the other 3D images.
    """
    both = measure_all(real, structure), measure_all(synthetic, structure)
    for name, measured in zip(("real", "synthetic"), both, strict=True):
        if not measured:
            raise ValueError(f"sets to compare must have an image or more, got none of the {name}")
    if len(axes := {one.region.ndim for measured in both for one in measured}) > 1:
        raise ValueError(f"images to compare must have the same number of axes, got {sorted(axes)}")
    return both


def first_structure(sample: Sample) -> str | None:
    """Return the name of the structure on the first label plane.

    Parameters
    ----------
    sample : Sample
        Any.

    Returns
    -------
    str or None
        Without the number of the plane; None if planes have no names.
    """
    return sample.structures[0].rstrip("0123456789").removesuffix("-") if sample.structures else None


def _region(sample: Sample, mask: NDArray[np.bool_] | None) -> Region:
    if mask is None:
        return Region(sample.canvas.size)
    if mask.shape != sample.shape:
        raise ValueError(f"the region must have the shape of the samples, {sample.shape}, got {mask.shape}")
    return Region.of_mask(mask, sample.spacing)


def numbered(labels: Labels) -> Labels:
    """Give objects the numbers 1..N in their order, as not all need be on one plane.

    Parameters
    ----------
    labels : (..., Y, X) uint16 array
        0 is background.

    Returns
    -------
    (..., Y, X) uint16 array
        The same array if there are no holes in its numbers.
    """
    there = np.zeros(int(labels.max(initial=0)) + 1, np.uint16)
    there[labels] = 1
    there[0] = 0
    return labels if there[1:].all() else (np.cumsum(there, dtype=np.uint16) * there)[labels]


def _of_plane(labels: Labels, spacing: tuple[float, ...]) -> tuple[Floats, Floats, dict[str, Floats]]:
    """Centres, axes and statistics of the objects of one label plane."""
    forms = morphology(labels, spacing)
    near = neighbours(labels, spacing, TOUCH * min(spacing))
    found: dict[str, NDArray[Any]] = {
        "size": forms.area,
        "boundary": boundary_sizes(labels, spacing),
        "elongation": forms.elongation,
        "eccentricity": forms.eccentricity,
        "roughness": forms.roughness,
        "solidity": solidity(labels),
        "neighbours": near.number,  # some may be beyond the border
    }
    if labels.ndim == 2:
        found["curvature"], found["concave"] = bending(labels, spacing)
    found = {name: np.where(forms.whole, values, np.nan) for name, values in found.items()}
    axis: Floats = np.where(forms.whole[:, np.newaxis], forms.axis, np.nan)
    return forms.centre, axis, found | {"contact": near.fraction}


def _of_light(labels: Labels, image: Floats, inverted: bool, n: int) -> tuple[dict[str, Floats], dict[str, float]]:
    """Statistics of the light of n objects, nan of those that others hide, and of the image."""
    seen = intensity(1 - image if inverted else image, labels)
    there = np.bincount(labels.ravel(), minlength=n + 1)[1:] > 0
    objects = {"brightness": seen.brightness, "contrast": seen.brightness - seen.background}
    objects |= {"texture": seen.texture, "coarseness": seen.coarseness, "edge": seen.edge}
    hidden = np.full(n - len(seen.brightness), np.nan)
    objects = {name: np.where(there, np.append(values, hidden), np.nan) for name, values in objects.items()}
    image_wide = {"background": seen.background, "noise": seen.noise}
    return objects, image_wide | {"unevenness": seen.unevenness, "falloff": seen.falloff}
