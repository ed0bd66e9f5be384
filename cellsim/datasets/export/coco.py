"""COCO: images, and JSON files with the objects as run lengths and as polygons."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from cellsim.datasets.export.base import Contents, Entry, Format, Item, Pixels, under
from cellsim.datasets.export.folder import Folder
from cellsim.datasets.export.found import listed, partners
from cellsim.datasets.export.rasters import fits_png, imagej_tiff, png
from cellsim.datasets.export.run_lengths import RunLengths, run_lengths
from cellsim.datasets.ingest.coco import read_coco
from cellsim.datasets.ingest.pairs import Pair
from cellsim.datasets.ingest.pictures import ImageFiles
from cellsim.errors import InputError
from cellsim.masks.pixel_edges import pixel_outlines
from cellsim.sample import Labels

FRAGMENTS = ".annotations"  # a file a sample, until all of them are there
FORMS = ("instances", "polygons")


def picture(image: Pixels, contents: Contents) -> bytes:
    """Encode an image as PNG if that can hold it, else as TIFF.

    Parameters
    ----------
    image : (C, Y, X) array
        As in the data set.
    contents : Contents
        Gives channels and spacing.

    Returns
    -------
    bytes
        Of the file.
    """
    if suffix_of(contents) == ".png":
        return png(image[0] if len(image) == 1 else image)
    return imagej_tiff(image, contents)


def suffix_of(contents: Contents) -> str:
    """Return how the names of the images end.

    Parameters
    ----------
    contents : Contents
        Of the export.

    Returns
    -------
    str
        ".png" if PNG can hold them, else ".tif".
    """
    return ".png" if fits_png(contents.channels, contents.shape, contents.dtype) else ".tif"


class Coco(Format):
    """COCO instance annotations; a category for each structure.

    ``annotations/instances.json`` has run lengths, ``annotations/polygons.json`` polygons of the same pixels;
    ``instances_train.json`` and so on if the set is split, with ``images/train``.
    """

    name: ClassVar[str] = "coco"
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
            The image, and its annotations until they are gathered.
        """
        (entry,) = entries
        return [under("images", entry.part, entry.name + suffix_of(contents)), under(FRAGMENTS, f"{entry.name}.json")]

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
        image, fragment = self.files(items, contents)
        folder.write(image, picture(items[0].pixels, contents))
        planes = enumerate(items[0].labels, 1)
        folder.write(fragment, json.dumps([one for k, plane in planes for one in _objects(plane, k)]))

    def finish(self, contents: Contents, folder: Folder) -> None:
        """Gather the annotations of each part in one file of run lengths and one of polygons.

        Parameters
        ----------
        contents : Contents
            Of the export.
        folder : Folder
            The output.
        """
        for part, entries in contents.parts.items():
            for form in FORMS:
                name = f"annotations/{form}{'_' if part else ''}{part}.json"
                with folder.replacing(name) as path, path.open("w", encoding="utf-8") as file:
                    file.writelines(_document(entries, contents, folder, form))
        for entry in contents.entries:
            (folder.root / FRAGMENTS / f"{entry.name}.json").unlink(missing_ok=True)
        folder.clean()  # fragments that killed runs left unfinished
        if (folder.root / FRAGMENTS).is_dir():
            (folder.root / FRAGMENTS).rmdir()

    def pairs(self, source: Path, structure: str | None) -> list[Pair]:
        """Find images and their annotations.

        Parameters
        ----------
        source : Path
            With ``annotations/*.json`` and ``images``.
        structure : str or None
            Name of a category; None for all of them.

        Returns
        -------
        list of Pair
            Sorted by name.

        Raises
        ------
        InputError
            If there are no annotations, or an image has none.
        """
        found = []
        for path in sorted((source / "annotations").glob("*.json")):
            form, _, part = path.stem.partition("_")
            if form != FORMS[0]:
                continue
            images = listed(source / "images" / part, ".png", ".tif", ".tiff")
            known = read_coco(path, structure)
            partners(images, dict.fromkeys(known, path), source)
            found += [Pair(under(part, stem), file, known[stem], ImageFiles((file,))) for stem, file in images.items()]
        if not found:
            raise InputError(f"{source} must hold annotations/instances.json or annotations/instances_train.json ...")
        return found


def _objects(plane: Labels, category: int) -> Iterator[dict[str, Any]]:
    """List the objects of a label plane in the order of their ids; both forms of their outlines."""
    for label, (corners, runs) in enumerate(zip(pixel_outlines(plane), run_lengths(plane), strict=True), 1):
        if runs.area:
            yield _object(label, category, corners, runs, plane.shape)


def _object(
    label: int, category: int, corners: np.ndarray[Any, Any], runs: RunLengths, shape: Sequence[int]
) -> dict[str, Any]:
    (y, x), (bottom, right) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    return {
        "category_id": category,
        "label": label,
        "area": runs.area,
        "bbox": [x, y, right - x, bottom - y],
        "iscrowd": 0,
        "instances": {"size": list(shape), "counts": runs.text},
        "polygons": [corners[:, ::-1].ravel().tolist()],
    }


def _document(entries: Sequence[Entry], contents: Contents, folder: Folder, form: str) -> Iterator[str]:
    """Write a COCO file piece by piece, for all annotations of a large set do not fit into memory."""
    height, width = contents.shape
    yield json.dumps({"info": {"description": contents.name}, "licenses": []}, ensure_ascii=False)[:-1]
    categories = [{"id": k, "name": name, "supercategory": ""} for k, name in enumerate(contents.structures, 1)]
    yield f', "categories": {json.dumps(categories, ensure_ascii=False)}, "images": ['
    for number, entry in enumerate(entries, 1):
        known = {"id": number, "file_name": entry.name + suffix_of(contents), "height": height, "width": width}
        yield ("" if number == 1 else ",\n") + json.dumps(known)
    yield '], "annotations": ['
    count = 0
    for number, entry in enumerate(entries, 1):
        for one in json.loads((folder.root / FRAGMENTS / f"{entry.name}.json").read_bytes()):
            outline = one[form]
            count += 1
            rest = {key: value for key, value in one.items() if key not in FORMS}
            yield ("" if count == 1 else ",\n") + json.dumps(
                {"id": count, "image_id": number, **rest, "segmentation": outline}
            )
    yield "]}\n"
