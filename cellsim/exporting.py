"""Exports: a data set in the format of other programs, with its card and a picture."""

from __future__ import annotations

import json
from pathlib import Path

from cellsim.datasets.export.exporting import Exported, ExportOptions, Progress, export_files
from cellsim.datasets.export.folder import Folder
from cellsim.datasets.layout import Location
from cellsim.datasets.mixture import BOTH, SYNTHETIC, kind_of
from cellsim.datasets.reader import Dataset, open_dataset
from cellsim.report.card import SHOWN, card_text
from cellsim.report.gallery import save_gallery

CARD = "README.md"
PICTURE = "card/samples.png"  # in a folder of its own: where images lie, every picture is taken for one

HEADER = """---
pretty_name: {name}
task_categories:
- image-segmentation
tags:
- microscopy
- instance-segmentation
{tag}size_categories:
- {size}
---

"""
SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


def export_dataset(
    dataset: Dataset | Location,
    kind: str,
    output: str | Path,
    options: ExportOptions | None = None,
    *,
    version: str | None = None,
    progress: Progress | None = None,
) -> Exported:
    """Write a data set in the format of other programs, with its card, or what is missing of it.

    Killed at any point, the same call goes on; a finished export of the same version is left alone, and one of
    another version is refused.

    Parameters
    ----------
    dataset : Dataset or location
        Open, or where it is.
    kind : str
        A key of `cellsim.datasets.export.FORMATS`: "cellpose", "stardist", "coco", "ome-zarr", "tiff", "huggingface",
        "webdataset", "nnunet" or "yolo-seg".
    output : str or Path
        Folder.
    options : ExportOptions, optional
        Split, structure, type of images, threads.
    version : str, optional
        Of a data set that is not open yet; the newest if None.
    progress : callable, optional
        Called with (samples finished, samples) at the start and as it goes on.

    Returns
    -------
    Exported
        Counts, seconds.

    Raises
    ------
    InputError
        If the format cannot hold the samples.
    StoreError
        If there is no such data set or version, or the folder holds something else or cannot be written.

    Examples
    --------
    >>> import cellsim
    >>> made = cellsim.make("epidermis", 3, "epidermis.zarr", workers=1)
    >>> cellsim.export_dataset("epidermis.zarr", "cellpose", "for-cellpose").samples
    3
    """
    opened = dataset if isinstance(dataset, Dataset) else open_dataset(dataset, version)

    def companions(of: Dataset, root: Path) -> None:
        _add_card(of, Folder(root), header=kind == "huggingface")

    return export_files(opened, kind, output, options, companions=companions, progress=progress)


def _add_card(dataset: Dataset, folder: Folder, header: bool) -> None:
    with folder.replacing(PICTURE) as path:
        png = path.with_name(f"{path.name}.png")  # Pillow goes by the ending
        save_gallery((dataset[i] for i in range(min(SHOWN, len(dataset)))), png).replace(path)
    folder.write(CARD, (_header(dataset) if header else "") + card_text(dataset, PICTURE))


def _header(dataset: Dataset) -> str:
    """Write the front matter that Hugging Face reads."""
    size = next((name for most, name in SIZES if len(dataset) < most), "n>1M")
    tag = "- synthetic\n" if kind_of(dataset) in (SYNTHETIC, BOTH) else ""
    return HEADER.format(name=json.dumps(dataset.spec.name, ensure_ascii=False), tag=tag, size=size)
