"""Which images show the same field of view, so that they stay together when a set is split."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from cellsim.datasets.ingest.images import read_bytes
from cellsim.errors import InputError

ALLOWED = "{image: parent, ...}, a list of {'id': image, 'parent': parent, ...}, or {'items': such a list}"


def find_parents(stems: Sequence[str], table: str | Path | None) -> list[str]:
    """Name the parent of each image.

    Parameters
    ----------
    stems : sequence of str
        Names of the images.
    table : str, Path or None
        A `.csv` file with the columns ``image`` and ``parent``, or a `.json` file; None if each image is its own
        parent.

    Returns
    -------
    list of str
        For each stem.

    Raises
    ------
    InputError
        If the file cannot be read, or lacks an image.
    """
    if table is None:
        return list(stems)
    path = Path(table)
    known = _read(path)
    if lacking := [stem for stem in stems if stem not in known]:
        example = f"it names images such as '{next(iter(known))}'" if known else "it names none"
        raise InputError(
            f"{path} names no parent for {len(lacking)} of {len(stems)} images, such as '{lacking[0]}'; {example}"
        )
    return [known[stem] for stem in stems]


def _read(path: Path) -> dict[str, str]:
    reader = {".csv": _read_csv, ".json": _read_json}.get(path.suffix.lower())
    if reader is None:
        raise InputError(f"a table of parents must be a .csv or .json file, got {path}")
    content = read_bytes(path)
    try:
        rows = reader(content.decode("utf-8-sig"))
    except (ValueError, csv.Error) as error:  # InputError, JSON and Unicode errors are ValueErrors
        raise InputError(f"{path} cannot be read as a table of parents: {error}") from None
    known: dict[str, str] = {}
    for image, parent in rows:
        if not isinstance(image, str | int) or not isinstance(parent, str | int) or parent == "":
            raise InputError(f"{path}: an image and its parent must be names, got {image!r} and {parent!r}")
        if known.setdefault(str(image), str(parent)) != str(parent):
            raise InputError(f"{path} names two parents for '{image}': '{known[str(image)]}' and '{parent}'")
    return known


def _read_csv(text: str) -> list[tuple[Any, Any]]:
    rows = csv.DictReader(StringIO(text, newline=""))
    if not {"image", "parent"} <= set(rows.fieldnames or ()):
        raise InputError(f"its first line must be 'image,parent', got {(text.splitlines() or [''])[0][:40]!r}")
    return [(row["image"], row["parent"]) for row in rows]


def _read_json(text: str) -> list[tuple[Any, Any]]:
    values = json.loads(text)
    if isinstance(values, dict) and isinstance(values.get("items"), list):
        values = values["items"]
    if isinstance(values, dict):
        return list(values.items())
    if not isinstance(values, list) or not all(isinstance(item, dict) and "id" in item for item in values):
        raise InputError(f"it must hold {ALLOWED}")
    return [(item["id"], item.get("parent")) for item in values]
