"""COCO JSON: polygons and run lengths of objects, by image."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from cellsim.datasets.ingest.annotations import Hash, Pixels, paint
from cellsim.datasets.ingest.images import by, read_bytes
from cellsim.errors import InputError
from cellsim.masks.polygons import fill_polygon

FAR = 1e6  # px; a corner beyond is no corner of an image
ALLOWED = "a list of polygons [x0, y0, x1, y1, ...] or run lengths {'counts': ..., 'size': [height, width]}"


@dataclass(frozen=True)
class CocoObjects:
    """The objects of one image of a COCO file.

    Parameters
    ----------
    path : Path
        Of the COCO file, for messages.
    size : (2,) ints
        Height and width of the image, as the file says.
    objects : tuple of (id, segmentation)
        As parsed; the k-th is the object k + 1. Crowds are left out: they are regions, not objects.
    """

    path: Path
    size: tuple[int, int]
    objects: tuple[tuple[Any, Any], ...]
    separate: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.path)

    def read(self, shape: tuple[int, ...], seen: Hash) -> NDArray[np.int32]:
        """Draw the objects; where they overlap the smaller one lies on top.

        Parameters
        ----------
        shape : (D,) ints
            Of the image in pixels.
        seen : Hash
            Takes in the annotation.

        Returns
        -------
        (Y, X) int32 array
            0 is background; an object without a pixel leaves a hole in the ids.

        Raises
        ------
        InputError
            If the size is another, or a segmentation is none.
        """
        if len(shape) != 2:
            raise InputError(f"{self.path}: COCO files annotate 2D images, got a volume of {by(shape)} px")
        if self.size != shape:
            raise InputError(f"{self.path} says that the image is {by(self.size)} px, but it is {by(shape)} px")
        seen.update(json.dumps([self.size, [found for _, found in self.objects]], sort_keys=True).encode())
        painted = []
        for name, segmentation in self.objects:
            try:
                painted.append(pixels_of(segmentation, self.size))
            except InputError as error:
                raise InputError(f"{self.path}: annotation {name}: {error}") from None
        return paint(painted, shape)


def read_coco(path: Path, category: str | None = None) -> dict[str, CocoObjects]:
    """Read a COCO file of instance annotations.

    Parameters
    ----------
    path : Path
        Of the JSON file.
    category : str, optional
        Name of the category whose objects count; None for all.

    Returns
    -------
    dict of str to CocoObjects
        By the stem of the image's file name; images without annotations have no objects.

    Raises
    ------
    InputError
        If it is no COCO file, or two images have the same stem.
    """
    try:
        values = json.loads(read_bytes(path))
        by_image = defaultdict(list)
        wanted = _categories(values, category)
        for item in values["annotations"]:
            if not item.get("iscrowd") and (wanted is None or item["category_id"] in wanted):
                by_image[item["image_id"]].append((item.get("id"), item.get("segmentation")))
        images = [(str(i["file_name"]), i["id"], (int(i["height"]), int(i["width"]))) for i in values["images"]]
        if len({number for _, number, _ in images}) < len(images):
            raise ValueError("two images have the same id")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        reason = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
        raise InputError(f"{path} is not a COCO file with 'images' and 'annotations': {reason}") from None
    known: dict[str, CocoObjects] = {}
    for name, number, size in images:
        stem = Path(name.replace("\\", "/")).stem
        if stem in known:
            raise InputError(f"{path}: two images are called '{stem}'")
        known[stem] = CocoObjects(path, size, tuple(by_image.pop(number, [])))
    if by_image:
        raise InputError(f"{path}: annotations of an image that is not listed: image_id {next(iter(by_image))}")
    return known


def _categories(values: dict[str, Any], name: str | None) -> set[int] | None:
    if name is None:
        return None
    known = {item["name"]: item["id"] for item in values["categories"]}
    if name not in known:
        raise ValueError(f"it has no category '{name}' (categories: {', '.join(known)})")
    return {known[name]}


def pixels_of(segmentation: Any, shape: tuple[int, int]) -> Pixels:
    """Return the pixels of an object.

    Parameters
    ----------
    segmentation : list or dict
        Polygons, which are united, or run lengths, compressed or not.
    shape : (2,) ints
        Of the image in pixels.

    Returns
    -------
    (M,) integer array
        Indices into the flat image, without repetition.

    Raises
    ------
    InputError
        If it is neither, or does not fit the image.
    """
    if isinstance(segmentation, list) and segmentation:
        return np.asarray(np.unique(np.concatenate([_inside(corners, shape) for corners in segmentation])), np.int64)
    if not isinstance(segmentation, dict) or not {"counts", "size"} <= segmentation.keys():
        raise InputError(f"a segmentation must be {ALLOWED}, got {str(segmentation)[:40]}")
    if segmentation["size"] != list(shape):
        raise InputError(f"the size of the run lengths must be {list(shape)}, got {segmentation['size']}")
    counts = segmentation["counts"]
    return expand(decode_counts(counts) if isinstance(counts, str) else counts, shape)


def _inside(corners: Any, shape: tuple[int, int]) -> Pixels:
    """Fill a polygon in the box around it, for the image may be large and hold thousands."""
    try:
        polygon = np.array(corners, np.float64).reshape(-1, 2)[:, ::-1]
    except (ValueError, TypeError):
        raise InputError(f"a polygon must be a flat list of x and y in turn, got {str(corners)[:40]}") from None
    if len(polygon) < 3 or not (abs(polygon) < FAR).all():
        raise InputError(f"a polygon must have three corners or more in the image, got {str(corners)[:40]}")
    low = np.clip(np.floor(polygon.min(axis=0)), 0, shape).astype(int)
    high = np.clip(np.ceil(polygon.max(axis=0)), 0, shape).astype(int)
    y, x = np.nonzero(fill_polygon(polygon - low, (high - low).tolist()))
    pixels: Pixels = (y + low[0]) * shape[1] + x + low[1]
    return pixels


def expand(counts: Sequence[int], shape: tuple[int, int]) -> Pixels:
    """Turn run lengths into pixels.

    Parameters
    ----------
    counts : sequence of int
        Lengths of runs down the columns, outside and inside the object in turn, outside first.
    shape : (2,) ints
        Of the image in pixels.

    Returns
    -------
    (M,) integer array
        Indices into the flat image, by rows.

    Raises
    ------
    InputError
        If the lengths are not integers >= 0 that add up to the image.
    """
    lengths = np.array(counts, object)
    if lengths.ndim != 1 or not all(type(n) is int and n >= 0 for n in lengths):
        raise InputError(f"run lengths must be integers >= 0, got {str(counts)[:40]}")
    if lengths.sum() != shape[0] * shape[1]:
        raise InputError(f"run lengths must add up to {by(shape)} = {shape[0] * shape[1]}, got {lengths.sum()}")
    lengths = lengths.astype(np.intp)
    ends, inside = np.cumsum(lengths)[1::2], lengths[1::2]
    before = np.cumsum(inside) - inside
    down = np.arange(inside.sum()) + np.repeat(ends - inside - before, inside)
    pixels: Pixels = down % shape[0] * shape[1] + down // shape[0]
    return pixels


def decode_counts(text: str) -> list[int]:
    """Decode the compressed run lengths of COCO.

    Each number is written in characters of 5 bits, the lowest first, from character "0" (48) on; bit 5 says that
    another follows, bit 4 of the last is the sign. From the fourth number on, what is written is the difference to
    the number two before.

    Parameters
    ----------
    text : str
        As in ``{"counts": text}``.

    Returns
    -------
    list of int
        Lengths of runs.

    Raises
    ------
    InputError
        If a character is not allowed or the text is cut off.
    """
    counts: list[int] = []
    number = shift = 0
    for character in text:
        bits = ord(character) - 48
        if not 0 <= bits < 64:
            raise InputError(f"compressed run lengths have characters from '0' to 'o', got {character!r}")
        number |= (bits & 31) << shift
        shift += 5
        if bits & 32:
            continue
        if bits & 16:
            number -= 1 << shift
        counts.append(number + (counts[-2] if len(counts) > 2 else 0))
        number = shift = 0
    if shift:
        raise InputError(f"compressed run lengths are cut off after {text[-8:]!r}")
    return counts
