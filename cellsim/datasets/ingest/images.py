"""Reading files without changing a value: images as (C, [Z,] Y, X), masks as ([Z,] Y, X)."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from tifffile import PHOTOMETRIC, TiffFile

from cellsim.datasets.ingest import hdf5
from cellsim.errors import InputError

EXTENSIONS = (".png", ".tif", ".tiff", *hdf5.EXTENSIONS)
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_COLOURS = (2, 4, 6)  # colour types with more than one channel: RGB, gray and alpha, RGBA
FORMS = "(Y, X), (Y, X, 3) or (3, Y, X)"
FOR_VOLUMES = "volumes need a canvas of three numbers"


def is_image(path: Path) -> bool:
    """Say whether a file is one that can be read, by its name.

    Parameters
    ----------
    path : Path
        Of a file.

    Returns
    -------
    bool
        True for PNG, TIFF and HDF5, in upper or lower case; hidden files do not count.
    """
    return path.suffix.lower() in EXTENSIONS and not path.name.startswith(".")


def read_bytes(path: Path) -> bytes:
    """Read a file whole, so that it is hashed and decoded from one reading.

    Parameters
    ----------
    path : Path
        Of the file, or of an array in an HDF5 file.

    Returns
    -------
    bytes
        Its content; of HDF5, the array alone, as a ``.npy`` file.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    if hdf5.is_hdf5(path):
        return hdf5.read_array(path)
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from None


def read_image(path: Path, content: bytes, ndim: int = 2) -> NDArray[np.unsignedinteger[Any]]:
    """Decode an image.

    Parameters
    ----------
    path : Path
        Tells PNG, TIFF and HDF5 apart, and names the file in messages.
    content : bytes
        As `read_bytes` returns it.
    ndim : int
        2 for images, 3 for volumes.

    Returns
    -------
    (C, [Z,] Y, X) uint8 or uint16 array
        In 2D, C is 1 (gray) or 3 (red, green, blue); transparency is dropped, a palette is looked up.

    Raises
    ------
    InputError
        If the file is damaged, has another number of axes, or has another type or number of channels.
    """
    planes = _planes(path, content, ndim, indexed=False)
    if planes.dtype not in (np.uint8, np.uint16):
        raise InputError(f"{path}: images must be uint8 or uint16, got {planes.dtype}")
    return planes


def read_mask(path: Path, content: bytes, ndim: int = 2) -> NDArray[Any]:
    """Decode a mask.

    Parameters
    ----------
    path : Path
        Tells PNG, TIFF and HDF5 apart, and names the file in messages.
    content : bytes
        As `read_bytes` returns it.
    ndim : int
        2 for images, 3 for volumes.

    Returns
    -------
    ([Z,] Y, X) integer or bool array
        A palette is not looked up: the indices are the labels.

    Raises
    ------
    InputError
        If the file is damaged, has another number of axes, is of floats, or has channels that differ.
    """
    planes = _planes(path, content, ndim, indexed=True)
    if planes.dtype.kind not in "uib":
        raise InputError(f"{path}: masks must be integers, got {planes.dtype}")
    if (planes != planes[:1]).any():
        raise InputError(f"{path}: masks must have one channel, got {len(planes)} that differ")
    mask: NDArray[Any] = planes[0]
    return mask


def _planes(path: Path, content: bytes, ndim: int, indexed: bool) -> NDArray[Any]:
    """Decode a file to (C, [Z,] Y, X)."""
    kind = "HDF5" if hdf5.is_hdf5(path) else "PNG" if path.suffix.lower() == ".png" else "TIFF"
    if kind == "PNG" and ndim == 3:
        raise InputError(f"{path}: volumes are read from TIFF or HDF5, and a canvas of three numbers is for volumes")
    try:
        if kind == "HDF5":
            return _known_axes(path, np.load(BytesIO(content), allow_pickle=False), ndim)
        return _read_png(path, content, indexed) if kind == "PNG" else _read_tiff(path, content, ndim, indexed)
    except InputError:
        raise
    except UnidentifiedImageError:
        reason = "no image in it"  # Pillow's own words hold the address of a buffer
    except Exception as error:  # decoders raise all kinds of errors on damaged bytes
        reason = (str(error) or type(error).__name__).splitlines()[0]
    raise InputError(f"{path} cannot be read as {'an' if kind == 'HDF5' else 'a'} {kind} file: {reason}")


