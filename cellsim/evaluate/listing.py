"""Scores as plain values, for files, and as a table, for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cellsim.evaluate.counts import Counts, macro, pooled
from cellsim.evaluate.scoring import ImageScores, Scores

RATIOS = ("precision", "recall", "f1", "average_precision")
HEADS = ("precision", "recall", "F1", "AP")

Values = dict[str, Any]


def rows(scores: Scores) -> list[Values]:
    """Return all numbers of each image.

    Parameters
    ----------
    scores : Scores
        From `cellsim.score`.

    Returns
    -------
    list of dict
        One for each image and structure: str, int and float by name; "f1@0.5" is the F1 at the IoU 0.5. What was not
        measured is missing.
    """
    return [_row(image) for image in scores.images]


def _row(image: ImageScores) -> Values:
    row: Values = {"image": image.name, "structure": image.structure, "truth": image.truth, "found": image.found}
    for score in image.instances:
        row |= _counts(score, f"@{score.threshold:g}") | {f"mean_iou@{score.threshold:g}": score.mean_iou}
    if image.panoptic is not None:
        row |= {"dsb2018": image.dsb, "panoptic_quality": image.panoptic.panoptic_quality, "aji": image.jaccard}
    if image.pixels is not None:
        pixels = image.pixels
        row |= {"pixel_precision": pixels.precision, "pixel_recall": pixels.recall, "dice": pixels.dice}
    for name, points in (("centres", image.centres), ("regions", image.regions)):
        if points is not None:
            row |= _counts(points, f"_{name}") | {f"mean_distance_{name}": _known(points.mean_distance)}
    return row


def _counts(score: Counts, end: str) -> Values:
    found: Values = {f"{name}{end}": getattr(score, name) for name in ("tp", "fp", "fn", *RATIOS)}
    return found


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value


def summary(scores: Scores, empty: float = 1.0) -> list[Values]:
    """Return what the images of each structure score together.

    Parameters
    ----------
    scores : Scores
        From `cellsim.score`.
    empty : float
        Value of ratios of an image where nothing is there and nothing is found; nan leaves it out of means.

    Returns
    -------
    list of dict
        One a structure: numbers by name; "macro" are means over images, "pooled" of all objects together.
    """
    return [_summary(name, scores.of(name), empty) for name in scores.structures]


def _summary(structure: str, scores: Scores, empty: float) -> Values:
    images = scores.images
    found: Values = {
        "structure": structure,
        "images": len(images),
        "truth": sum(image.truth for image in images),
        "found": sum(image.found for image in images),
        "iou": [],
    }
    if all(image.instances for image in images):
        found["iou"] = [{"threshold": t, **_both(scores.at(t), empty)} for t in scores.thresholds]
    panoptic = [image.panoptic for image in images if image.panoptic is not None]
    if panoptic:
        lone = [image.truth == image.found == 0 for image in images]
        for name, values in (("dsb2018", [i.dsb for i in images]), ("aji", [i.jaccard for i in images])):
            found[name] = _mean([empty if none else value for none, value in zip(lone, values, strict=True)])
        found["panoptic_quality"] = _known(macro(panoptic, "panoptic_quality", empty))
        found["panoptic_quality_pooled"] = pooled(panoptic).panoptic_quality
    for name in ("pixels", "centres", "regions"):
        counted = [counts for image in images if (counts := getattr(image, name)) is not None]
        if counted:
            found[name] = _both(counted, empty)
    return found


def _both(scores: Sequence[Counts], empty: float) -> Values:
    together = pooled(scores)
    return {
        "macro": {name: _known(macro(scores, name, empty)) for name in RATIOS},
        "pooled": _counts(together, ""),
    }


def _mean(values: Sequence[float]) -> float | None:
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else None


def listing(scores: Scores, empty: float = 1.0) -> str:
    """Lay out what the images score together.

    Parameters
    ----------
    scores : Scores
        From `cellsim.score`.
    empty : float
        As in `summary`.

    Returns
    -------
    str
        A table for each structure.
    """
    return "\n\n".join(_table(found) for found in summary(scores, empty))


def _table(found: Values) -> str:
    head = f"{found['structure']}: {found['truth']:,} objects in {found['images']:,} images, {found['found']:,} found"
    columns = "".join(f"{name:>10}" for name in HEADS)
    lines = [
        head,
        f"{'':<12}{'mean over images':^40}    {'all objects together':^40}",
        f"{'':<12}{columns}    {columns}",
    ]
    lines += [_line(f"IoU {row['threshold']:.3g}", row) for row in found["iou"]]
    for name, title in (("pixels", "pixels"), ("centres", "centres"), ("regions", "in regions")):
        if name in found:
            lines.append(_line(title, found[name]))
    for name, title in (("dsb2018", "DSB 2018"), ("panoptic_quality", "PQ"), ("aji", "AJI")):
        if name in found:
            lines.append(f"{title:<12}{_number(found[name]):>10}")
    return "\n".join(lines)


def _line(title: str, row: Values) -> str:
    parts = ("".join(f"{_number(row[of][name]):>10}" for name in RATIOS) for of in ("macro", "pooled"))
    return f"{title:<12}" + "    ".join(parts)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
