"""Images and labels as the bytes of TIFF and PNG files, with the size of a pixel where the file can say it."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Picture
from tifffile import imwrite

from cellsim.datasets.export.base import Contents, is_colour
from cellsim.sample import Labels

Array = NDArray[Any]


def fits_png(channels: Sequence[str], shape: Sequence[int], dtype: str) -> bool:
    """Say whether a PNG file can hold an image.

    Parameters
    ----------
    channels : sequence of str
        Names of the channels.
    shape : (D,) ints
        Of the canvas.
    dtype : str
        Of the image.

    Returns
    -------
    bool
        True for 2D images of one channel of 8 or 16 bits, or of red, green and blue of 8 bits.
    """
    gray = len(channels) == 1 and dtype in ("uint8", "uint16")
    return len(shape) == 2 and (gray or (dtype == "uint8" and is_colour(channels, dtype)))


def png(image: Array) -> bytes:
    """Encode a picture as PNG.

    Parameters
    ----------
    image : (Y, X) uint8 or uint16 array, or (3, Y, X) uint8 array
        Gray, or red, green and blue.

    Returns
    -------
    bytes
        Of the file; compressed quickly rather than well.
    """
    written = BytesIO()
    picture = image if image.ndim == 2 else np.moveaxis(image, 0, -1)
    Picture.fromarray(np.ascontiguousarray(picture)).save(written, "PNG", compress_level=1)
    return written.getvalue()


def imagej_tiff(image: Array, contents: Contents) -> bytes:
    """Encode an image as TIFF that ImageJ opens as a hyperstack; pictures in colour as RGB.

    Parameters
    ----------
    image : (C, [Z,] Y, X) array
        uint8, uint16 or float32.
    contents : Contents
        Gives spacing and channels.

    Returns
    -------
    bytes
        Of the file: axes ([Z,] [C,] Y, X), spacing in µm.
    """
    if image.shape[:-2] == (3,) and image.dtype == np.uint8 and is_colour(contents.channels, image.dtype):
        return _encode(np.moveaxis(image, 0, -1), contents, axes="YXS", imagej=True, photometric="rgb")
    if len(image) == 1:
        return _encode(image[0], contents, axes="ZYX"[-image.ndim + 1 :], imagej=True)
    stack = np.moveaxis(image, 0, -3)  # ImageJ wants channels after z
    return _encode(stack, contents, axes="ZCYX"[-image.ndim :], imagej=True, mode="composite")


def channels_last_tiff(image: Array, contents: Contents) -> bytes:
    """Encode an image as TIFF with channels at the end, as many networks read it.

    Parameters
    ----------
    image : (C, [Z,] Y, X) array
        uint8, uint16 or float32.
    contents : Contents
        Gives spacing.

    Returns
    -------
    bytes
        Of the file: axes ([Z,] Y, X [, C]).
    """
    axes = "ZYX"[-image.ndim + 1 :]
    if len(image) == 1:
        return _encode(image[0], contents, axes=axes, imagej=True)
    colour = len(image) == 3 and image.dtype.kind == "u"
    return _encode(
        np.moveaxis(image, 0, -1),
        contents,
        axes=f"{axes}S",
        photometric="rgb" if colour else "minisblack",
        planarconfig="contig",
    )


def label_tiff(labels: Labels, contents: Contents) -> bytes:
    """Encode one plane of labels as compressed TIFF.

    Parameters
    ----------
    labels : ([Z,] Y, X) uint16 array
        Ids of objects.
    contents : Contents
        Gives spacing.

    Returns
    -------
    bytes
        Of the file: axes ([Z,] Y, X), spacing in µm as ImageJ writes it.
    """
    return _encode(labels, contents, axes="ZYX"[-labels.ndim :], imagej=True, compression="zlib")


def _encode(array: Array, contents: Contents, axes: str, **how: Any) -> bytes:
    """Write with what ImageJ says of the size of a pixel: resolution in pixels per µm, and the distance of slices."""
    written = BytesIO()
    known: dict[str, Any] = {"axes": axes, "unit": "um"}
    if len(contents.spacing) == 3:
        known["spacing"] = contents.spacing[0]
    if mode := how.pop("mode", None):
        known["mode"] = mode
    y, x = contents.spacing[-2:]
    how.setdefault("photometric", "minisblack")
    imwrite(
        written,
        np.ascontiguousarray(array),
        metadata=known,
        resolution=(1 / x, 1 / y),
        resolutionunit="NONE",
        software="cellsim",
        **how,
    )
    return written.getvalue()


def ome_tiff(array: Array, contents: Contents, names: Sequence[str], identity: str, compress: bool = False) -> bytes:
    """Encode an image or labels as OME-TIFF.

    Parameters
    ----------
    array : (C, [Z,] Y, X) array
        uint8, uint16 or float32; labels have one plane.
    contents : Contents
        Gives spacing.
    names : sequence of str
        Of the channels.
    identity : str
        Of what the UUID in the file is made, so that the same samples give the same bytes.
    compress : bool
        As pays for labels.

    Returns
    -------
    bytes
        Of the file: axes (C, [Z,] Y, X); spacing in µm.
    """
    written = BytesIO()
    axes = "CZYX" if array.ndim == 4 else "CYX"
    known: dict[str, Any] = {
        "axes": axes,
        "Channel": {"Name": list(names)},
        "UUID": f"urn:uuid:{uuid5(NAMESPACE_URL, f'{contents.digest}/{identity}')}",
    }
    for axis, size in zip("ZYX"[-len(contents.spacing) :], contents.spacing, strict=True):
        known |= {f"PhysicalSize{axis}": size, f"PhysicalSize{axis}Unit": "µm"}
    y, x = contents.spacing[-2:]
    imwrite(
        written,
        np.ascontiguousarray(array),
        ome=True,
        metadata=known,
        photometric="minisblack",
        resolution=(1e4 / x, 1e4 / y),
        resolutionunit="CENTIMETER",
        software="cellsim",
        compression="zlib" if compress else None,
    )
    return written.getvalue()
