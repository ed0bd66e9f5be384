"""nnU-Net v2: a raw data set, ``imagesTr``, ``labelsTr``, ``dataset.json``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from cellsim.datasets.export.base import Contents, Entry, Format, Item
from cellsim.datasets.export.folder import Folder
from cellsim.datasets.export.found import listed, paired
from cellsim.datasets.export.rasters import imagej_tiff, label_tiff
from cellsim.datasets.ingest.images import read_bytes
from cellsim.datasets.ingest.pairs import Pair
from cellsim.datasets.ingest.pictures import ImageFiles
from cellsim.errors import InputError
from cellsim.masks.boundaries import boundaries

CLASSES = {"background": 0, "core": 1, "border": 2}
SUFFIX = ".tif"


class NnUNet(Format):
    """The raw layout of nnU-Net version 2; call the output ``Dataset001_Name``.

    nnU-Net knows classes, not objects: ``labelsTr`` has cores and borders of the objects (1 and 2), from which its
    users find the objects again; the labels themselves are in ``instancesTr``, which nnU-Net leaves alone. Each
    channel is a file of its own. Samples of the part "val" are among those for training, and `splits_final.json`
    says which; those of "test" are in ``imagesTs``.
    """

    name: ClassVar[str] = "nnunet"

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
            A file a channel, classes, instances; of volumes, also the size of a voxel beside images and classes.
        """
        (entry,) = entries
        end = "Ts" if entry.part == "test" else "Tr"
        channels = [f"images{end}/{entry.name}_{k:04d}{SUFFIX}" for k in range(len(contents.channels))]
        sizes = [f"{kind}{end}/{entry.name}.json" for kind in ("images", "labels")] if len(contents.shape) == 3 else []
        return [*channels, *(f"{kind}{end}/{entry.name}{SUFFIX}" for kind in ("labels", "instances")), *sizes]

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
        names = self.files(items, contents)
        channels, (classes, instances, *sizes) = names[: len(item.pixels)], names[len(item.pixels) :]
        for name, plane in zip(channels, item.pixels, strict=True):
            folder.write(name, imagej_tiff(plane[np.newaxis], contents))
        for name in sizes:
            folder.write(name, json.dumps({"spacing": list(contents.spacing)}) + "\n")
        objects = item.labels[0]
        semantic = (objects > 0).astype(np.uint8)
        semantic[boundaries(objects) & (objects > 0)] = CLASSES["border"]
        folder.write(classes, label_tiff(semantic, contents))
        folder.write(instances, label_tiff(objects, contents))

    def finish(self, contents: Contents, folder: Folder) -> None:
        """Write ``dataset.json`` and, if there is a part for validation, ``splits_final.json``.

        Parameters
        ----------
        contents : Contents
            Of the export.
        folder : Folder
            The output.
        """
        parts = contents.parts
        known = {
            "channel_names": {str(k): name for k, name in enumerate(contents.channels)},
            "labels": CLASSES,
            "numTraining": sum(len(entries) for part, entries in parts.items() if part != "test"),
            "file_ending": SUFFIX,
            "overwrite_image_reader_writer": "Tiff3DIO" if len(contents.shape) == 3 else "NaturalImage2DIO",
            "name": contents.name,
            "spacing": list(contents.spacing),
        }
        folder.write("dataset.json", json.dumps(known, indent=1, ensure_ascii=False) + "\n")
        if "val" in parts:
            fold = {part: [entry.name for entry in parts.get(part, [])] for part in ("train", "val")}
            folder.write("splits_final.json", json.dumps([fold], indent=1) + "\n")

    def pairs(self, source: Path, structure: str | None) -> list[Pair]:
        """Find images and instances.

        Parameters
        ----------
        source : Path
            With ``imagesTr`` and ``instancesTr``, as they are written here.
        structure : str or None
            Not looked at: there is one plane.

        Returns
        -------
        list of Pair
            Sorted by name.

        Raises
        ------
        InputError
            If it holds classes only, or a file has no partner.
        """
        found: list[Pair] = []
        for end in ("Tr", "Ts"):
            labels, folder = listed(source / f"instances{end}", SUFFIX), source / f"images{end}"
            if labels:
                images = listed(folder, f"_0000{SUFFIX}")
                found += paired(images, labels, folder, picture=_channels)
        if not found:
            raise InputError(
                f"{source} must hold imagesTr and instancesTr: the classes of nnU-Net do not tell objects apart"
            )
        return found


def _channels(first: Path) -> Channels:
    """List the files of the channels of a sample, in order."""
    stem = first.name.removesuffix(f"_0000{SUFFIX}")
    found = [first]
    while (path := first.with_name(f"{stem}_{len(found):04d}{SUFFIX}")).is_file():
        found.append(path)
    return Channels(tuple(found))


@dataclass(frozen=True)
class Channels(ImageFiles):
    """A file a channel; the size of a voxel stands in a JSON file beside them.

    Parameters
    ----------
    paths : tuple of Path
        In the order of the channels.
    """

    def spacing(self) -> tuple[float, ...] | None:
        """Return the size of a voxel.

        Returns
        -------
        (z, y, x) in µm or None
            What the JSON file says; without one, the TIFF file.
        """
        path = self.paths[0]
        beside = path.with_name(path.name.removesuffix(f"_0000{SUFFIX}") + ".json")
        if not beside.is_file():
            return super().spacing()
        try:
            return tuple(float(size) for size in json.loads(read_bytes(beside))["spacing"])
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{beside} does not say the spacing: {error}") from None
