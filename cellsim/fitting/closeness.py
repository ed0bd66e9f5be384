"""How close the samples of a recipe come to real ones, statistic by statistic."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from cellsim.evaluate.summary import STATISTICS, Table, centre_and_spread, mean_of

ALIKE = 1e-9  # spread below which real images are all alike, and a difference has no scale


class Closeness(NamedTuple):
    """A statistic of the real images beside that of the synthetic ones.

    Parameters
    ----------
    statistic : str
        Its name.
    unit : str
        "" for a plain number.
    real, fitted : float
        Means over images.
    spread, fitted_spread : float
        Standard deviations between images; of the logarithm where the mean is geometric.
    difference : float
        Fitted less real (of logarithms where the mean is geometric), relative to `spread`; nan if there is none.
    """

    statistic: str
    unit: str
    real: float
    fitted: float
    spread: float
    fitted_spread: float
    difference: float


def closeness(real: Table, fitted: Table) -> tuple[Closeness, ...]:
    """Compare the images of two sets.

    Parameters
    ----------
    real, fitted : dict
        As `cellsim.evaluate.summary.tabulate` returns them.

    Returns
    -------
    tuple of Closeness
        One a statistic that both have.
    """
    rows = []
    for statistic in STATISTICS:
        (centre, spread), (other, other_spread) = (centre_and_spread(table, statistic) for table in (real, fitted))
        if np.isnan([centre, other]).any():
            continue
        difference = (other - centre) / spread if spread > ALIKE else np.nan
        means = mean_of(real, statistic), mean_of(fitted, statistic)
        rows.append(Closeness(statistic.name, statistic.unit, *means, spread, other_spread, difference))
    return tuple(rows)


def listing(rows: Sequence[Closeness]) -> str:
    """Lay out a comparison for the terminal.

    Parameters
    ----------
    rows : sequence of Closeness
        As `closeness` returns them.

    Returns
    -------
    str
        A line a statistic under a line of headings.
    """
    head = ("statistic", "real", "fitted", "spread", "fitted", "difference")
    lines = [f"{head[0]:<18}" + "".join(f"{word:>11}" for word in head[1:])]
    for row in rows:
        name = f"{row.statistic} ({row.unit})" if row.unit else row.statistic
        numbers = "".join(f"{value:>11.3g}" for value in (row.real, row.fitted, row.spread, row.fitted_spread))
        difference = "-" if np.isnan(row.difference) else f"{row.difference:+.2f} sd"
        lines.append(f"{name:<18}{numbers}{difference:>11}")
    return "\n".join(lines)