def _read_png(path: Path, content: bytes, indexed: bool) -> NDArray[Any]:
    if not content.startswith(PNG_SIGNATURE) or len(content) < 26:
        raise InputError(f"{path} cannot be read as a PNG file: it does not begin like one")
    depth, colour_type = content[24], content[25]
    if depth == 16 and colour_type in PNG_COLOURS:  # Pillow would cut it to 8 bits without a word
        raise InputError(f"{path}: PNG with several channels of 16 bits cannot be read exactly: save it as TIFF")
    with Image.open(BytesIO(content), formats=["PNG"]) as png:
        looked_up = png.convert("RGBA") if png.mode == "P" and not indexed else png
        array, bands = np.asarray(looked_up), looked_up.getbands()
    if depth == 16:
        array = array.astype(np.uint16)  # older Pillow gives int32
    planes = np.moveaxis(array, -1, 0) if array.ndim == 3 else array[np.newaxis]
    return planes[:-1] if bands[-1] == "A" else planes


def _read_tiff(path: Path, content: bytes, ndim: int, indexed: bool) -> NDArray[Any]:
    with TiffFile(BytesIO(content)) as tiff:
        if len(tiff.series) != 1:
            raise InputError(f"{path}: a TIFF file must hold one image, got {len(tiff.series)}")
        series = tiff.series[0]
        colour = PHOTOMETRIC(series.keyframe.photometric)
        if not indexed and colour not in (PHOTOMETRIC.MINISBLACK, PHOTOMETRIC.RGB):
            raise InputError(f"{path}: TIFF images must be gray (0 is black) or RGB, got {colour.name}")
        array, axes = series.asarray(), str(series.axes)
        if ndim == 3 and colour == PHOTOMETRIC.RGB:
            raise InputError(f"{path}: volumes in RGB cannot be read: save their channels as CZYX")
    return _channels_first(path, array, axes) if ndim == 2 else _volume(path, array, axes)


def _channels_first(path: Path, array: NDArray[Any], axes: str) -> NDArray[Any]:
    """Bring a TIFF image to (1, Y, X) or (3, Y, X) by its shape, unless its axes say that it is a volume."""
    keep = [k for k, (axis, n) in enumerate(zip(axes, array.shape, strict=True)) if n > 1 or axis in "YX"]
    axes, array = "".join(axes[k] for k in keep), array.reshape([array.shape[k] for k in keep])
    if axes.endswith("S") and array.shape[-1] == 4:
        array = array[..., :3]
    if array.ndim == 2:
        return array[np.newaxis]
    if array.ndim != 3 or set(axes) & set("ZT") or 3 not in (array.shape[0], array.shape[-1]):
        raise InputError(
            f"{path}: 2D images must be gray or RGB, {FORMS}, got axes {axes} of {by(array.shape)}; {FOR_VOLUMES}"
        )
    return np.moveaxis(array, -1, 0) if array.shape[-1] == 3 else array


def _volume(path: Path, array: NDArray[Any], axes: str) -> NDArray[Any]:
    """Bring a TIFF volume to (C, Z, Y, X) by its axes; pages without a name are z."""
    keep = [k for k, (axis, n) in enumerate(zip(axes, array.shape, strict=True)) if n > 1 or axis in "ZYX"]
    axes, array = "".join(axes[k] for k in keep), array.reshape([array.shape[k] for k in keep])
    if axes in ("QYX", "IYX"):
        axes = "ZYX"
    if sorted(axes) == sorted("ZYX"):
        return array.transpose([axes.index(axis) for axis in "ZYX"])[np.newaxis]
    if sorted(axes) == sorted("CZYX"):
        return array.transpose([axes.index(axis) for axis in "CZYX"])
    raise InputError(
        f"{path}: volumes must have the axes ZYX, CZYX or ZCYX, got axes {axes} of {by(array.shape)}; "
        "2D images need a canvas of two numbers"
    )


def _known_axes(path: Path, array: NDArray[Any], ndim: int) -> NDArray[Any]:
    """Bring an array of HDF5 to (C, [Z,] Y, X); its axes have no names, but stand in this order."""
    if array.ndim == ndim:
        return array[np.newaxis]
    if array.ndim == ndim + 1 and (ndim == 3 or len(array) in (1, 3)):
        return array
    allowed = "(Z, Y, X) or (C, Z, Y, X)" if ndim == 3 else f"(Y, X) or (3, Y, X); {FOR_VOLUMES}"
    raise InputError(f"{path}: an array of {by(array.shape)} must be {allowed}")


def by(shape: Sequence[int]) -> str:
    """Write a shape as people do.

    Parameters
    ----------
    shape : sequence of int
        In pixels.

    Returns
    -------
    str
        Such as "520 x 696".
    """
    return " x ".join(map(str, shape))
