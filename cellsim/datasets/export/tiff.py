"""OME-TIFF: images and labels with the size of a pixel and the names of channels in the file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from cellsim.datasets.export.base import Contents, Entry, Format, Item, under
from cellsim.datasets.export.folder import Folder
from cellsim.datasets.export.found import folders, listed, paired, plane_of
from cellsim.datasets.export.rasters import ome_tiff
from cellsim.datasets.ingest.pairs import Pair

SUFFIX = ".ome.tif"
IMAGES, LABELS = "images", "labels-"


class Tiff(Format):
    """A folder of images and one of labels for each structure, as OME-TIFF, which Fiji, QuPath and napari open.

    ``images/000000.ome.tif`` is (C, [Z,] Y, X), ``labels-cells/000000.ome.tif`` ([Z,] Y, X) uint16; physical sizes
    are in µm, and resolutions in pixels per centimetre say the same to readers that do not know OME.
    """

    name: ClassVar[str] = "tiff"
    labels_alone: ClassVar[bool] = True
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
            Image and labels.
        """
        kinds = [*([IMAGES] if contents.channels else []), *(LABELS + name for name in contents.structures)]
        return [under(entries[0].part, folder, entries[0].name + SUFFIX) for folder in kinds]

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
        names = self.files(items, contents)
        if contents.channels:
            image = names.pop(0)
            folder.write(image, ome_tiff(items[0].pixels, contents, contents.channels, image))
        for name, plane, structure in zip(names, items[0].labels, contents.structures, strict=True):
            folder.write(name, ome_tiff(plane[None], contents, (structure,), name, compress=True))

    def pairs(self, source: Path, structure: str | None) -> list[Pair]:
        """Find images and labels.

        Parameters
        ----------
        source : Path
            With ``images`` and ``labels-...``, or ``train/images`` and so on.
        structure : str or None
            Which labels; None for the first by name.

        Returns
        -------
        list of Pair
            Sorted by name.

        Raises
        ------
        InputError
            If a file has no partner, or there is none.
        """
        found: list[Pair] = []
        for part, folder in folders(source, IMAGES):
            planes = sorted(path.name.removeprefix(LABELS) for path in folder.glob(f"{LABELS}*"))
            labels = listed(folder / f"{LABELS}{plane_of(structure, planes, folder)}", SUFFIX, ".tif", ".tiff")
            images = listed(folder / IMAGES, SUFFIX, ".tif", ".tiff")
            found += paired(images, labels, folder, part)
        return found
