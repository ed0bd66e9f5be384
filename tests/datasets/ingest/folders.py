"""Small folders of images and masks, written for a test."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image

Array = NDArray[Any]


def save(path: Path, array: Array) -> Path:
    """Write a PNG, or a TIFF as (Y, X), (Y, X, 3) or pages."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix.lower() == ".png":
        Image.fromarray(array).save(path, format="PNG")
    elif array.ndim == 3 and array.shape[-1] in (3, 4):
        tifffile.imwrite(path, array, photometric="rgb")
    else:
        tifffile.imwrite(path, array, photometric="minisblack")
    return path


def save_pairs(root: Path, pairs: Mapping[str, tuple[Array, Array]], suffix: str = ".png") -> tuple[Path, Path]:
    """Write images/ and masks/ with label images."""
    for stem, (image, labels) in pairs.items():
        save(root / "images" / f"{stem}{suffix}", image)
        save(root / "masks" / f"{stem}{suffix}", labels)
    return root / "images", root / "masks"


def picture(shape: tuple[int, ...] = (8, 10), seed: int = 0, dtype: str = "uint8") -> Array:
    """Noise over the whole range of the type."""
    return np.random.default_rng(seed).integers(0, np.iinfo(dtype).max + 1, shape).astype(dtype)


def blocks(shape: tuple[int, int] = (8, 10), side: int = 4, dtype: str = "uint16") -> Array:
    """Squares with a gap of one pixel, ids 1, 2, ... row by row."""
    y, x = np.indices(shape)
    labels = y // side * -(-shape[1] // side) + x // side + 1
    return np.where((y % side == side - 1) | (x % side == side - 1), 0, labels).astype(dtype)


def png_of_16_bit_rgb(path: Path) -> Path:
    """Write by hand what Pillow cannot write."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", 4, 4, 16, 2, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + bytes(range(24)) for _ in range(4)))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b""))
    return path
