"""YOLO segmentation: a text file an image with an outline an object, and ``data.yaml``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import ClassVar

import numpy as np
import yaml

from cellsim.datasets.export.base import Contents, Entry, Format, Item, under
from cellsim.datasets.export.coco import picture, suffix_of
from cellsim.datasets.export.folder import Folder
from cellsim.datasets.export.found import listed, paired, plane_of
from cellsim.datasets.ingest.annotations import Hash, Objects, paint
from cellsim.datasets.ingest.coco import pixels_of
from cellsim.datasets.ingest.images import read_bytes
from cellsim.datasets.ingest.pairs import Pair
from cellsim.errors import InputError
from cellsim.masks.pixel_edges import pixel_outlines

WHOLE = "train"  # the part of a set that is not split


class YoloSeg(Format):
    """Images and outlines as ultralytics trains on them; a class for each structure.

    ``labels/train/000000.txt`` has a line an object: its class, then x and y of its outline in turn as fractions of
    the width and height. Outlines follow the edges of pixels, so that no pixel is lost.
    """

    name: ClassVar[str] = "yolo-seg"
    volumes: ClassVar[bool] = False
    floats: ClassVar[bool] = False
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
            Image and outlines.
        """
        (entry,) = entries
        part = entry.part or WHOLE
        return [under("images", part, entry.name + suffix_of(contents)), under("labels", part, f"{entry.name}.txt")]

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
        image, labels = self.files(items, contents)
        size = np.array(contents.shape[::-1], float)
        lines = []
        for k, plane in enumerate(items[0].labels):
            for corners in pixel_outlines(plane):
                if len(corners):
                    fractions = (corners[:, ::-1] / size).ravel().tolist()
                    lines.append(f"{k} {' '.join(f'{value:.7g}' for value in fractions)}\n")
        folder.write(image, picture(items[0].pixels, contents))
        folder.write(labels, "".join(lines))

    def finish(self, contents: Contents, folder: Folder) -> None:
        """Write ``data.yaml``; without a part of its own, training is also for validation.

        Parameters
        ----------
        contents : Contents
            Of the export.
        folder : Folder
            The output.
        """
        parts = [part or WHOLE for part in contents.parts]
        known: dict[str, object] = {part: f"images/{part}" for part in ("train", "val", "test") if part in parts}
        known.setdefault("val", f"images/{parts[0]}")
        known["names"] = dict(enumerate(contents.structures))
        folder.write("data.yaml", yaml.safe_dump(known, sort_keys=False, allow_unicode=True))

    def pairs(self, source: Path, structure: str | None) -> list[Pair]:
        """Find images and outlines.

        Parameters
        ----------
        source : Path
            With ``data.yaml``, ``images/train``, ``labels/train`` and so on.
        structure : str or None
            Name of a class; None for all of them.

        Returns
        -------
        list of Pair
            Sorted by name.

        Raises
        ------
        InputError
            If an image has no outlines, or there is none.
        """
        wanted = None
        if structure is not None:
            names = _names(source / "data.yaml")
            wanted = names.index(plane_of(structure, names, source))
        found: list[Pair] = []
        for folder in sorted((source / "images").glob("*")):
            images = listed(folder, ".png", ".tif", ".tiff")
            labels = listed(source / "labels" / folder.name, ".txt")
            found += paired(images, labels, folder, folder.name, lambda path: Outlines(path, wanted))
        if not found:
            raise InputError(f"{source} must hold images/train and labels/train")
        return found


def _names(path: Path) -> list[str]:
    try:
        names = yaml.safe_load(read_bytes(path))["names"]
        return [str(name) for name in (names.values() if isinstance(names, dict) else names)]
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise InputError(f"{path} does not name its classes: {error}") from None


@dataclass(frozen=True)
class Outlines:
    """The outlines of the objects of an image.

    Parameters
    ----------
    path : Path
        Of the text file.
    wanted : int or None
        The class that counts; None for all.
    """

    path: Path
    wanted: int | None
    separate: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.path)

    def read(self, shape: tuple[int, ...], seen: Hash) -> Objects:
        """Fill the outlines; where they overlap the smaller one lies on top.

        Parameters
        ----------
        shape : (2,) ints
            Of the image in pixels.
        seen : Hash
            Takes in the content of the file.

        Returns
        -------
        (Y, X) int32 array
            0 is background.

        Raises
        ------
        InputError
            If a line is no outline.
        """
        content = read_bytes(self.path)
        seen.update(sha256(content).digest())
        height, width = shape
        objects = []
        for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
            try:
                kind, *flat = line.split()
                corners = np.array(flat, float).reshape(-1, 2) * (width, height)
                if self.wanted is None or int(kind) == self.wanted:
                    objects.append(pixels_of([corners.ravel().tolist()], (height, width)))
            except ValueError as error:  # InputError is one
                raise InputError(f"{self.path}, line {number} is no outline: {error}") from None
        return paint(objects, shape)
