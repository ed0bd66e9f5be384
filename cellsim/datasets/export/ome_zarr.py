"""OME-Zarr: one image group of NGFF 0.5 a sample, with its labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import zarr
from numpy.typing import NDArray
from zarr.codecs import ZstdCodec

from cellsim.datasets.export.base import Contents, Entry, Format, Item, Pixels, is_colour, under
from cellsim.datasets.export.folder import Folder
from cellsim.datasets.export.found import PARTS, listed, plane_of
from cellsim.datasets.ingest.annotations import Hash, Objects
from cellsim.datasets.ingest.images import by
from cellsim.datasets.ingest.pairs import Pair
from cellsim.datasets.ingest.pictures import checked_labels
from cellsim.errors import InputError
from cellsim.sample import Labels

SUFFIX = ".ome.zarr"
VERSION = "0.5"
SMALL = 512  # px; the longest edge in y and x of the last level of a pyramid
CHUNK = 512  # px; of a chunk in y and x
COLOURS = ("FF0000", "00FF00", "0000FF", "FF00FF", "00FFFF", "FFFF00")


class OmeZarr(Format):
    """A folder ``000000.ome.zarr`` for each sample, as napari, QuPath, Fiji and ome-zarr-py open it.

    Axes are (c, [z,] y, x) and, of labels, ([z,] y, x), with spacing in micrometres; images of more than 512 pixels
    have further levels, each half as large in y and x: of images means, of labels every other pixel.

    References
    ----------
    .. [1] OME-NGFF specification, version 0.5 (2024). https://ngff.openmicroscopy.org/0.5/
    """

    name: ClassVar[str] = "ome-zarr"
    every_structure: ClassVar[bool] = True

    def files(self, entries: Sequence[Entry], contents: Contents) -> list[str]:
        """Name the group of a sample.

        Parameters
        ----------
        entries : sequence of Entry
            One.
        contents : Contents
            Of the export.

        Returns
        -------
        list of str
            A folder.
        """
        return [under(entries[0].part, entries[0].name + SUFFIX)]

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
        axes = ("z", "y", "x")[-len(contents.shape) :]
        with folder.replacing(self.files(items, contents)[0]) as path:
            root = zarr.create_group(path, zarr_format=3)
            image = _levels(item.pixels, mean=True)
            _write_levels(root, image, ("c", *axes))
            root.attrs["ome"] = {
                "version": VERSION,
                "multiscales": [_multiscale(item.name, len(image), ("c", *axes), contents.spacing)],
                "omero": {"channels": _channels(contents), "name": item.name},
            }
            labels = root.create_group(
                "labels", attributes={"ome": {"version": VERSION, "labels": [*_names(contents)]}}
            )
            for name, plane in zip(_names(contents), item.labels, strict=True):
                levels = _levels(plane, mean=False)
                group = labels.create_group(name)
                _write_levels(group, levels, axes)
                group.attrs["ome"] = {
                    "version": VERSION,
                    "multiscales": [_multiscale(name, len(levels), axes, contents.spacing)],
                    "image-label": {"source": {"image": "../../"}},
                }

    def pairs(self, source: Path, structure: str | None) -> list[Pair]:
        """Find the groups.

        Parameters
        ----------
        source : Path
            A folder of groups ``*.ome.zarr``, or of the folders train, val and test.
        structure : str or None
            Which labels; None for the first.

        Returns
        -------
        list of Pair
            Sorted by name.

        Raises
        ------
        InputError
            If there is none.
        """
        found = [
            Pair(under(part, stem), path, NgffLabels(path, structure), NgffImage(path))
            for part in PARTS
            for stem, path in listed(source / part, SUFFIX).items()
        ]
        if not found:
            raise InputError(f"{source} holds no groups *{SUFFIX}")
        return found


def _names(contents: Contents) -> list[str]:
    return [_name(structure) for structure in contents.structures]


def _name(structure: str) -> str:
    """Name the group of a structure, which can have no slash."""
    return structure.replace("/", "-")


def _levels(array: NDArray[Any], mean: bool) -> list[NDArray[Any]]:
    """Halve y and x until they are small."""
    levels = [array]
    while max(levels[-1].shape[-2:]) > SMALL:
        last = levels[-1]
        if mean:
            rows, columns = (n // 2 * 2 for n in last.shape[-2:])
            blocks = last[..., :rows, :columns].reshape(*last.shape[:-2], rows // 2, 2, columns // 2, 2)
            levels.append(blocks.mean(axis=(-3, -1)).astype(last.dtype))
        else:
            rows, columns = (n // 2 * 2 for n in last.shape[-2:])
            levels.append(last[..., :rows:2, :columns:2])
    return levels


def _write_levels(group: zarr.Group, levels: Sequence[NDArray[Any]], axes: Sequence[str]) -> None:
    for k, level in enumerate(levels):
        array = group.create_array(
            str(k),
            shape=level.shape,
            chunks=tuple(min(n, CHUNK) if axis in "yx" else 1 for n, axis in zip(level.shape, axes, strict=True)),
            dtype=level.dtype,
            compressors=ZstdCodec(level=1),
            dimension_names=axes,
        )
        array[:] = level


def _multiscale(name: str, levels: int, axes: Sequence[str], spacing: Sequence[float]) -> dict[str, Any]:
    kinds = [
        {"name": axis, "type": "channel"} if axis == "c" else {"name": axis, "type": "space", "unit": "micrometer"}
        for axis in axes
    ]
    first = [1.0] * (len(axes) - len(spacing)) + [float(size) for size in spacing]
    datasets = []
    for k in range(levels):
        scale = [size * 2**k if axis in "yx" else size for size, axis in zip(first, axes, strict=True)]
        # a pixel of a lower level has its centre between those of which it is the mean
        moved = [size * (2**k - 1) / 2 if axis in "yx" else 0.0 for size, axis in zip(first, axes, strict=True)]
        steps: list[dict[str, Any]] = [{"type": "scale", "scale": scale}]
        datasets.append(
            {
                "path": str(k),
                "coordinateTransformations": steps + ([{"type": "translation", "translation": moved}] if k else []),
            }
        )
    return {"name": name, "axes": kinds, "datasets": datasets}


def _channels(contents: Contents) -> list[dict[str, Any]]:
    """Say how channels are shown: one gray, several in colours."""
    top = 1 if contents.dtype == "float32" else int(np.iinfo(contents.dtype).max)
    many = len(contents.channels) > 1
    window = {"min": 0, "max": top, "start": 0, "end": top}
    colours = COLOURS if many or is_colour(contents.channels, contents.dtype) else ("FFFFFF",)
    return [
        {"label": name, "color": colours[k % len(colours)], "window": window, "active": True}
        for k, name in enumerate(contents.channels)
    ]


def _open(path: Path) -> zarr.Group:
    try:
        return zarr.open_group(path, mode="r")
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read as OME-Zarr: {error}") from None


def _multiscale_of(group: zarr.Group, path: Path) -> dict[str, Any]:
    """Return the metadata of an image; before 0.5 they stood without "ome"."""
    known: Any = dict(group.attrs)
    try:
        found: dict[str, Any] = known.get("ome", known)["multiscales"][0]
    except (KeyError, IndexError, TypeError, AttributeError):
        raise InputError(f"{path} is no image of OME-Zarr: it has no multiscales") from None
    return found


def _full(group: zarr.Group, path: Path, ndim: int, seen: Hash) -> NDArray[Any]:
    """Read the highest level as (C, [Z,] Y, X)."""
    known = _multiscale_of(group, path)
    if "axes" not in known:
        raise InputError(f"{path} does not name its axes: OME-Zarr is read from version 0.3 on")
    try:
        axes = "".join(axis if isinstance(axis, str) else axis["name"] for axis in known["axes"])  # names alone in 0.3
        array = np.asarray(group[known["datasets"][0]["path"]][...])  # type: ignore[index]
    except (KeyError, IndexError, TypeError, ValueError, RuntimeError, OSError) as error:
        raise InputError(f"{path} is damaged: {error}") from None
    keep = [k for k, n in enumerate(array.shape) if n > 1 or axes[k] in ("zyx" if ndim == 3 else "yx")]
    array, axes = array.reshape([array.shape[k] for k in keep]), "".join(axes[k] for k in keep)
    if "c" not in axes:
        array, axes = array[np.newaxis], f"c{axes}"
    wanted = "czyx" if ndim == 3 else "cyx"
    if sorted(axes) != sorted(wanted):
        raise InputError(f"{path} must have the axes {wanted}, got {axes} of {by(array.shape)}")
    stack = np.ascontiguousarray(array.transpose([axes.index(axis) for axis in wanted]))
    seen.update(f"{stack.dtype.str}{stack.shape}".encode())
    seen.update(stack.tobytes())
    return stack


@dataclass(frozen=True)
class NgffImage:
    """The image of a group.

    Parameters
    ----------
    path : Path
        Of the group.
    """

    path: Path

    def read(self, ndim: int, seen: Hash) -> Pixels:
        """Read the highest level.

        Parameters
        ----------
        ndim : int
            2 for images, 3 for volumes.
        seen : Hash
            Takes in the pixels.

        Returns
        -------
        (C, [Z,] Y, X) uint8 or uint16 array
            As stored.

        Raises
        ------
        InputError
            If it cannot be read, or is of another type.
        """
        image = _full(_open(self.path), self.path, ndim, seen)
        if image.dtype not in (np.uint8, np.uint16):
            raise InputError(f"{self.path}: images must be uint8 or uint16, got {image.dtype}")
        return image

    def spacing(self) -> tuple[float, ...] | None:
        """Return the size of a pixel.

        Returns
        -------
        ([z,] y, x) in µm or None
            None if it is not said in micrometres.
        """
        known = _multiscale_of(_open(self.path), self.path)
        try:
            steps = known["datasets"][0].get("coordinateTransformations", [])  # none before 0.4
            scales = [step["scale"] for step in steps if step["type"] == "scale"]
            if not scales:
                return None
            space = [(k, axis) for k, axis in enumerate(known["axes"]) if axis.get("type") == "space"]
            if any(axis.get("unit") != "micrometer" for _, axis in space):
                return None
            return tuple(float(scales[0][k]) for k, _ in space)
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            raise InputError(f"{self.path} is damaged: its scale cannot be read ({error!r})") from None


@dataclass(frozen=True)
class NgffLabels:
    """Labels of a group.

    Parameters
    ----------
    path : Path
        Of the group.
    structure : str or None
        Which of them; None for the first.
    """

    path: Path
    structure: str | None
    separate: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.path)

    def read(self, shape: tuple[int, ...], seen: Hash) -> Objects:
        """Read the highest level.

        Parameters
        ----------
        shape : (D,) ints
            Of the image in pixels.
        seen : Hash
            Takes in the labels.

        Returns
        -------
        ([Z,] Y, X) integer array
            0 is background.

        Raises
        ------
        InputError
            If there are none of that name, or they do not fit the image.
        """
        group = _open(self.path / "labels")
        known: Any = dict(group.attrs)
        names = known.get("ome", known).get("labels", [])
        wanted = None if self.structure is None else _name(self.structure)
        path = self.path / "labels" / plane_of(wanted, names, self.path)
        found: Labels = _full(_open(path), path, len(shape), seen)
        return checked_labels(path, found, shape)
