"""One page that says how alike two data sets are: a single HTML file, with all that it shows inside."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import yaml

from cellsim.datasets.layout import show
from cellsim.errors import InputError
from cellsim.evaluate.comparison import Comparison, spaced
from cellsim.evaluate.pairing import ComparedSet
from cellsim.evaluate.records import Copies, Difference
from cellsim.report import figures, words
from cellsim.report.numbers import save_numbers, summaries
from cellsim.report.thumbnails import Thumbnail, thumbnail

SHOWN = 12  # images of each set in the galleries
CARDS, OF_A_KIND = 6, 3  # differences that are shown large, and of one group of statistics
PAIRS = 4  # synthetic samples shown beside their nearest real ones
HERE = Path(__file__).parent


class Card(NamedTuple):
    """A finding in words and as a picture.

    Parameters
    ----------
    title, sentence : str
        Words.
    mark : str
        How much it matters, such as "large, 1.9 sd".
    size : str
        "negligible", "small", "medium" or "large".
    plot : str
        SVG.
    """

    title: str
    sentence: str
    mark: str
    size: str
    plot: str


class Kinship(NamedTuple):
    """The nearest real samples of synthetic ones, to show.

    Parameters
    ----------
    title, sentence : str
        Words.
    suspected : bool
        Whether the pairs are suspected copies; if not, they are the nearest there are.
    plot : str
        SVG.
    pairs : list of (Thumbnail, Thumbnail, str)
        A synthetic sample, its nearest real one, and their distance.
    """

    title: str
    sentence: str
    suspected: bool
    plot: str
    pairs: list[tuple[Thumbnail, Thumbnail, str]]


def save_report(comparison: Comparison, folder: str | Path, command: str = "") -> Path:
    """Write ``report.html``, a page that needs nothing beside it, and ``report.json``, all numbers.

    Parameters
    ----------
    comparison : Comparison
        As `cellsim.compare` returns it; a few samples of both sets are read again for the galleries.
    folder : str or Path
        Made if it is not there.
    command : str
        That made the report, to be written on it.

    Returns
    -------
    Path
        Of the page.

    Raises
    ------
    InputError
        If the folder is a file.
    StoreError
        If a data set is gone or damaged.
    """
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise InputError(f"a report is written into a folder, and {folder} is a file")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "report.html"
    path.write_text(page(comparison, command), encoding="utf-8")
    save_numbers(comparison, folder / "report.json", command)
    return path


def page(comparison: Comparison, command: str = "") -> str:
    """Write a comparison as HTML.

    Parameters
    ----------
    comparison : Comparison
        As `cellsim.compare` returns it.
    command : str
        That made it.

    Returns
    -------
    str
        A whole page; it loads nothing and runs no script.

    Raises
    ------
    StoreError
        If a data set is gone or damaged.
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals |= {"words": words, "summaries": summaries, "show": show, "isfinite": math.isfinite}
    return environment.get_template("page.html").render(_content(comparison) | {"command": command})


def _content(comparison: Comparison) -> dict[str, Any]:
    """Gather what the template shows."""
    objects = words.objects_of(comparison)
    pictures = _pictures(comparison, objects)
    return {
        "style": (HERE / "page.css").read_text(encoding="utf-8"),
        "found": comparison,
        "objects": objects,
        "verdict": words.verdict(comparison),
        "headline": headline(comparison),
        "galleries": [
            (name, [pictures[name, k] for k in _gallery(getattr(comparison, name))]) for name in figures.BOTH
        ],
        "cards": [_card(one, objects) for one in telling(comparison.differences)],
        "floors": figures.over_floors(comparison.distances),
        "shares": figures.shares(comparison.distances),
        "curves": [(one.name, words.curve(one), figures.envelopes(one)) for one in comparison.curves],
        "kinships": [_kinship(one, pictures) for one in comparison.copies],
        "sets": [("Real", comparison.real), ("Synthetic", comparison.synthetic)],
        "recipe": _recipe(comparison.synthetic),
    }


