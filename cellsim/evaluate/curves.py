"""Functions of distance that tell how the objects of two sets stand: L, the pair correlation, G and F."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cellsim.evaluate.empty_space import Seen, kaplan_meier, pooled, probes_of
from cellsim.evaluate.envelopes import central, mean_known
from cellsim.evaluate.measured import Measured, measure_both
from cellsim.evaluate.point_pairs import weighted_pairs
from cellsim.evaluate.records import Curve
from cellsim.evaluate.region import Region
from cellsim.evaluate.spatial import nearest, neighbour_distances, ripley_l, smooth_pair_correlation
from cellsim.sample import Sample
from cellsim.seeds import Rng, stream

Floats = NDArray[np.float64]

DISTANCES = 50
FINE = 4  # radii at which K is counted for each distance
BANDWIDTH = 0.15  # Stoyan's, over the D-th root of the density
SIMULATIONS = 39  # the least whose central 95 % is not beyond all of them
NAMES = (("Ripley's L(r) - r", "µm"), ("pair correlation g", ""), ("nearest neighbour G", ""), ("empty space F", ""))


class Pattern(NamedTuple):
    """What is counted in one image.

    Parameters
    ----------
    pairs : int
        Ordered pairs of objects.
    k : (R,) float64 array
        Ripley's K at the fine radii; nan for less than two objects.
    neighbours, space : Seen
        Distances to the nearest object, from objects and from anywhere.
    """

    pairs: int
    k: Floats
    neighbours: Seen
    space: Seen


class Grid(NamedTuple):
    """Where curves are measured.

    Parameters
    ----------
    fine : (R,) float64 array
        Radii in µm at which pairs are counted.
    distances : (DISTANCES,) float64 array
        In µm.
    bandwidth : float
        Of the pair correlation, in µm.
    ndim : int
        Number of axes.
    """

    fine: Floats
    distances: Floats
    bandwidth: float
    ndim: int


def curves(
    real: Iterable[Sample | Measured],
    synthetic: Iterable[Sample | Measured],
    structure: str | None = None,
    reach: float | None = None,
    simulations: int = SIMULATIONS,
    rng: Rng | None = None,
) -> tuple[Curve, ...]:
    """Compare where the objects of two sets stand with each other and with independent points.

    Images of a set are pooled: K is weighted by pairs [1]_, the distances that make G and F are laid end to end. The
    curve of independent points is that of as many in each real image; its envelope is of whole simulated sets, to be
    compared with the mean of the real set, while the envelopes of the sets are of their single images.

    Parameters
    ----------
    real, synthetic : iterables of Sample or Measured
        2D or 3D; places are the centres of objects.
    structure : str, optional
        Of samples that are not measured yet; None for the first.
    reach : float, optional
        Greatest distance in µm; None for a quarter of the shortest edge of any image.
    simulations : int
        Simulated sets of independent points.
    rng : numpy.random.Generator, optional
        Source of the simulations; None for the stream "curves" of seed 0, so that results repeat.

    Returns
    -------
    tuple of Curve
        L(r) - r, the pair correlation, G and F. nan where no image shows so far.

    Raises
    ------
    ValueError
        If a set has no image, or one has 2D and the other 3D images.

    References
    ----------
    .. [1] Diggle, P. J., Lange, N., Beneš, F. M. (1991). Analysis of variance for replicated spatial point patterns in
       clinical neuroanatomy. Journal of the American Statistical Association 86(415).
    """
    ours, theirs = measure_both(real, synthetic, structure)
    rng = stream(0, 0, "curves") if rng is None else rng
    if reach is None:
        reach = min(min(one.region.size) for one in (*ours, *theirs)) / 4
    grid = _grid(ours, reach)
    sets = [[_pattern(one.centre, one.region, grid) for one in measured] for measured in (ours, theirs)]
    regions = _shared([one.region for one in ours])
    independent = np.array([_together(_independent(ours, regions, grid, rng), grid) for _ in range(simulations)])
    means, singles = zip(*(_of_set(patterns, grid) for patterns in sets), strict=True)
    expected = [np.zeros(DISTANCES), np.ones(DISTANCES), *(mean_known(independent[:, i]) for i in (2, 3))]
    return tuple(
        Curve(
            name,
            unit,
            grid.distances,
            means[0][i],
            means[1][i],
            central(singles[0][:, i]),
            central(singles[1][:, i]),
            expected[i],
            central(independent[:, i]),
        )
        for i, (name, unit) in enumerate(NAMES)
    )


def _grid(measured: Sequence[Measured], reach: float) -> Grid:
    """Choose radii, and the bandwidth by the density of objects."""
    ndim, objects = measured[0].region.ndim, sum(map(len, measured))
    spread = (sum(one.region.volume for one in measured) / max(objects, 1)) ** (1 / ndim)
    fine = np.linspace(0, reach, FINE * DISTANCES + 1)
    return Grid(fine, fine[FINE::FINE], max(BANDWIDTH * spread, reach / DISTANCES), ndim)


def _shared(regions: Sequence[Region]) -> list[Region]:
    """Use one region for all equal boxes, so that what is known of it is computed once."""
    known: dict[tuple[float, ...], Region] = {}
    return [known.setdefault(region.size, region) if region.mask is None else region for region in regions]


def _pattern(points: Floats, region: Region, grid: Grid) -> Pattern:
    """Measure one pattern; its points are known to lie in the region, which is not checked 20,000 times."""
    n = len(points)
    pairs, (places, border) = n * (n - 1), probes_of(region)
    counted = weighted_pairs(points, region, grid.fine) if pairs else np.full(len(grid.fine), np.nan)
    k = region.volume**2 / max(pairs, 1) * np.cumsum(counted)
    around = Seen(neighbour_distances(points), region.border(points))
    return Pattern(pairs, k, around, Seen(nearest(places, points), border))


def _independent(measured: Sequence[Measured], regions: Sequence[Region], grid: Grid, rng: Rng) -> list[Pattern]:
    """Simulate a set: as many independent points in each image as there are objects."""
    return [
        _pattern(region.uniform(len(one), rng), region, grid) for one, region in zip(measured, regions, strict=True)
    ]


def _of_set(patterns: Sequence[Pattern], grid: Grid) -> tuple[Floats, Floats]:
    """Curves of all images together, (4, R), and of each, (N, 4, R)."""
    return _together(patterns, grid), np.array([_together([pattern], grid) for pattern in patterns])


def _together(patterns: Sequence[Pattern], grid: Grid) -> Floats:
    """Curves of images pooled, (4, R)."""
    several = [pattern for pattern in patterns if pattern.pairs]
    k = np.full(len(grid.fine), np.nan)
    if several:
        k = np.average([pattern.k for pattern in several], axis=0, weights=[pattern.pairs for pattern in several])
    return np.stack(
        [
            ripley_l(k[FINE::FINE], grid.ndim) - grid.distances,
            smooth_pair_correlation(k, grid.fine, grid.distances, grid.bandwidth, grid.ndim),
            kaplan_meier(pooled([pattern.neighbours for pattern in patterns]), grid.distances),
            kaplan_meier(pooled([pattern.space for pattern in patterns]), grid.distances),
        ]
    )
