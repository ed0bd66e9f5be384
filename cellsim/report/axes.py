"""Axes of plots: from values to places, ticks at round numbers, and SVG elements."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape

import numpy as np

from cellsim.evaluate.records import Floats
from cellsim.report.words import number


@dataclass(frozen=True)
class Axis:
    """A straight line from one value to another.

    Parameters
    ----------
    low, high : float
        Values at its ends, low < high; of a logarithmic axis > 0.
    start, end : float
        Places of its ends in the picture.
    logarithmic : bool
        Whether equal steps are equal factors.
    """

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False

    def place(self, values: Floats | float) -> Floats:
        """Find the places of values; what lies beyond an end is put there.

        Parameters
        ----------
        values : (...) float64 array
            Any.

        Returns
        -------
        (...) float64 array
            In the picture.
        """
        inside = np.clip(np.asarray(values, np.float64), self.low, self.high)
        low, high = self.low, self.high
        if self.logarithmic:
            inside, low, high = np.log(inside), math.log(low), math.log(high)
        return np.asarray(self.start + (inside - low) / (high - low) * (self.end - self.start))

    def ticks(self, wanted: int = 5) -> list[float]:
        """Choose round numbers on the axis.

        Parameters
        ----------
        wanted : int
            About so many.

        Returns
        -------
        list of float
            Ascending.
        """
        if self.logarithmic:
            decades = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
            round_ones = [factor * 10.0**k for k in decades for factor in (1, 2, 5)]
            inside = [one for one in round_ones if self.low * 0.999 <= one <= self.high * 1.001]
            return inside if len(inside) <= wanted + 2 else [one for one in inside if _is_decade(one)]
        rough = (self.high - self.low) / wanted
        size = 10.0 ** math.floor(math.log10(rough))
        step = next(factor * size for factor in (1, 2, 5, 10) if factor * size >= rough * 0.999)
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [k * step for k in range(first, last + 1)]


def _is_decade(value: float) -> bool:
    return math.isclose(math.log10(value), round(math.log10(value)))


def tick_label(value: float) -> str:
    """Write the number at a tick.

    Parameters
    ----------
    value : float
        A round number.

    Returns
    -------
    str
        Without zeros that say nothing.
    """
    if value == 0 or 1e-4 <= abs(value) < 1e6:
        return f"{value:,.10g}".replace("-", "−")
    return number(value)


def spanned(values: Floats, start: float, end: float, *, zero: bool = False) -> Axis:
    """Lay an axis under values.

    Parameters
    ----------
    values : (N,) float64 array
        Those that are not finite do not count.
    start, end : float
        Places of its ends.
    zero : bool
        Whether it must hold 0.

    Returns
    -------
    Axis
        From the least to the greatest value; about it if they are one; from 0 to 1 if there is none.
    """
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    if zero or 0 < low < 0.3 * high:
        low, high = min(low, 0.0), max(high, 0.0)
    if high - low <= 1e-9 * max(abs(low), abs(high), 1e-30):
        reach = abs(high) / 2 or 0.5
        low, high = low - reach, high + reach
    return Axis(low, high, start, end)


def element(name: str, text: str = "", **attributes: object) -> str:
    """Write an SVG element.

    Parameters
    ----------
    name : str
        Such as "path".
    text : str
        What is in it, escaped already.
    attributes : object
        ``class_`` is class, ``text_anchor`` is text-anchor.

    Returns
    -------
    str
        The element.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_short(value))}"' for key, value in attributes.items()
    )
    return f"<{name}{written}>{text}</{name}>" if text else f"<{name}{written}/>"


def _short(value: object) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)


def label(text: str, x: float, y: float, css: str = "", anchor: str = "start") -> str:
    """Write text into a picture.

    Parameters
    ----------
    text : str
        Not escaped yet.
    x, y : float
        Where its baseline begins, or ends, or its middle.
    css : str
        Class.
    anchor : {"start", "middle", "end"}
        What stands at x.

    Returns
    -------
    str
        An SVG element.
    """
    marks = {"class_": css} if css else {}
    return element("text", escape(text), x=float(x), y=float(y), text_anchor=anchor, **marks)


def path(x: Floats, y: Floats) -> str:
    """Write a line as SVG path data, broken where a value is missing.

    Parameters
    ----------
    x, y : (N,) float64 arrays
        Places.

    Returns
    -------
    str
        For the attribute ``d``.
    """
    there, parts, pen = np.isfinite(x) & np.isfinite(y), [], "M"
    for px, py, drawn in zip(x, y, there, strict=True):
        if drawn:
            parts.append(f"{pen}{px:.1f} {py:.1f}")
        pen = "L" if drawn else "M"
    return "".join(parts)


def band(x: Floats, low: Floats, high: Floats) -> str:
    """Write the area between two lines as SVG path data.

    Parameters
    ----------
    x, low, high : (N,) float64 arrays
        Places.

    Returns
    -------
    str
        For the attribute ``d``; where a value is missing, nothing is drawn.
    """
    there = np.isfinite(x) & np.isfinite(low) & np.isfinite(high)
    runs = np.split(np.flatnonzero(there), np.flatnonzero(np.diff(np.flatnonzero(there)) > 1) + 1)
    shapes = [
        path(np.concatenate([x[run], x[run[::-1]]]), np.concatenate([high[run], low[run[::-1]]])) + "Z"
        for run in runs
        if len(run) > 1
    ]
    return "".join(shapes)


def picture(width: float, height: float, title: str, drawn: list[str]) -> str:
    """Put elements into an SVG picture.

    Parameters
    ----------
    width, height : float
        Of its coordinates.
    title : str
        What it shows, for people who do not see it.
    drawn : list of str
        Elements, the lowest first.

    Returns
    -------
    str
        An inline SVG, coloured by the classes of the page.
    """
    body = element("title", escape(title)) + "".join(drawn)
    return element("svg", body, viewBox=f"0 0 {width:g} {height:g}", role="img", aria_label=title, class_="plot")
