"""Plots of what a comparison found, as SVG: two distributions, two curves with envelopes, distances over floors."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from cellsim.evaluate.records import Curve, Difference, Distance, Floats
from cellsim.report.axes import Axis, band, element, label, path, picture, spanned, tick_label
from cellsim.report.words import HIGHER_IS_NEARER, interval, number, over_floor

CELLS = 256  # along the axis of a density
TAILS = (0.5, 99.5)  # percentiles between which a density is drawn
ROW, HEAD, FOOT = 50.0, 8.0, 40.0  # px of the plot of intervals
FARTHEST = 1000.0  # times the floor, where its axis ends at most

Names = tuple[str, str]  # of the two sets, in the legend
BOTH: Names = ("real", "synthetic")


def densities(real: Floats, synthetic: Floats, text: str, title: str, names: Names = BOTH) -> str:
    """Draw how the values of two sets are distributed, with their medians.

    Parameters
    ----------
    real, synthetic : (N,) float64 arrays
        Values; those that are not finite are left out.
    text : str
        Under the axis: the statistic and its unit.
    title : str
        What the picture shows, in words.
    names : (str, str)
        In the legend.

    Returns
    -------
    str
        SVG.
    """
    width, height, base = 360.0, 190.0, 142.0
    both = [values[np.isfinite(values)] for values in (real, synthetic)]
    seen = [np.percentile(values, TAILS) for values in both if values.size]
    axis = spanned(np.concatenate([*seen, np.zeros(0)]), 12.0, width - 12.0)
    shapes = [smooth_density(values, axis) for values in both]
    top = max((float(shape.max()) for shape in shapes), default=0.0) or 1.0
    x = np.linspace(axis.start, axis.end, CELLS)
    drawn = [*_horizontal(axis, base, text)]
    for css, values, shape in zip(BOTH, both, shapes, strict=True):
        if values.size:
            y = base - shape / top * (base - 40)
            closed = path(np.array([x[0], *x, x[-1]]), np.array([base, *y, base])) + "Z"
            drawn.append(element("path", d=closed, class_=f"area {css}"))
            drawn.append(element("path", d=path(x, y), class_=f"line {css}"))
            middle = float(axis.place(float(np.median(values))))
            drawn.append(element("line", x1=middle, x2=middle, y1=34.0, y2=base, class_=f"median {css}"))
    return picture(width, height, title, [*drawn, *_legend(names, 12.0)])


def smooth_density(values: Floats, axis: Axis) -> Floats:
    """Estimate a density along an axis with a Gaussian kernel; nothing leaks over the ends of the axis [1]_.

    Parameters
    ----------
    values : (N,) float64 array
        Those beyond the axis count in the whole, but are not drawn.
    axis : Axis
        Where.

    Returns
    -------
    (256,) float64 array
        Share of the values per unit, at even steps.

    References
    ----------
    .. [1] Silverman, B. W. (1986). Density estimation for statistics and data analysis. Chapman and Hall.
    """
    from scipy.ndimage import gaussian_filter1d

    if not values.size:
        return np.zeros(CELLS)
    cell = (axis.high - axis.low) / CELLS
    counted = np.histogram(values, CELLS, (axis.low, axis.high))[0] / (values.size * cell)
    quartiles = np.percentile(values, [25, 75])
    spread = min(float(values.std()), float(np.ptp(quartiles)) / 1.34) or float(values.std())
    kernel = max(0.9 * spread * values.size**-0.2, 2 * cell)
    smooth: Floats = gaussian_filter1d(counted, min(kernel / cell, CELLS / 8), mode="reflect")
    return smooth


def distribution(found: Difference, objects: str) -> str:
    """Draw the values of a statistic.

    Parameters
    ----------
    found : Difference
        Of two sets.
    objects : str
        What they are called.

    Returns
    -------
    str
        SVG.
    """
    unit = f" ({found.unit})" if found.unit else ""
    of = f", each of {len(found.real):,} and {len(found.synthetic):,} {'images' if found.by == 'image' else objects}"
    title = f"Distribution of {found.statistic}{unit} in the real and in the synthetic set{of}"
    return densities(found.real, found.synthetic, f"{found.statistic}{unit}", title)


def _legend(names: Sequence[str], x: float, y: float = 16.0) -> list[str]:
    drawn = []
    for css, name in zip(BOTH, names, strict=True):
        drawn.append(element("rect", x=x, y=y - 9, width=10, height=10, rx=2, class_=f"swatch {css}"))
        drawn.append(label(name, x + 15, y))
        x += 15 + 6.6 * len(name) + 16
    return drawn


def _horizontal(axis: Axis, y: float, text: str, ticks: int = 5) -> list[str]:
    """Draw an axis below a plot, with its ticks and what it shows."""
    drawn = [element("line", x1=axis.start, x2=axis.end, y1=y, y2=y, class_="axis")]
    for value in axis.ticks(ticks):
        x = float(axis.place(value))
        drawn.append(element("line", x1=x, x2=x, y1=y, y2=y + 4, class_="axis"))
        drawn.append(label(tick_label(value), min(max(x, axis.start + 6), axis.end - 6), y + 17, anchor="middle"))
    drawn.append(label(text, (axis.start + axis.end) / 2, y + 36, "name", "middle"))
    return drawn


def envelopes(found: Curve) -> str:
    """Draw a function of distance in both sets, with the range of single images and what independent points have.

    Parameters
    ----------
    found : Curve
        Of two sets.

    Returns
    -------
    str
        SVG.
    """
    width, height = 440.0, 290.0
    across = spanned(found.distances, 52.0, width - 12, zero=True)
    lines = np.concatenate([found.real, found.synthetic, found.independent])
    bands = np.concatenate([found.real_envelope, found.synthetic_envelope, found.independent_envelope]).ravel()
    up = _within_sight(lines, bands, height - 52, 50.0)
    x = across.place(found.distances)
    drawn = [*_vertical(up, across.start, across.end), *_horizontal(across, up.start, "distance (µm)")]
    for css, (low, high) in (
        ("independent", found.independent_envelope),
        ("real", found.real_envelope),
        ("synthetic", found.synthetic_envelope),
    ):
        drawn.append(element("path", d=band(x, up.place(low), up.place(high)), class_=f"band {css}"))
    for css, y in (("independent", found.independent), ("real", found.real), ("synthetic", found.synthetic)):
        drawn.append(element("path", d=path(x, up.place(y)), class_=f"line {css}"))
    unit = f" ({found.unit})" if found.unit else ""
    drawn += [label(f"{found.name}{unit}", 12.0, 38.0, "name"), *_legend(BOTH, 12.0)]
    drawn += [element("line", x1=200.0, x2=216.0, y1=12.0, y2=12.0, class_="line independent")]
    drawn += [label("independent points", 222.0, 16.0)]
    return picture(width, height, f"{found.name}{unit} over distance in both sets, with envelopes", drawn)


def _within_sight(lines: Floats, bands: Floats, bottom: float, top: float) -> Axis:
    """Lay an axis along lines, and along bands as far as they do not dwarf the lines."""
    lines, bands = lines[np.isfinite(lines)], bands[np.isfinite(bands)]
    if lines.size and bands.size:
        room = 1.5 * (np.ptp(lines) or 1.0)
        bands = np.clip(bands, lines.min() - room, lines.max() + room)
    return spanned(np.concatenate([lines, bands]), bottom, top)


def _vertical(axis: Axis, left: float, right: float) -> list[str]:
    drawn = []
    for value in axis.ticks(5):
        y = float(axis.place(value))
        drawn.append(element("line", x1=left, x2=right, y1=y, y2=y, class_="grid"))
        drawn.append(label(tick_label(value), left - 6, y + 4, anchor="end"))
    return drawn


def over_floors(found: Sequence[Distance]) -> str:
    """Draw distances on one axis, in units of what two halves of the real set have between them at most.

    Parameters
    ----------
    found : sequence of Distance
        Those without a floor are left out, and precision and recall.

    Returns
    -------
    str
        SVG; "" if nothing is left.
    """
    rows = [one for one in found if over_floor(one) is not None]
    if not rows:
        return ""
    ends = [one.found.high / one.floor.high for one in rows]
    farthest = max((end for end in ends if math.isfinite(end)), default=2.0)
    axis = Axis(0.2, min(max(farthest * 1.15, 2.0), FARTHEST), 12.0, 428.0, logarithmic=True)
    scaled = [
        (
            f"{one.of}: {one.features}, {one.metric}",
            f"{number(one.found.value / one.floor.high)} times the floor",
            np.array(one.found) / one.floor.high,
            np.array(one.floor) / one.floor.high,
        )
        for one in rows
    ]
    text = "distance, in units of the floor (real against real, upper end)"
    return _intervals(axis, scaled, text, "Distances between the sets, relative to their floors", 1.0)


def shares(found: Sequence[Distance]) -> str:
    """Draw precision and recall with what two halves of the real set have.

    Parameters
    ----------
    found : sequence of Distance
        Only precision and recall are drawn.

    Returns
    -------
    str
        SVG; "" if there are none.
    """
    rows = [one for one in found if one.metric in HIGHER_IS_NEARER and math.isfinite(one.found.value)]
    if not rows:
        return ""
    scaled = [
        (
            f"{one.of}: {one.features}, {one.metric}",
            interval(one.found),
            np.array(one.found),
            np.array(one.floor),
        )
        for one in rows
    ]
    axis = Axis(0.0, 1.0, 12.0, 428.0)
    return _intervals(
        axis, scaled, "share of samples", "Precision and recall, with those of two halves of the real set"
    )


def _intervals(
    axis: Axis, rows: Sequence[tuple[str, str, Floats, Floats]], text: str, title: str, mark: float | None = None
) -> str:
    """Draw, for each row, an interval with its estimate over the interval of the floor."""
    bottom = HEAD + 24 + ROW * len(rows)
    drawn = _interval_legend()
    for k, (name, value, found, floor) in enumerate(rows):
        y = HEAD + 24 + ROW * k
        drawn += [label(name, 12.0, y + 17), label(value, 428.0, y + 17, "value", "end")]
        line = y + 33
        if np.isfinite(floor).all():
            ends = axis.place(floor)
            thick = max(float(ends[2] - ends[1]), 2.0)
            drawn.append(element("rect", x=float(ends[1]), y=line - 6, width=thick, height=12, rx=3, class_="floor"))
        if mark is not None:
            x = float(axis.place(mark))
            drawn.append(element("line", x1=x, x2=x, y1=line - 11, y2=line + 11, class_="floor-edge"))
        middle, low, high = axis.place(found)
        if np.isfinite([low, high]).all():
            drawn.append(element("line", x1=float(low), x2=float(high), y1=line, y2=line, class_="line synthetic"))
        drawn.append(element("circle", cx=float(middle), cy=line, r=5, class_="dot synthetic"))
    drawn += _horizontal(axis, bottom, text, 6)
    return picture(440, bottom + FOOT, title, drawn)


def _interval_legend() -> list[str]:
    return [
        element("circle", cx=17.0, cy=HEAD + 4, r=5, class_="dot synthetic"),
        label("synthetic against real", 28.0, HEAD + 8),
        element("rect", x=176.0, y=HEAD - 2, width=22, height=12, rx=3, class_="floor"),
        label("floor: real against real", 204.0, HEAD + 8),
    ]
