"""Data sets in the formats of other programs, and back: one file a format."""

from __future__ import annotations

import importlib

from cellsim.datasets.export.base import Format
from cellsim.errors import InputError

FORMATS = {
    "cellpose": "cellsim.datasets.export.cellpose:Cellpose",
    "stardist": "cellsim.datasets.export.stardist:StarDist",
    "coco": "cellsim.datasets.export.coco:Coco",
    "ome-zarr": "cellsim.datasets.export.ome_zarr:OmeZarr",
    "tiff": "cellsim.datasets.export.tiff:Tiff",
    "huggingface": "cellsim.datasets.export.huggingface:HuggingFace",
    "webdataset": "cellsim.datasets.export.webdataset:WebDataset",
    "nnunet": "cellsim.datasets.export.nnunet:NnUNet",
    "yolo-seg": "cellsim.datasets.export.yolo:YoloSeg",
}


def find_format(name: str) -> Format:
    """Find a format by its name.

    Parameters
    ----------
    name : str
        A key of `FORMATS`.

    Returns
    -------
    Format
        Ready to write and read.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    if name not in FORMATS:
        raise InputError(f"no format '{name}' (formats: {', '.join(FORMATS)})")
    module, _, kind = FORMATS[name].partition(":")
    found: Format = getattr(importlib.import_module(module), kind)()
    return found
