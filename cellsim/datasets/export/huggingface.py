"""Hugging Face: a folder that ``datasets.load_dataset`` reads, with a table and a column for images and for labels."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from PIL import Image as Picture

from cellsim.datasets.export.base import Contents, Entry, Format, Item, Pixels, under
from cellsim.datasets.export.folder import Folder
from cellsim.datasets.export.found import plane_of
from cellsim.datasets.export.rasters import fits_png, png
from cellsim.datasets.ingest.images import read_bytes
from cellsim.datasets.ingest.pairs import Pair
from cellsim.datasets.ingest.pictures import ImageFiles, LabelFile
from cellsim.errors import InputError

PARTS = {"": "train", "train": "train", "val": "validation", "test": "test"}
TABLE = "metadata.jsonl"
ENDS = "_file_name"  # marks a column of files; `load_dataset` shows it without


class HuggingFace(Format):
    """Picture files and a table ``metadata.jsonl`` for each part: the layout *ImageFolder*, which needs no Parquet.

    ``datasets.load_dataset(folder)`` shows the columns ``image`` (or ``image_<channel>``, where one picture cannot
    hold all channels), ``labels`` (or ``labels_<structure>``, where there are several), and the numbers of each
    sample. Labels are PNG of 16 bits; images PNG, or TIFF if they are float32.
    """

    name: ClassVar[str] = "huggingface"
    volumes: ClassVar[bool] = False
    every_structure: ClassVar[bool] = True

    def files(self, entries: Sequence[Entry], contents: Contents) -> list[str]:
        """Name the files of a sample.

        Parameters
        ----------
        entries : sequence of Entry
            One.
        contents : Contents
            Of the export.

        Returns
        -------
        list of str
            A file a column.
        """
        (entry,) = entries
        return [under(PARTS[entry.part], name) for name in _columns(entry, contents).values()]

    def write(self, items: Sequence[Item], contents: Contents, folder: Folder) -> None:
        """Write a sample.

        Parameters
        ----------
        items : sequence of Item
            One.
        contents : Contents
            Of the export.
        folder : Folder
            The output.
        """
        (item,) = items
        whole = fits_png(contents.channels, contents.shape, contents.dtype)
        pictures = [item.pixels if len(item.pixels) > 1 else item.pixels[0]] if whole else [*item.pixels]
        for name, picture in zip(self.files(items, contents), [*pictures, *item.labels], strict=True):
            folder.write(name, png(picture) if picture.dtype.kind == "u" else _float_tiff(picture))

    def finish(self, contents: Contents, folder: Folder) -> None:
        """Write the table of each part.

        Parameters
        ----------
        contents : Contents
            Of the export.
        folder : Folder
            The output.
        """
        for part, entries in contents.parts.items():
            with folder.replacing(under(PARTS[part], TABLE)) as path, path.open("w", encoding="utf-8") as file:
                for entry in entries:
                    row: dict[str, Any] = {name + ENDS: path for name, path in _columns(entry, contents).items()}
                    file.write(json.dumps({**row, "name": entry.name, **entry.facts}, ensure_ascii=False) + "\n")

    def pairs(self, source: Path, structure: str | None) -> list[Pair]:
        """Find images and labels by the tables.

        Parameters
        ----------
        source : Path
            With ``train/metadata.jsonl`` and so on, its columns as they are written here.
        structure : str or None
            Which labels; None for the first.

        Returns
        -------
        list of Pair
            In the order of the tables.

        Raises
        ------
        InputError
            If there is no table, or it lacks a column.
        """
        found: list[Pair] = []
        for table in (source / part / TABLE for part in ("train", "validation", "test")):
            found += [_pair(row, table.parent, structure) for row in _rows(table)]
        if not found:
            raise InputError(f"{source} must hold train/{TABLE}: sets in Parquet are not read")
        return found


def _rows(table: Path) -> Iterator[dict[str, Any]]:
    lines = read_bytes(table).splitlines() if table.is_file() else []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise InputError(f"{table}, line {number}, is no JSON: {error}") from None
        if not isinstance(row, dict) or not all(isinstance(row[name], str) for name in row if name.endswith(ENDS)):
            raise InputError(f"{table}, line {number}, must be an object with names of files, got {line[:60]!r}")
        yield row


def _columns(entry: Entry, contents: Contents) -> dict[str, str]:
    """Name the columns of pictures, and the file of each relative to the table."""
    whole = fits_png(contents.channels, contents.shape, contents.dtype)
    suffix = ".tif" if contents.dtype == "float32" else ".png"
    images = ["image"] if whole or len(contents.channels) == 1 else [f"image_{name}" for name in contents.channels]
    several = len(contents.structures) > 1
    labels = [f"labels_{name}" for name in contents.structures] if several else ["labels"]
    files = {name: f"{name}/{entry.name}{suffix}" for name in images}
    return files | {name: f"{name}/{entry.name}.png" for name in labels}


def _float_tiff(image: Pixels) -> bytes:
    written = BytesIO()
    Picture.fromarray(np.ascontiguousarray(image)).save(written, "TIFF")
    return written.getvalue()


def _pair(row: dict[str, Any], folder: Path, structure: str | None) -> Pair:
    files = {name.removesuffix(ENDS): folder / path for name, path in row.items() if name.endswith(ENDS)}
    images = tuple(path for name, path in files.items() if name.partition("_")[0] == "image")
    planes = {name.partition("_")[2]: path for name, path in files.items() if name.partition("_")[0] == "labels"}
    if not images or not planes:
        raise InputError(f"{folder / TABLE} must have the columns image{ENDS} and labels{ENDS}, got {', '.join(row)}")
    plane = next(iter(planes)) if "" in planes else plane_of(structure, list(planes), folder)
    stem = f"{folder.name}/{row.get('name', images[0].stem)}"
    return Pair(stem, images[0], LabelFile(planes[plane]), ImageFiles(images))