def telling(differences: Sequence[Difference]) -> list[Difference]:
    """Choose the differences that are worth a picture.

    Parameters
    ----------
    differences : sequence of Difference
        In any order.

    Returns
    -------
    list of Difference
        At most six, the greatest effect first; at most three of a group. Negligible ones only if there are no others.
    """
    ranked = ranking(differences)
    counted = {"form": 0, "place": 0, "light": 0}
    chosen: list[Difference] = []
    for one in ranked:
        if counted[one.group] < OF_A_KIND and len(chosen) < CARDS:
            counted[one.group] += 1
            chosen.append(one)
    greater = [one for one in chosen if abs(one.effect) >= words.SMALL]
    return greater or chosen[:OF_A_KIND]


def ranking(differences: Sequence[Difference]) -> list[Difference]:
    """Sort differences.

    Parameters
    ----------
    differences : sequence of Difference
        In any order.

    Returns
    -------
    list of Difference
        The greatest effect first; without those that have none.
    """
    known = [one for one in differences if math.isfinite(one.effect)]
    return sorted(known, key=lambda one: (-abs(one.effect), -one.ks))


def headline(comparison: Comparison) -> list[tuple[str, str, str]]:
    """Choose the numbers that stand above all others.

    Parameters
    ----------
    comparison : Comparison
        Of two sets.

    Returns
    -------
    list of (str, str, str)
        What, how much, and what that means.
    """
    objects, (real, synthetic) = words.objects_of(comparison), comparison.objects
    found = [
        (
            "Compared",
            f"{len(comparison.real):,} | {len(comparison.synthetic):,}",
            f"real and synthetic images, with {real:,} and {synthetic:,} {objects}",
        )
    ]
    if ranked := ranking(comparison.differences):
        first = ranked[0]
        found.append(("Largest difference", words.deviations(abs(first.effect)), first.statistic))
    for what in ("images", "masks"):
        over = [(times, one) for one in comparison.distances if one.of == what and (times := words.over_floor(one))]
        if over:
            times, one = over[0]
            found.append(
                (f"Distance of {what}", f"{words.number(times)} ×", f"the floor, {one.metric} by {one.features}")
            )
    if comparison.copies:
        suspects = len({k for one in comparison.copies for k in one.suspects})
        found.append(("Suspected copies", f"{suspects:,}", f"of {len(comparison.synthetic):,} synthetic samples"))
    return found


def _card(found: Difference, objects: str) -> Card:
    size = words.size_of(found.effect)
    mark = f"{size}, {words.deviations(found.effect)}"
    return Card(found.statistic, words.difference(found, objects), mark, size, figures.distribution(found, objects))


def _gallery(compared: ComparedSet) -> list[int]:
    return [int(k) for k in spaced(len(compared), SHOWN)]


def _nearest(found: Copies) -> list[int]:
    """Positions of the synthetic samples to show: suspects, or else those nearest to a real one."""
    if found.suspects:
        return list(found.suspects[:PAIRS])
    return [int(k) for k in np.argsort(found.distance, kind="stable")[:PAIRS]]


def _pictures(comparison: Comparison, objects: str) -> dict[tuple[str, int], Thumbnail]:
    """Draw every sample that the page shows, once."""
    wanted = {name: set(_gallery(getattr(comparison, name))) for name in figures.BOTH}
    for one in comparison.copies:
        wanted["synthetic"] |= set(_nearest(one))
        wanted["real"] |= {int(one.nearest[k]) for k in _nearest(one)}
    drawn = {}
    for name, positions in wanted.items():
        compared, order = getattr(comparison, name), sorted(positions)
        for k, sample in zip(order, compared.read(order), strict=True):
            drawn[name, k] = thumbnail(sample, f"{name} image {compared.indices[k]}", objects)
    return drawn


def _kinship(found: Copies, pictures: dict[tuple[str, int], Thumbnail]) -> Kinship:
    title = f"Distance of {found.of} to the nearest real one, by {found.features}"
    plot = figures.densities(
        found.among_real,
        found.distance,
        f"distance to the nearest real one ({found.features})",
        title,
        ("from real to real", "from synthetic to real"),
    )
    pairs = [
        (pictures["synthetic", k], pictures["real", int(found.nearest[k])], words.number(float(found.distance[k])))
        for k in _nearest(found)
    ]
    name = f"{found.of}, by {found.features}"
    return Kinship(name[:1].upper() + name[1:], words.copies(found), found.convincing, plot, pairs)


def _recipe(compared: ComparedSet) -> str:
    if compared.recipe is None:
        return ""
    return yaml.safe_dump(compared.recipe, sort_keys=False, allow_unicode=True)
