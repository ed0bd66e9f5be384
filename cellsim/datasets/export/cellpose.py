"""Cellpose: an image ``x_img.tif`` and its masks ``x_masks.tif`` side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from cellsim.datasets.export.base import Contents, Entry, Format, Item, under
from cellsim.datasets.export.folder import Folder
from cellsim.datasets.export.found import folders, listed, paired, partners
from cellsim.datasets.export.rasters import imagej_tiff, label_tiff
from cellsim.datasets.ingest.pairs import Pair

IMAGE, MASKS = "_img.tif", "_masks.tif"


class Cellpose(Format):
    """Pairs of TIFF files in one folder, as ``cellpose --train --dir`` with ``--img_filter _img`` reads them.

    Images are hyperstacks of ImageJ, ([Z,] [C,] Y, X), pictures in colour RGB; masks are uint16.
    """

    name: ClassVar[str] = "cellpose"

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
            Image and masks.
        """
        return [under(entries[0].part, entries[0].name + ending) for ending in (IMAGE, MASKS)]

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
        image, masks = self.files(items, contents)
        folder.write(image, imagej_tiff(items[0].pixels, contents))
        folder.write(masks, label_tiff(items[0].labels[0], contents))

    def pairs(self, source: Path, structure: str | None) -> list[Pair]:
        """Find the pairs of files.

        Parameters
        ----------
        source : Path
            A folder of pairs, or of the folders train, val and test.
        structure : str or None
            Not looked at: masks have one plane.

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
        for part, folder in folders(source):
            images, masks = listed(folder, IMAGE), listed(folder, MASKS)
            if images or masks:
                found += paired(images, masks, folder, part)
        if not found:
            partners({}, {}, source)
        return found
