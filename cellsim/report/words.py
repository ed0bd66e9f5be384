"""Findings in plain words: numbers as people write them, and a sentence for each record."""

from __future__ import annotations

import math

import numpy as np

from cellsim.evaluate.comparison import Comparison
from cellsim.evaluate.records import Copies, Curve, Difference, Distance, Floats, Interval
from cellsim.report.phrases import SAID

SMALL, MEDIUM, LARGE = 0.2, 0.5, 0.8  # standard deviations; Cohen, J. (1988). Statistical power analysis
CHANCE = 0.05  # p over which a difference may be chance
GROUPS = {"form": "the form of {objects}", "place": "the arrangement of {objects}", "light": "the appearance of images"}

HIGHER_IS_NEARER = ("precision", "recall")


def number(value: float) -> str:
    """Write a number with three digits that count.

    Parameters
    ----------
    value : float
        Any.

    Returns
    -------
    str
        "12,745", "8.53", "0.5", "−0.0142", "3.1e−06"; "–" for what is not known.
    """
    if not math.isfinite(value):
        return "–"
    size = abs(value)
    if size >= 1000:
        text = f"{value:,.0f}" if size < 1e7 else f"{value:.2e}"
    elif size >= 100 or value == 0:
        text = f"{value:.0f}"
    elif size >= 1e-4:
        text = f"{value:.{2 - math.floor(math.log10(size))}f}"
        text = text.rstrip("0").removesuffix(".") if "." in text else text
    else:
        text = f"{value:.1e}"
    return text.replace("-", "−")


def quantity(value: float, unit: str) -> str:
    """Write a number with its unit.

    Parameters
    ----------
    value : float
        Any.
    unit : str
        "" for a plain number.

    Returns
    -------
    str
        Such as "85.2 µm²".
    """
    return f"{number(value)}\N{NO-BREAK SPACE}{unit}" if unit else number(value)


def deviations(effect: float, unit: str = "sd") -> str:
    """Write an effect.

    Parameters
    ----------
    effect : float
        In standard deviations.
    unit : str
        Behind it.

    Returns
    -------
    str
        Such as "−0.42 sd".
    """
    text = f"{effect:.2f}".replace("-", "−") if math.isfinite(effect) else "–"
    return f"{text}\N{NO-BREAK SPACE}{unit}" if unit else text


def interval(found: Interval) -> str:
    """Write an estimate with its confidence interval.

    Parameters
    ----------
    found : Interval
        Of 95 %.

    Returns
    -------
    str
        Such as "6.1 (5.8 to 6.4)".
    """
    return f"{number(found.value)} ({number(found.low)} to {number(found.high)})"


def objects_of(comparison: Comparison) -> str:
    """Name what is compared.

    Parameters
    ----------
    comparison : Comparison
        Of two sets.

    Returns
    -------
    str
        The structure if both sets call it the same, such as "nuclei"; else "objects".
    """
    same = comparison.real.structure == comparison.synthetic.structure
    return comparison.real.structure if same else "objects"


def size_of(effect: float) -> str:
    """Name the size of an effect [1]_.

    Parameters
    ----------
    effect : float
        In standard deviations.

    Returns
    -------
    str
        "negligible", "small", "medium", "large", or "not known".

    References
    ----------
    .. [1] Cohen, J. (1988). Statistical power analysis for the behavioral sciences. Lawrence Erlbaum.
    """
    if not math.isfinite(effect):
        return "not known"
    steps = ((SMALL, "negligible"), (MEDIUM, "small"), (LARGE, "medium"))
    return next((name for most, name in steps if abs(effect) < most), "large")


