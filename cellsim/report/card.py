"""The card of a data set: what it is, how it was made, its numbers, a picture, how to cite it; as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import yaml

from cellsim import __version__
from cellsim.datasets.mixture import BOTH, REAL, SYNTHETIC, UNSURE, kind_of
from cellsim.datasets.reader import Dataset
from cellsim.errors import StoreError
from cellsim.nn.weights import find_weights
from cellsim.report.gallery import save_gallery

PLACES = ("source", "index", "parent")  # columns that say where a sample is from
SHOWN = 8  # samples in the picture
EXACT = {
    SYNTHETIC: "drawn with the image",
    REAL: "annotated by people",
    BOTH: "annotated by people or drawn with the image",
    UNSURE: "annotated by people or drawn with the image",
}
UNKNOWN = "unknown: fill in before you share the data"

CARD = """# {name}

{what}

{picture}| | |
|---|---|
{facts}

## How it was made

{made}

## Numbers

| for each sample | mean | least | most |
|---|---|---|---|
{numbers}

## Licence and limits

| | |
|---|---|
{licences}

Fill in: what the images show and what they do not, and what they should not be used for.

## How to cite

{cite}
"""


def card_text(dataset: Dataset, picture: str | None = None) -> str:
    """Write the card of a data set.

    Parameters
    ----------
    dataset : Dataset
        The version that it is about.
    picture : str, optional
        Path or URL of a picture of samples, as Markdown shows it.

    Returns
    -------
    str
        Markdown; the same version gives the same text. What cannot be known is marked to be filled in.
    """
    spec = dataset.spec
    shown = f"![Some samples, each beside the outlines of its objects]({picture})\n\n" if picture else ""
    return CARD.format(
        name=spec.name,
        what=_what(dataset),
        picture=shown,
        facts=_rows(_facts(dataset)),
        made=_how(dataset),
        numbers=_numbers(dataset),
        licences=_rows(_licences(dataset)),
        cite=_cite(dataset),
    )


def save_card(dataset: Dataset, path: Path, picture: Path | None = None) -> Path:
    """Write the card of a data set, and a picture beside it.

    Parameters
    ----------
    dataset : Dataset
        The version that it is about.
    path : Path
        Of the Markdown file.
    picture : Path, optional
        Of the picture; ``<card>.png`` if None.

    Returns
    -------
    Path
        Of the card.
    """
    picture = path.with_suffix(".png") if picture is None else picture
    picture.parent.mkdir(parents=True, exist_ok=True)
    save_gallery((dataset[i] for i in range(min(SHOWN, len(dataset)))), picture)  # one at a time: they may be large
    shown = picture.relative_to(path.parent).as_posix() if picture.is_relative_to(path.parent) else picture.name
    path.write_text(card_text(dataset, quote(shown)), encoding="utf-8")
    return path


def _rows(facts: list[tuple[str, str]]) -> str:
    return "\n".join(f"| {name} | {text} |" for name, text in facts)


def _maker(dataset: Dataset) -> str:
    return str(dataset.group.attrs.get("created_by", "")).removeprefix("cellsim ") or __version__


def _what(dataset: Dataset) -> str:
    spec, kind = dataset.spec, kind_of(dataset)
    images = f"{'volumes' if len(spec.shape) == 3 else 'images'} of microscopy"
    if not spec.channels:
        said = f"every object of {_listed(spec.structures)} has its own id"
        return f"{kind.capitalize()} label {images}, without intensities: {said}."
    return f"{kind.capitalize()} {images} with instance labels of {_listed(spec.structures)}, {EXACT[kind]}."


def _sources(dataset: Dataset) -> list[dict[str, str]]:
    """List what was mixed, with what each is, as far as that is known."""
    known: Any = dataset.group.attrs.get("sources")
    return [{"kind": UNSURE, **source} for source in known] if isinstance(known, list) else []


def _how(dataset: Dataset) -> str:
    if mixed := _sources(dataset):
        lines = [f"- {one['kind']}: '{one['name']}', {one['version']}, SHA-256 `{one['digest']}`" for one in mixed]
        return "Mixed from\n\n" + "\n".join(lines)
    return _made(dataset.spec.recipe) if dataset.spec.recipe is not None else _ingested(dataset)


def _cite(dataset: Dataset) -> str:
    spec, version, kind = dataset.spec, dataset.version, kind_of(dataset)
    text = f"Name the data set by its content: '{spec.name}', {version.name}, SHA-256 `{version.digest}`"
    text += (
        f", made by cellsim {_maker(dataset)} from the recipe `{spec.digest[:12]}`." if spec.recipe is not None else "."
    )
    if kind == SYNTHETIC:
        return text
    return f"{text} Cite those who took and annotated the {'' if kind == REAL else 'real '}images too."


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _facts(dataset: Dataset) -> list[tuple[str, str]]:
    spec, version = dataset.spec, dataset.version
    known: Any = dataset.group.attrs.get("ingested")
    assumed = " (assumed: it was not given)" if isinstance(known, dict) and known.get("spacing_assumed") else ""
    return [
        ("version", f"{version.name}, content `{version.digest[:12]}`"),
        ("samples", f"{version.samples:,}"),
        ("objects", f"{int(dataset.drawn['objects'].sum()):,}"),
        ("size", f"{_by(spec.shape)} px"),
        ("pixel", f"{_by(spec.spacing)} µm{assumed}"),
        ("labels", _listed(spec.structures)),
        ("channels", f"{_listed(spec.channels)} ({spec.image})" if spec.channels else "none"),
        *([("fields of view", f"{len(spec.parents):,}; split by the column `parent`")] if spec.parents else []),
        ("made by", f"cellsim {_maker(dataset)}"),
    ]


def _by(numbers: tuple[float, ...]) -> str:
    return " x ".join(f"{n:g}" for n in numbers)


def _made(recipe: dict[str, Any]) -> str:
    """Show the recipe, and what of it is not in the recipe itself."""
    text = yaml.safe_dump(recipe, sort_keys=False, allow_unicode=True, default_flow_style=None, width=100)
    return f"A sample is a function of this recipe and its index:\n\n```yaml\n{text}```"


def _ingested(dataset: Dataset) -> str:
    known: Any = dataset.group.attrs.get("ingested")
    if not isinstance(known, dict):
        return "Ingested from annotated images; how is not recorded."
    turned = ", each also turned by 90, 180 and 270 degrees" if known.get("rotations") else ""
    return (
        f"Cut from {known.get('images')} annotated images into tiles of {_by(dataset.spec.shape)} px that overlap by "
        f"{known.get('overlap', 0):.0%} at least{turned}; tiles with fewer than {known.get('min_objects')} objects are "
        "left out."
    )


def _numbers(dataset: Dataset) -> str:
    rows = []
    for name, values in dataset.drawn.items():
        if name not in PLACES:
            held = values[np.isfinite(values)]  # samples of a mixture may lack a number
            mean, low, high = (np.mean(held), np.min(held), np.max(held)) if len(held) else (np.nan, np.nan, np.nan)
            rows.append(f"| {name} | {mean:.4g} | {low:.4g} | {high:.4g} |")
    return "\n".join(rows)


def _licences(dataset: Dataset) -> list[tuple[str, str]]:
    """List the licences of all that is in the samples: of weights, as their cards say."""
    rows = [("licence of the data", UNKNOWN)]
    for where, content in _contents(dataset.spec.recipe or {}):
        what = "weights" if where.endswith("weights") else where.rpartition(".")[2]
        rows.append(
            (f"{what} `{Path(content['path']).name}`, `{content['digest'][:12]}`", _licence_of(content["path"]))
        )
    return rows


def _contents(values: Any, where: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Find the files and data sets that a recipe depends on."""
    if isinstance(values, dict) and {"path", "digest"} <= values.keys():
        yield where, values
    elif isinstance(values, dict | list):
        for key, value in values.items() if isinstance(values, dict) else enumerate(values):
            yield from _contents(value, f"{where}.{key}".lstrip("."))


def _licence_of(path: str) -> str:
    """Read the licence in the card that lies beside a file of weights."""
    try:
        card = find_weights(path).with_suffix(".md").read_text(encoding="utf-8")
    except (StoreError, OSError):
        return "unknown"
    found = re.search(r"^\| licence of the weights \| (.+?) \|$", card, re.MULTILINE)
    return found[1] if found else "unknown"
