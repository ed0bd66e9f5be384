"""Statistics of two sets of annotated images side by side: how far apart they are, and whether by chance."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cellsim.evaluate.measured import Measured, measure_all, measure_both
from cellsim.evaluate.neighbours import aligned, local_density, local_order
from cellsim.evaluate.permutation import Grouped, permutation_test
from cellsim.evaluate.records import Difference, Group
from cellsim.evaluate.spatial import BALL, neighbour_distances, ripley_k, ripley_l
from cellsim.sample import Sample
from cellsim.seeds import Rng, stream

Floats = NDArray[np.float64]

AROUND = 8  # independent points in a ball of the radius within which density, order and clustering are measured


class Quantity(NamedTuple):
    """A statistic that sets are compared by.

    Parameters
    ----------
    name : str
        For people.
    unit : str
        In 2D; "" for a plain number.
    solid : str
        The unit in 3D; "-" if it is not measured there.
    group : {"form", "place", "light"}
        What it is a property of.
    by : {"object", "image"}
        What has one value of it.
    """

    name: str
    unit: str
    solid: str
    group: Group
    by: Literal["object", "image"]


QUANTITIES = {
    "size": Quantity("area", "µm²", "µm³", "form", "object"),
    "boundary": Quantity("perimeter", "µm", "µm²", "form", "object"),
    "elongation": Quantity("elongation", "", "", "form", "object"),
    "eccentricity": Quantity("eccentricity", "", "", "form", "object"),
    "solidity": Quantity("solidity", "", "", "form", "object"),
    "roughness": Quantity("roughness", "", "", "form", "object"),
    "curvature": Quantity("curvature", "1/µm", "-", "form", "object"),
    "concave": Quantity("concave share of the outline", "", "-", "form", "object"),
    "density": Quantity("density", "1/µm²", "1/µm³", "place", "image"),
    "cover": Quantity("cover", "", "", "place", "image"),
    "neighbours": Quantity("number of neighbours", "", "", "place", "object"),
    "contact": Quantity("contact fraction", "", "", "place", "object"),
    "nearest": Quantity("nearest neighbour distance", "µm", "µm", "place", "object"),
    "local density": Quantity("local density", "1/µm²", "1/µm³", "place", "object"),
    "local order": Quantity("local order", "", "", "place", "object"),
    "order": Quantity("orientation order", "", "", "place", "image"),
    "clustering": Quantity("clustering, L(r) - r", "µm", "µm", "place", "image"),
    "brightness": Quantity("brightness", "", "", "light", "object"),
    "contrast": Quantity("contrast to background", "", "", "light", "object"),
    "texture": Quantity("texture", "", "", "light", "object"),
    "coarseness": Quantity("coarseness", "", "", "light", "object"),
    "edge": Quantity("edge blur", "px", "px", "light", "object"),
    "background": Quantity("background", "", "", "light", "image"),
    "noise": Quantity("noise", "", "", "light", "image"),
    "unevenness": Quantity("unevenness of the background", "", "", "light", "image"),
    "falloff": Quantity("light falloff", "", "", "light", "image"),
}
SOLID_NAMES = {"area": "volume", "perimeter": "surface area"}


def reach_of(measured: Sequence[Measured]) -> float:
    """Choose the distance within which objects count as being around one.

    Parameters
    ----------
    measured : sequence of Measured
        Of one set.

    Returns
    -------
    float
        In µm: the radius of a ball with 8 objects on average, at most a quarter of the shortest edge of an image.
    """
    objects, volume = sum(map(len, measured)), sum(one.region.volume for one in measured)
    ndim = measured[0].region.ndim
    ball = float((AROUND * volume / (max(objects, 1) * BALL[ndim])) ** (1 / ndim))
    return min(ball, *(min(one.region.size) / 4 for one in measured))


def distributions_of(samples: Iterable[Sample | Measured], reach: float | None = None) -> dict[str, Grouped]:
    """Measure samples.

    Parameters
    ----------
    samples : iterable of Sample or Measured
        Of one set.
    reach : float, optional
        Distance in µm within which objects are around one; None for `reach_of` these samples.

    Returns
    -------
    dict of str to Grouped
        The values of each of `QUANTITIES`, without nan, and of which sample each is. What is not measured is missing.
    """
    measured = measure_all(samples)
    reach = reach_of(measured) if reach is None else reach
    rows = [one.objects | _places(one, reach) for one in measured]
    images = [one.image | _image(one, reach) for one in measured]
    index = np.arange(len(measured))
    found = {}
    for key, quantity in QUANTITIES.items():
        if quantity.by == "object":
            several = [row.get(key, np.zeros(0)) for row in rows]
            values = np.concatenate([np.zeros(0), *several])
            image = np.repeat(index, [len(part) for part in several])
        else:
            values, image = np.array([row.get(key, np.nan) for row in images]), index
        known = np.isfinite(values)
        if known.any():
            found[key] = Grouped(values[known], image[known])
    return found


def _places(one: Measured, reach: float) -> dict[str, Floats]:
    """Statistics of where each object stands."""
    distance = neighbour_distances(one.centre)
    hidden = distance > one.region.border(one.centre)  # a nearer one may be beyond the border
    return {
        "nearest": np.where(hidden, np.nan, distance),
        "local density": local_density(one.centre, one.region, reach),
        "local order": local_order(one.centre, one.axis, reach),
    }


def _image(one: Measured, reach: float) -> dict[str, float]:
    """Statistics of where the objects of an image stand."""
    k = ripley_k(one.centre, one.region, [reach])
    return {
        "density": len(one) / one.region.volume,
        "order": aligned(one.axis),
        "clustering": float(ripley_l(k, one.region.ndim)[0]) - reach,
    }


def differences(
    real: Iterable[Sample | Measured],
    synthetic: Iterable[Sample | Measured],
    structure: str | None = None,
    reach: float | None = None,
    rng: Rng | None = None,
) -> tuple[Difference, ...]:
    """Compare the objects, their places and the light of two sets of annotated images.

    The p-value is that of `permutation_test`: whole images are exchanged between the sets, because the objects of one
    image are not independent. It still takes the images as independent; tiles of one field of view are not. Both sets
    should have images of one size: forms are those of whole objects, and a smaller frame loses more of the large.

    Parameters
    ----------
    real, synthetic : iterables of Sample or Measured
        2D or 3D. Samples are measured one by one and not kept.
    structure : str, optional
        Of samples that are not measured yet; None for the first.
    reach : float, optional
        Distance in µm within which objects are around one; None for `reach_of` the real ones.
    rng : numpy.random.Generator, optional
        Source of the permutations; None for the stream "differences" of seed 0, so that results repeat.

    Returns
    -------
    tuple of Difference
        One for each statistic that both sets have, forms first, then places, then light.

    Raises
    ------
    ValueError
        If a set has no image, or one has 2D and the other 3D images.
    """
    ours, theirs = measure_both(real, synthetic, structure)
    reach = reach_of(ours) if reach is None else reach
    solid = ours[0].region.ndim == 3
    rng = stream(0, 0, "differences") if rng is None else rng
    one, other = distributions_of(ours, reach), distributions_of(theirs, reach)
    return tuple(
        difference(quantity, one[key], other[key], solid, rng)
        for key, quantity in QUANTITIES.items()
        if key in one and key in other
    )


def difference(quantity: Quantity, real: Grouped, synthetic: Grouped, solid: bool, rng: Rng) -> Difference:
    """Compare the values of one statistic.

    Parameters
    ----------
    quantity : Quantity
        Which.
    real, synthetic : Grouped
        Values; one or more of each.
    solid : bool
        Of objects in 3D.
    rng : numpy.random.Generator
        Source of the permutations.

    Returns
    -------
    Difference
        The effect is 0 if all values are the same, and infinite if they are the same in each set only.
    """
    from scipy.stats import wasserstein_distance

    ks, p = permutation_test(real, synthetic, rng)
    name = SOLID_NAMES.get(quantity.name, quantity.name) if solid else quantity.name
    return Difference(
        name,
        quantity.solid if solid else quantity.unit,
        quantity.group,
        quantity.by,
        real.values,
        synthetic.values,
        effect_size(real.values, synthetic.values),
        float(wasserstein_distance(real.values, synthetic.values)),
        ks,
        p,
    )


def effect_size(real: Floats, synthetic: Floats) -> float:
    """Return Cohen's d [1]_, the difference of the means over the pooled standard deviation.

    Parameters
    ----------
    real, synthetic : (N,) float64 arrays
        Values; one or more of each.

    Returns
    -------
    float
        Synthetic less real: about 0.2 is called small, 0.5 medium, 0.8 large. 0 if all values are the same, infinite
        if they are the same in each set only; nan if each set has one value, and they differ.

    References
    ----------
    .. [1] Cohen, J. (1988). Statistical power analysis for the behavioral sciences, 2nd ed. Erlbaum.
    """
    gap = float(synthetic.mean() - real.mean())
    freedom = len(real) + len(synthetic) - 2
    if freedom < 1:
        return 0.0 if gap == 0 else math.nan
    squares = sum(float(((part - part.mean()) ** 2).sum()) for part in (real, synthetic))
    pooled = math.sqrt(squares / freedom)
    if pooled <= 1e-12 * max(abs(float(real.mean())), abs(float(synthetic.mean()))):
        return 0.0 if abs(gap) <= pooled else math.copysign(math.inf, gap)
    return gap / pooled
