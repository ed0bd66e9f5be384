"""Images that are not one plain file of gray or RGB: stacks of any channels, a file a channel."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar, Protocol
from xml.etree import ElementTree as ET

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tifffile import PHOTOMETRIC, TiffFile

from cellsim.datasets.ingest.annotations import Hash, Objects
from cellsim.datasets.ingest.images import by, read_bytes
from cellsim.errors import InputError

MICROMETRES = ("um", "µm", "μm", "micron", "microns", "\\u00B5m", "micrometer")
DIGITS = 9  # that count in what a file says of the size of a pixel; resolutions are fractions there


class Picture(Protocol):
    """Where the image of a sample is found."""

    def read(self, ndim: int, seen: Hash) -> NDArray[Any]:
        """Read the image.

        Parameters
        ----------
        ndim : int
            2 for images, 3 for volumes.
        seen : Hash
            Takes in the content that was read.

        Returns
        -------
        (C, [Z,] Y, X) uint8 or uint16 array
            Any number of channels.

        Raises
        ------
        InputError
            If it cannot be read or has another number of axes.
        """

    def spacing(self) -> tuple[float, ...] | None:
        """Return what is said of the size of a pixel.

        Returns
        -------
        ([z,] y, x) in µm or None
            None if nothing is said.
        """


@dataclass(frozen=True)
class ImageFiles:
    """An image in TIFF or PNG files, each with one or more of its channels.

    Parameters
    ----------
    paths : tuple of Path
        In the order of the channels.
    """

    paths: tuple[Path, ...]

    def read(self, ndim: int, seen: Hash) -> NDArray[Any]:
        """Read the image.

        Parameters
        ----------
        ndim : int
            2 for images, 3 for volumes.
        seen : Hash
            Takes in the content of the files.

        Returns
        -------
        (C, [Z,] Y, X) uint8 or uint16 array
            The channels of all files.

        Raises
        ------
        InputError
            If a file is damaged, has another number of axes, or is of another type.
        """
        planes = []
        for path in self.paths:
            content = read_bytes(path)
            seen.update(sha256(content).digest())
            planes.append(read_stack(path, content, ndim))
        image = planes[0] if len(planes) == 1 else np.concatenate(planes)
        if image.dtype not in (np.uint8, np.uint16):
            raise InputError(f"{self.paths[0]}: images must be uint8 or uint16, got {image.dtype}")
        return image

    def spacing(self) -> tuple[float, ...] | None:
        """Return what the first file says of the size of a pixel.

        Returns
        -------
        ([z,] y, x) in µm or None
            None if it is no TIFF file, or says nothing.
        """
        return None if self.paths[0].suffix == ".png" else tiff_spacing(self.paths[0])


@dataclass(frozen=True)
class LabelFile:
    """A label image in a format that tells objects apart, so that one object in all images is no mistake.

    Parameters
    ----------
    path : Path
        TIFF or PNG.
    """

    path: Path
    separate: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.path)

    def read(self, shape: tuple[int, ...], seen: Hash) -> Objects:
        """Read the labels.

        Parameters
        ----------
        shape : (D,) ints
            Of the image in pixels.
        seen : Hash
            Takes in the content of the file.

        Returns
        -------
        ([Z,] Y, X) integer array
            0 is background.

        Raises
        ------
        InputError
            If the file is damaged, or does not fit the image.
        """
        content = read_bytes(self.path)
        seen.update(sha256(content).digest())
        return checked_labels(self.path, read_stack(self.path, content, len(shape)), shape)


def checked_labels(path: Path, planes: NDArray[Any], shape: tuple[int, ...]) -> Objects:
    """Check that an array holds the labels of an image.

    Parameters
    ----------
    path : Path
        For messages.
    planes : (1, [Z,] Y, X) array
        As it was read.
    shape : (D,) ints
        Of the image in pixels.

    Returns
    -------
    ([Z,] Y, X) integer array
        The only plane.

    Raises
    ------
    InputError
        If it is none.
    """
    if planes.shape != (1, *shape) or planes.dtype.kind not in "ui" or planes.min(initial=0) < 0:
        raise InputError(
            f"{path}: labels must be integers >= 0, {by(shape)} px as the image, got {planes.dtype} of "
            f"{by(planes.shape[1:])} px in {len(planes)} planes"
        )
    labels: Objects = planes[0]
    return labels


def read_stack(path: Path, content: bytes, ndim: int) -> NDArray[Any]:
    """Decode a TIFF or PNG file by the axes that it names.

    Parameters
    ----------
    path : Path
        Of the file.
    content : bytes
        What is in it.
    ndim : int
        2 for images, 3 for volumes.

    Returns
    -------
    (C, [Z,] Y, X) array
        As stored.

    Raises
    ------
    InputError
        If it is damaged, or has other axes.
    """
    try:
        array, axes = _png(content) if path.suffix.lower() == ".png" else _tiff(content, ndim)
    except Exception as error:  # decoders raise all kinds of errors on damaged bytes
        raise InputError(f"{path} cannot be read: {str(error).splitlines()[0] if str(error) else error!r}") from None
    wanted = "CZYX" if ndim == 3 else "CYX"
    if "C" not in axes:
        array, axes = array[np.newaxis], f"C{axes}"
    if sorted(axes) != sorted(wanted):
        raise InputError(f"{path} must have the axes {wanted}, got {axes} of {by(array.shape)}")
    return array.transpose([axes.index(axis) for axis in wanted])


def _png(content: bytes) -> tuple[NDArray[Any], str]:
    with Image.open(BytesIO(content), formats=["PNG"]) as png:
        array = np.asarray(png)
        if content[24] == 16 and array.dtype == np.int32:  # older Pillow
            array = array.astype(np.uint16)
    return array, "YXC"[: array.ndim]


def _tiff(content: bytes, ndim: int) -> tuple[NDArray[Any], str]:
    with TiffFile(BytesIO(content)) as tiff:
        series = tiff.series[0]
        colour = PHOTOMETRIC(series.keyframe.photometric)
        if len(tiff.series) != 1 or colour not in (PHOTOMETRIC.MINISBLACK, PHOTOMETRIC.RGB):
            raise InputError(f"it must hold one image, gray or RGB, got {len(tiff.series)}, {colour.name}")
        array, axes = series.asarray(), str(series.axes)
    unnamed = "Z" if ndim == 3 and "Z" not in axes else "C"
    axes = re.sub("[QI]", unnamed, axes.replace("S", "C") if "C" not in axes else axes)
    keep = [k for k, n in enumerate(array.shape) if n > 1 or axes[k] in "YXZ"[:ndim]]
    array, axes = array.reshape([array.shape[k] for k in keep]), "".join(axes[k] for k in keep)
    return (array[np.newaxis], f"Z{axes}") if ndim == 3 and "Z" not in axes else (array, axes)


def tiff_spacing(path: Path) -> tuple[float, ...] | None:
    """Read the size of a pixel from a TIFF file, as OME or ImageJ writes it.

    Parameters
    ----------
    path : Path
        Of the file.

    Returns
    -------
    ([z,] y, x) in µm or None
        None if the file does not say it in µm.

    Raises
    ------
    InputError
        If it is no TIFF file, or damaged.
    """
    try:
        with TiffFile(path) as tiff:
            return _ome_spacing(tiff.ome_metadata) if tiff.ome_metadata else _imagej_spacing(tiff)
    except Exception as error:  # of many kinds on damaged bytes
        raise InputError(f"{path} cannot be read: {str(error).splitlines()[0] if str(error) else error!r}") from None


def _imagej_spacing(tiff: TiffFile) -> tuple[float, ...] | None:
    known = tiff.imagej_metadata or (tiff.shaped_metadata or ({},))[0]
    tags = tiff.pages.first.tags
    if known.get("unit") not in MICROMETRES or not {"XResolution", "YResolution"} <= {tag.name for tag in tags}:
        return None
    (x, one_x), (y, one_y) = tags["XResolution"].value, tags["YResolution"].value
    if not (x and y and one_x and one_y):
        return None  # some programs write 0 for what they do not know
    plane = [float(f"{value:.{DIGITS}g}") for value in (one_y / y, one_x / x)]
    return (float(known["spacing"]), *plane) if "spacing" in known else tuple(plane)


def _ome_spacing(text: str) -> tuple[float, ...] | None:
    pixels = next((found for found in ET.fromstring(text).iter() if found.tag.endswith("}Pixels")), None)  # noqa: S314
    said = {} if pixels is None else pixels.attrib
    axes = [axis for axis in "ZYX" if f"PhysicalSize{axis}" in said]
    if axes not in (["Y", "X"], ["Z", "Y", "X"]):
        return None
    if any(said.get(f"PhysicalSize{axis}Unit", "µm") not in MICROMETRES for axis in axes):
        return None
    return tuple(float(said[f"PhysicalSize{axis}"]) for axis in axes)
