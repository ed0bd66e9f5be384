"""How far a synthetic set is from a real one, beside how far two halves of the real one are from each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cellsim.errors import InputError
from cellsim.evaluate.bootstrap import FEWEST, Halves, Indices, draw_halves, interval
from cellsim.evaluate.features.base import Features, Floats
from cellsim.evaluate.features.measured import DEFAULT, Measured, What, measure
from cellsim.evaluate.frechet import frechet_distance
from cellsim.evaluate.kernel_distance import cubic_kernel, discrepancy
from cellsim.evaluate.manifold import covered, distances_between
from cellsim.evaluate.principal import principal_axes
from cellsim.evaluate.records import Distance, Interval
from cellsim.sample import Sample

DRAWS = 100
PER_AXIS = 10  # samples of a half for each principal axis, so that covariances are well estimated

NONE = Interval(float("nan"), float("nan"), float("nan"))


def distances(
    real: Sequence[Sample] | Measured,
    synthetic: Sequence[Sample] | Measured,
    features: Sequence[What] = DEFAULT,
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> tuple[Distance, ...]:
    """Measure distances between a real and a synthetic set.

    All distances are estimated from a half of each set, or less of the larger one, drawn again and again. The floor is
    that of a half of the real samples from the others, of which no parent is in both: what a perfect generator would
    have. Features but those of published measures (`Features.reduced`) are standardised and reduced to at most one
    principal axis of the real set for 10 samples of a half.

    Parameters
    ----------
    real, synthetic : sequence of Sample, or Measured
        Data sets, lists, or what `measure` returns.
    features : sequence of str, dict or Features
        In which distances are taken. Features of images are left out if either set has none.
    draws : int
        Number of halves that are drawn, >= 1.
    seed : int
        Of the draws.

    Returns
    -------
    tuple of Distance
        "Fréchet distance", "kernel distance", "precision" and "recall" for each of the features. The floor is nan if
        all real samples have one parent.

    Raises
    ------
    RecipeError
        If there are no such features, or a field of them is wrong.
    InputError
        If a set has less than 8 samples, or the sets differ in channels or structures.
    """
    real, synthetic = measure(real, features), measure(synthetic, features)
    if min(len(real), len(synthetic)) < 2 * FEWEST:
        counts = f"{len(real)} real and {len(synthetic)} synthetic"
        raise InputError(f"distances need {2 * FEWEST} samples or more of each set, got {counts}")
    halves = draw_halves(real.parents, synthetic.parents, draws, seed)
    shared = [one for one in real.vectors if one in synthetic.vectors]
    return tuple(found for one in shared for found in _in(one, real.vectors[one], synthetic.vectors[one], halves))


def _in(features: Features, real: Floats, synthetic: Floats, halves: Halves) -> list[Distance]:
    """All distances in some features."""
    if real.shape[1] != synthetic.shape[1]:
        raise InputError(
            f"{features.title}: sets must have the same {'channels' if features.of == 'images' else 'structures'}, "
            f"got {real.shape[1]} features of real samples and {synthetic.shape[1]} of synthetic ones"
        )
    if features.reduced:
        axes = principal_axes(real, max(halves.samples // PER_AXIS, 1))
        real, synthetic = axes(real), axes(synthetic)
    scale = 1.0 if features.reduced else real.shape[1]  # coordinates on axes have a size of about 1 as they are
    found = [_compare(real, synthetic, halves.real, halves.synthetic, scale)]
    if halves.rest is not None:
        found.append(_compare(real, real, halves.real, halves.rest, scale))
    floor = found[-1] if len(found) > 1 else dict.fromkeys(found[0], NONE)
    return [
        Distance(metric, features.title, features.of, value, floor[metric], halves.samples)
        for metric, value in found[0].items()
    ]


class _Tables(NamedTuple):
    """What is computed once between all samples, and of which each draw takes its rows and columns."""

    one: Floats
    both: Floats
    other: Floats

    def of(self, first: Indices, second: Indices) -> tuple[Floats, Floats, Floats]:
        return _part(self.one, first, first), _part(self.both, first, second), _part(self.other, second, second)


def _part(table: Floats, rows: Indices, columns: Indices) -> Floats:
    return table[rows].take(columns, axis=1)  # twice as fast as both at once


def _compare(real: Floats, other: Floats, halves: Indices, others: Indices, scale: float) -> dict[str, Interval]:
    pairs = ((real, real), (real, other), (other, other))
    kernels = _Tables(*(cubic_kernel(*pair, scale) for pair in pairs))
    lengths = _Tables(*(distances_between(*pair) for pair in pairs))
    values: dict[str, list[float]] = {
        name: [] for name in ("Fréchet distance", "kernel distance", "precision", "recall")
    }
    for first, second in zip(halves, others, strict=True):
        within, between, within_other = lengths.of(first, second)
        values["Fréchet distance"].append(frechet_distance(real[first], other[second]))
        values["kernel distance"].append(discrepancy(*kernels.of(first, second)))
        values["precision"].append(covered(within, between))
        values["recall"].append(covered(within_other, between.T))
    return {name: interval(found) for name, found in values.items()}
