"""One number a statistic and image: what two data sets are compared by."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cellsim.evaluate.intensity import Intensity, intensity
from cellsim.evaluate.morphology import Floats, Morphology, morphology, whole_weights
from cellsim.evaluate.spatial import nearest_neighbours, ripley_k
from cellsim.sample import Image, Sample

DARKEST = 1 / 1020  # a quarter of a grey level of 8 bits; logarithms are taken of no less

NONE = 0.5  # objects, for the logarithm, where there are none


class Statistic(NamedTuple):
    """A statistic of an image.

    Parameters
    ----------
    name : str
        For people, and the key in tables.
    unit : str
        "" for a plain number.
    mean : str
        "geometric" or "arithmetic": over images.
    """

    name: str
    unit: str
    mean: str


STATISTICS = (
    Statistic("objects", "", "geometric"),
    Statistic("cover", "", "arithmetic"),
    Statistic("radius", "µm", "geometric"),
    Statistic("radius spread", "", "arithmetic"),
    Statistic("elongation", "", "geometric"),
    Statistic("elongation spread", "", "arithmetic"),
    Statistic("roughness", "", "geometric"),
    Statistic("touching", "", "arithmetic"),
    Statistic("lonely", "", "arithmetic"),
    Statistic("clumping", "", "arithmetic"),
    Statistic("brightness", "", "geometric"),
    Statistic("brightness spread", "", "arithmetic"),
    Statistic("background", "", "geometric"),
    Statistic("unevenness", "", "geometric"),
    Statistic("noise", "", "geometric"),
    Statistic("texture", "", "geometric"),
    Statistic("coarseness", "", "geometric"),
    Statistic("edge", "px", "geometric"),
    Statistic("edge spread", "", "arithmetic"),
    Statistic("falloff", "", "arithmetic"),
)

PAIRED = ("clumping", "falloff")  # weighted by the pairs of objects in an image

Table = dict[str, NDArray[np.float64]]


def grey(image: Image) -> Floats:
    """Make one plane of an image.

    Parameters
    ----------
    image : (C, Y, X) float32 array
        Any number of channels.

    Returns
    -------
    (Y, X) float64 array
        The mean of the channels.
    """
    plane: Floats = image.mean(axis=0, dtype=np.float64)
    return plane


def tabulate(samples: Iterable[Sample], reach: float, inverted: bool = False) -> Table:
    """Measure samples.

    Parameters
    ----------
    samples : iterable of Sample
        2D; the first label plane is measured.
    reach : float
        Distance in µm within which objects are neighbours, for "lonely" and "clumping".
    inverted : bool
        Objects are darker than the background: measure one less the image.

    Returns
    -------
    dict of str to (N,) float64 array
        Every statistic of `STATISTICS`, by sample; nan where it cannot be measured. "pairs", the ordered pairs of
        objects in a sample, is the weight of "clumping" and "falloff" in means.
    """
    rows = [_measured(sample, reach, inverted) for sample in samples]
    names = [*(statistic.name for statistic in STATISTICS), "pairs"]
    return {name: np.array([row.get(name, np.nan) for row in rows], np.float64) for name in names}


def _measured(sample: Sample, reach: float, inverted: bool) -> dict[str, float]:
    labels = sample.labels[0]
    forms = morphology(labels, sample.spacing)
    found = {
        "objects": max(float(len(forms)), NONE),
        "cover": sample.cover,
        "pairs": float(len(forms) * (len(forms) - 1)),
    }
    if not len(forms):
        return found
    found |= _of_forms(forms, sample.canvas.size) | _of_places(forms, sample.canvas.size, reach)
    if sample.image is not None:
        plane = grey(sample.image)
        seen = intensity(1 - plane if inverted else plane, labels)
        found |= _of_levels(seen)
    return found


def _of_levels(seen: Intensity) -> dict[str, float]:
    even = np.ones(len(seen.brightness))
    levels, edges = np.log(np.maximum(seen.brightness, DARKEST)), np.log(seen.edge)
    brightness = float(np.exp(levels.mean()))
    return {
        "brightness": brightness,
        "brightness spread": spread(levels, even),
        "background": max(seen.background, DARKEST) / brightness,
        "unevenness": max(seen.unevenness, DARKEST) / brightness,
        "noise": max(seen.noise, DARKEST),
        "texture": _mean(seen.texture, even),
        "coarseness": _mean(seen.coarseness, even),
        "edge": float(np.exp(_mean(edges, even))),
        "edge spread": spread(edges, even),
        "falloff": seen.falloff,
    }


def _of_forms(forms: Morphology, size: tuple[float, ...]) -> dict[str, float]:
    weight = whole_weights(forms, size)
    radius, elongation = np.log(forms.radius), np.log(forms.elongation)
    return {
        "radius": float(np.exp(_mean(radius, weight))),
        "radius spread": spread(radius, weight),
        "elongation": float(np.exp(_mean(elongation, weight))),
        "elongation spread": spread(elongation, weight),
        "roughness": _mean(forms.roughness, weight),
        "touching": float(forms.touching.mean()),
    }


def _of_places(forms: Morphology, size: tuple[float, ...], reach: float) -> dict[str, float]:
    if len(forms) < 2:
        return {}
    distance, _ = nearest_neighbours(forms.centre, size)
    inner = np.minimum(forms.centre, np.asarray(size) - forms.centre).min(axis=1) >= reach
    k = float(ripley_k(forms.centre, size, [reach])[0])
    lonely = float((distance[inner] > reach).mean()) if inner.any() else np.nan
    return {"clumping": k / (np.pi * reach**2), "lonely": lonely}


def _mean(values: Floats, weight: Floats) -> float:
    used = ~np.isnan(values) & (weight > 0)
    return float(np.average(values[used], weights=weight[used])) if used.any() else np.nan


def spread(values: Floats, weight: Floats) -> float:
    """Estimate a standard deviation from weighted values, without bias by their number.

    Parameters
    ----------
    values : (N,) float64 array
        Those that are nan do not count.
    weight : (N,) float64 array
        >= 0.

    Returns
    -------
    float
        nan of less than three values.
    """
    used = ~np.isnan(values) & (weight > 0)
    if used.sum() < 3:
        return np.nan
    share = weight[used] / weight[used].sum()
    variance = float(share @ (values[used] - share @ values[used]) ** 2)
    return float(np.sqrt(variance / max(1 - share @ share, 1e-9)))


def mean_of(table: Table, statistic: Statistic) -> float:
    """Average a statistic over images.

    Parameters
    ----------
    table : dict
        As `tabulate` returns it.
    statistic : Statistic
        Which.

    Returns
    -------
    float
        nan if it was measured in no image.
    """
    centre, _ = centre_and_spread(table, statistic)
    return float(np.exp(centre)) if statistic.mean == "geometric" else centre


def centre_and_spread(table: Table, statistic: Statistic) -> tuple[float, float]:
    """Average a statistic, or its logarithm if its mean is geometric, and take the standard deviation over images.

    Parameters
    ----------
    table : dict
        As `tabulate` returns it.
    statistic : Statistic
        Which.

    Returns
    -------
    mean, sd : float
        nan if it was measured in no image.
    """
    values = table[statistic.name]
    if statistic.mean == "geometric":
        values = np.log(np.maximum(values, 1e-12))
    weight = table["pairs"] if statistic.name in PAIRED else np.ones(len(values))
    used = ~np.isnan(values) & (weight > 0)
    if not used.any():
        return np.nan, np.nan
    mean = float(np.average(values[used], weights=weight[used]))
    return mean, float(np.sqrt(np.average((values[used] - mean) ** 2, weights=weight[used])))
