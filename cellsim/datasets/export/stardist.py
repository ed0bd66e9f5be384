"""StarDist: the folders ``images/`` and ``masks/`` with TIFF files of the same names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from cellsim.datasets.export.base import Contents, Entry, Format, Item, under
from cellsim.datasets.export.folder import Folder
from cellsim.datasets.export.found import folders, listed, paired
from cellsim.datasets.export.rasters import channels_last_tiff, label_tiff
from cellsim.datasets.ingest.pairs import Pair

FOLDERS = ("images", "masks")
SUFFIX = ".tif"


class StarDist(Format):
    """Pairs of TIFF files in two folders, as the examples of StarDist read them.

    Images are ([Z,] Y, X) or, with several channels, ([Z,] Y, X, C); masks are uint16.
    """

    name: ClassVar[str] = "stardist"

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
            Image and mask.
        """
        return [under(entries[0].part, folder, entries[0].name + SUFFIX) for folder in FOLDERS]

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
        image, mask = self.files(items, contents)
        folder.write(image, channels_last_tiff(items[0].pixels, contents))
        folder.write(mask, label_tiff(items[0].labels[0], contents))

    def pairs(self, source: Path, structure: str | None) -> list[Pair]:
        """Find the pairs of files.

        Parameters
        ----------
        source : Path
            With ``images`` and ``masks``, or ``train/images``, ``train/masks`` and so on.
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
        for part, folder in folders(source, *FOLDERS):
            images, masks = (listed(folder / name, SUFFIX) for name in FOLDERS)
            found += paired(images, masks, folder, part)
        return found