def difference(found: Difference, objects: str) -> str:
    """Say how a statistic differs.

    Parameters
    ----------
    found : Difference
        Of two sets.
    objects : str
        What they are called.

    Returns
    -------
    str
        Such as "Synthetic nuclei are 23 % smaller (typically 85.2 µm² against 110 µm²)."
    """
    if not len(found.real) or not len(found.synthetic):
        return f"{_first(found.statistic)} could be measured in one set only."
    how, real, synthetic = _typical(found)
    against = f"{how} {quantity(synthetic, found.unit)} against {quantity(real, found.unit)}"
    if abs(found.effect) < SMALL and found.ks > SMALL and (wider := _widths(found)):
        return wider
    who = f"Synthetic {objects}" if found.by == "object" else "Synthetic images"
    said = SAID.get(found.statistic)
    if size_of(found.effect) == "negligible":
        change = f"{_first(found.statistic)} is alike in both sets"
    elif said is not None:
        change = f"{who} {said[synthetic < real].format(by=_by(real, synthetic), objects=objects)}"
    else:
        change = f"{_first(found.statistic)} is {_by(real, synthetic)} {'lower' if synthetic < real else 'higher'} "
        change += f"in the synthetic {'images' if found.by == 'image' else 'set'}"
    doubt = "; this may be chance" if found.p > CHANCE and size_of(found.effect) != "negligible" else ""
    return f"{change} ({against}){doubt}.".replace("  ", " ")


def _first(text: str) -> str:
    return text[:1].upper() + text[1:]


def _typical(found: Difference) -> tuple[str, float, float]:
    """Medians; means where medians do not go the way of the effect."""
    real, synthetic = float(np.median(found.real)), float(np.median(found.synthetic))
    if (synthetic - real) * found.effect > 0:
        return "typically", real, synthetic
    return "on average", float(found.real.mean()), float(found.synthetic.mean())


def _by(real: float, synthetic: float) -> str:
    """Say by how much, where both are positive."""
    if real <= 0 or synthetic <= 0 or abs(synthetic / real - 1) < 0.005:
        return ""
    ratio = synthetic / real
    return (
        f"{float(f'{ratio:.2g}'):g} times" if ratio > 2 else f"{abs(ratio - 1):.0%}".replace("%", "\N{NO-BREAK SPACE}%")
    )


def _widths(found: Difference) -> str:
    """Say which set varies more, if one does clearly."""
    real, synthetic = (np.percentile(values, [25, 75]) for values in (found.real, found.synthetic))
    ratio = float(np.ptp(synthetic) / np.ptp(real)) if np.ptp(real) > 0 else math.inf
    if 2 / 3 < ratio < 3 / 2:
        return ""
    halves = (f"{number(low)} to {quantity(high, found.unit)}" for low, high in (synthetic, real))
    more = "more" if ratio > 1 else "less"
    return "{} varies {} in the synthetic set (middle half {} against {}).".format(
        _first(found.statistic), more, *halves
    )


def distance(found: Distance) -> str:
    """Say how far the sets are from each other, against what chance alone makes of the real one.

    Parameters
    ----------
    found : Distance
        In one kind of features.

    Returns
    -------
    str
        One sentence.
    """
    if found.metric in HIGHER_IS_NEARER:
        what = {
            "precision": "of synthetic {} lie where real ones do",
            "recall": "of real {} lie where synthetic ones do",
        }[found.metric].format(found.of)
        return (
            f"{_share(found.found.value)} {what}, by {found.features}; "
            f"of one half of the real set against the other {_share(found.floor.value)} do."
        )
    times = over_floor(found)
    judged = "" if times is None else "no farther than " if times <= 1 else f"{number(times)} times as far as "
    judged += f"two halves of the real set are from each other: {interval(found.floor)}"
    return f"{_first(found.of)}, by {found.features}: {found.metric} {interval(found.found)}, {judged}."


def over_floor(found: Distance) -> float | None:
    """Divide a distance by what two halves of the real set have between them at most.

    Parameters
    ----------
    found : Distance
        In one kind of features.

    Returns
    -------
    float or None
        By the upper bound of the floor; over 1, small samples alone do not explain the distance. None where there is
        no floor, and of precision and recall.
    """
    if found.metric in HIGHER_IS_NEARER or not found.floor.high > 0 or not math.isfinite(found.found.value):
        return None
    return found.found.value / found.floor.high


def _share(value: float) -> str:
    return f"{value:.0%}".replace("%", "\N{NO-BREAK SPACE}%") if math.isfinite(value) else "–"


def curve(found: Curve) -> str:
    """Say where two curves are farthest from each other, and whether real images reach as far.

    Parameters
    ----------
    found : Curve
        Of two sets.

    Returns
    -------
    str
        A sentence or two.
    """
    gap = found.synthetic - found.real
    if not np.isfinite(gap).any():
        return f"{found.name} cannot be measured in both sets."
    at = int(np.nanargmax(np.abs(gap)))
    side = "above" if gap[at] > 0 else "below"
    low, high = found.real_envelope
    with np.errstate(invalid="ignore"):
        outside = (found.synthetic < low) | (found.synthetic > high)
    far = "everywhere within the range of single real images"
    if outside.any():
        where = found.distances[outside]
        far = f"outside the range of single real images at {stretches(where, found.distances)}"
    return (
        f"The synthetic curve is farthest {side} the real one at {quantity(float(found.distances[at]), 'µm')} "
        f"({quantity(float(found.synthetic[at]), found.unit)} against {quantity(float(found.real[at]), found.unit)}), "
        f"and {far}."
    )


def stretches(chosen: Floats, every: Floats) -> str:
    """Write distances as stretches without gaps.

    Parameters
    ----------
    chosen : (N,) float64 array
        Some of `every`, ascending.
    every : (R,) float64 array
        Ascending.

    Returns
    -------
    str
        Such as "2 to 6 µm and 14 µm".
    """
    places = np.searchsorted(every, chosen)
    runs = np.split(chosen, np.flatnonzero(np.diff(places) > 1) + 1)
    texts = [number(run[0]) if len(run) == 1 else f"{number(run[0])} to {number(run[-1])}" for run in runs]
    return f"{listed(texts)}\N{NO-BREAK SPACE}µm"


def listed(texts: list[str]) -> str:
    """Write a list as a sentence does.

    Parameters
    ----------
    texts : list of str
        One or more.

    Returns
    -------
    str
        "a", "a and b", "a, b and c".
    """
    return " and ".join([", ".join(texts[:-1]), texts[-1]]) if len(texts) > 1 else texts[0]


def copies(found: Copies) -> str:
    """Say whether synthetic samples look copied from real ones.

    Parameters
    ----------
    found : Copies
        The nearest real samples.

    Returns
    -------
    str
        One sentence.
    """
    n, suspects = len(found.nearest), len(found.suspects)
    if not np.isfinite(found.among_real).any():
        return f"Whether {found.of} are copies cannot be told: all real ones show the same field of view."
    if not suspects:
        return (
            f"None of the {n:,} synthetic {found.of} is as near to a real one as a copy would be: "
            "there is no sign of copying."
        )
    said = (
        f"{suspects:,} of the {n:,} synthetic {found.of} {'is' if suspects == 1 else 'are'} nearer to a real one than "
    )
    said += "almost any two real ones are to each other"
    return said + (": look, they may be copies." if found.convincing else ", no more than chance would give.")


def verdict(comparison: Comparison) -> str:
    """Say in a sentence or two how alike two sets are.

    Parameters
    ----------
    comparison : Comparison
        Of two sets.

    Returns
    -------
    str
        By the greatest effect of each group of statistics, and the number of suspected copies.
    """
    greatest: dict[str, float] = {}
    for one in comparison.differences:
        if math.isfinite(one.effect):
            greatest[one.group] = max(abs(one.effect), greatest.get(one.group, 0.0))
    far = [group for group in GROUPS if greatest.get(group, 0.0) >= LARGE]
    some = [group for group in GROUPS if SMALL <= greatest.get(group, 0.0) < LARGE]
    alike = [group for group in GROUPS if greatest.get(group, SMALL) < SMALL]
    objects = objects_of(comparison)
    parts = [
        *([f"clearly in {_groups(far, objects)}"] if far else []),
        *([f"somewhat in {_groups(some, objects)}"] if some else []),
    ]
    if parts:
        said = f"The synthetic set differs from the real one {', '.join(parts)}"
        said += f", and is alike in {_groups(alike, objects)}." if alike else "."
    elif alike:
        said = f"The synthetic set is like the real one in {_groups(alike, objects)}, as far as is measured here."
    else:
        said = "Nothing could be measured in both sets."
    copied = any(one.convincing for one in comparison.copies)
    return f"{said} Some samples may be copies of real ones." if copied else said


def _groups(groups: list[str], objects: str) -> str:
    return listed([GROUPS[group].format(objects=objects) for group in groups])
