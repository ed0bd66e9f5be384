"""Which true annotation belongs to which found one: data sets, folders, files and arrays, read one image at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from tifffile import TiffFile

from cellsim.datasets.ingest.images import read_bytes, read_mask
from cellsim.datasets.layout import show
from cellsim.datasets.reader import Dataset, open_dataset
from cellsim.errors import InputError
from cellsim.sample import VISIBLE, Sample

LabelImage = NDArray[Any]
Source = Dataset | str | Path | LabelImage | Sequence[LabelImage]

LABELS = (".png", ".tif", ".tiff", ".npy")
POINTS = ".csv"
SUFFIXES = ("_cp_masks", "_masks")  # of Cellpose: such files stand beside their images
SHOWN = 3  # names in a message
OBJECTS = "objects"  # the structure of annotations without a name


@dataclass(frozen=True)
class Annotations:
    """The annotations of some images, not read yet.

    Parameters
    ----------
    where : str
        For messages.
    names : tuple of str
        Of the images.
    by_name : bool
        Whether they are matched by name, else by their order.
    structures : tuple of str
        What can be read; empty if there is one structure without a name.
    spacing : tuple of floats or None
        Size of a pixel in µm, if it is known.
    points : bool
        They are points, not label images.
    read : callable
        Takes the index of an image; returns a Sample, a label image or points.
    """

    where: str
    names: tuple[str, ...]
    by_name: bool
    structures: tuple[str, ...]
    spacing: tuple[float, ...] | None
    points: bool
    read: Callable[[int], Any]


class Pair(NamedTuple):
    """Two annotations of one image.

    Parameters
    ----------
    name : str
        Of the image.
    structure : str
        Of the objects.
    truth : (S, [Z,] Y, X) integer array or (N, D) float64 array
        Label planes, or points in pixels.
    found : (S, [Z,] Y, X) integer array
        Label planes.
    """

    name: str
    structure: str
    truth: LabelImage
    found: LabelImage


def find_annotations(source: Source, points: bool = False) -> Annotations:
    """List annotations; only names are read.

    Parameters
    ----------
    source : Dataset, str, Path, array or sequence of arrays
        A data set or its path or URL; a folder of label images, or one such file (PNG, TIFF, NPY); one label image, or
        a list of them.
    points : bool
        Whether a folder of CSV files, one an image, will do: a row for each point, ([plane,] row, column) in pixels.

    Returns
    -------
    Annotations
        With names and structures.

    Raises
    ------
    InputError
        If there is nothing to read.
    StoreError
        If a data set is damaged.
    """
    if isinstance(source, str | Path):
        path = Path(source)
        if path.is_file() or (path.is_dir() and not (path / "zarr.json").exists()):
            return _files(path, points)
        source = open_dataset(source)
    if isinstance(source, Dataset):
        return _dataset(source)
    arrays = [source] if isinstance(source, np.ndarray) else list(source)
    names = tuple(str(i) for i in range(len(arrays)))
    return Annotations("the arrays", names, False, (), None, False, lambda i: np.asarray(arrays[i]))


def _dataset(source: Dataset) -> Annotations:
    spec = source.spec
    bare = tuple(dict.fromkeys(re.sub(r"-\d+$", "", name) for name in spec.structures))

    def read(index: int) -> Sample:
        return Sample(next(source.labels([index])), spec.spacing, structures=spec.structures)

    names = tuple(str(i) for i in range(len(source)))
    return Annotations(show(source.location), names, False, bare, spec.spacing, False, read)


def _files(path: Path, points: bool) -> Annotations:
    listed = sorted(path.iterdir()) if path.is_dir() else [path]
    listed = [file for file in listed if file.is_file() and not file.name.startswith(".")]
    files = [file for file in listed if file.suffix.lower() in LABELS]
    tables = [file for file in listed if file.suffix.lower() == POINTS]
    are_points = points and not files and bool(tables)
    found = tables if are_points else files
    if not found:
        allowed = ", ".join([*LABELS, *([POINTS] if points else [])])
        raise InputError(f"{path} holds no annotation: {allowed} are read")
    named = {_stem(file): file for file in _masks(found)}
    if len(named) < len(_masks(found)):
        raise InputError(f"{path} holds files that differ in the extension only, and they are matched by their stems")
    chosen = tuple(named.values())
    read = read_points if are_points else read_labels
    return Annotations(str(path), tuple(named), path.is_dir(), (), None, are_points, lambda i: read(chosen[i]))


def _masks(files: Sequence[Path]) -> Sequence[Path]:
    """Leave out images beside which masks of Cellpose stand."""
    for suffix in SUFFIXES:
        if masks := [file for file in files if file.stem.endswith(suffix)]:
            return masks
    return files


def _stem(path: Path) -> str:
    for suffix in SUFFIXES:
        if path.stem.endswith(suffix):
            return path.stem.removesuffix(suffix)
    return path.stem


def read_labels(path: Path) -> LabelImage:
    """Read a label image or volume.

    Parameters
    ----------
    path : Path
        Of a PNG, TIFF or NPY file.

    Returns
    -------
    ([Z,] Y, X) integer or bool array
        Values as they are.

    Raises
    ------
    InputError
        If it cannot be read as labels.
    """
    content = read_bytes(path)
    if path.suffix.lower() != ".npy":
        return read_mask(path, content, 3 if path.suffix.lower() != ".png" and _is_volume(content) else 2)
    try:
        array: LabelImage = np.load(BytesIO(content), allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise InputError(f"{path} cannot be read as a NPY file: {error}") from None
    if array.dtype.kind not in "uib" or array.ndim not in (2, 3):
        raise InputError(
            f"{path}: labels must be integers of shape (Y, X) or (Z, Y, X), got {array.dtype} {array.shape}"
        )
    return array


def _is_volume(content: bytes) -> bool:
    try:
        with TiffFile(BytesIO(content)) as tiff:
            series = tiff.series[0]
            return sum(n > 1 and axis not in "SC" for axis, n in zip(series.axes, series.shape, strict=True)) > 2
    except Exception:  # decoders raise all kinds of errors on damaged bytes; `read_mask` says what is wrong
        return False


def read_points(path: Path) -> NDArray[np.float64]:
    """Read points.

    Parameters
    ----------
    path : Path
        Of a CSV file: a row for each point, ([plane,] row, column) in pixels, 0 the middle of the first; words in the
        first row are taken for a header.

    Returns
    -------
    (N, D) float64 array
        In pixels, 0.5 the middle of the first.

    Raises
    ------
    InputError
        If a row is no such point.
    """
    rows = [
        line.replace(";", ",").split(",") for line in path.read_text(encoding="utf-8-sig").splitlines() if line.strip()
    ]
    if rows and any(re.search(r"[a-zA-Z]{2}|^\s*[a-zA-Z]\s*$", word) for word in rows[0]):
        rows = rows[1:]
    try:
        points = np.array([[float(word) for word in row] for row in rows], np.float64)
    except ValueError as error:
        raise InputError(f"{path}: a row must be ([plane,] row, column), two or three numbers: {error}") from None
    if len(points) and (points.ndim != 2 or points.shape[1] not in (2, 3)):
        raise InputError(f"{path}: a row must be ([plane,] row, column), two or three numbers, got {len(rows[0])}")
    return points + 0.5


def pairs(truth: Annotations, found: Annotations, structure: str | None = None) -> Iterator[Pair]:
    """Read what belongs together.

    Parameters
    ----------
    truth, found : Annotations
        Of the same images.
    structure : str, optional
        Such as "nuclei"; all that both have if None.

    Yields
    ------
    Pair
        For each image and each structure.

    Raises
    ------
    InputError
        If images or structures do not match.
    """
    matched, structures = match_images(truth, found), match_structures(truth, found, structure)
    for name, i, k in matched:
        one, other = truth.read(i), found.read(k)
        for label, own, others in structures:
            yield Pair(name, label, one if truth.points else _planes(one, own), _planes(other, others))


def _planes(read: Sample | LabelImage, structure: str | None) -> LabelImage:
    return read.planes(structure) if isinstance(read, Sample) else read[np.newaxis]


def match_images(truth: Annotations, found: Annotations) -> list[tuple[str, int, int]]:
    """Match images: folders by the stems of files, data sets and arrays by their order.

    A file belongs to the sample of a data set, or to the array, whose index its name ends in.

    Parameters
    ----------
    truth, found : Annotations
        Of the same images.

    Returns
    -------
    list of (str, int, int)
        Name and the two indices of each image.

    Raises
    ------
    InputError
        If an image has no partner.
    """
    if not (truth.by_name or found.by_name):
        if len(truth.names) != len(found.names):
            raise InputError(
                f"images are matched by their order, and there must be as many in both: {len(truth.names)} in "
                f"{truth.where}, {len(found.names)} in {found.where}"
            )
        return [(name, i, i) for i, name in enumerate(truth.names)]
    one, other = _keys(truth, found), _keys(found, truth)
    for here, there, own, others in ((truth, found, one, other), (found, truth, other, one)):
        if lone := [name for name in own if name not in others]:
            raise InputError(
                f"{len(lone)} of {len(own)} images in {here.where} have no partner of the same name in {there.where}: "
                f"{_some(lone)}; there they are called {_some(others)}"
            )
    return (
        [(name, one[name], other[name]) for name in sorted(one)]
        if truth.by_name
        else [(name, one[name], other[name]) for name in one]
    )


def _keys(own: Annotations, other: Annotations) -> Mapping[str, int]:
    """Index of each image by the name it has in common with its partner."""
    if other.by_name or not own.by_name:
        return {name: i for i, name in enumerate(own.names)}
    ends = {name: re.search(r"\d+$", name) for name in own.names}
    keys = {str(int(end.group())) if end else name: i for i, (name, end) in enumerate(ends.items())}
    if len(keys) < len(own.names):
        raise InputError(f"names of files in {own.where} must end in the index of a sample, and no two in the same one")
    return keys


def match_structures(
    truth: Annotations, found: Annotations, structure: str | None
) -> list[tuple[str, str | None, str | None]]:
    """Match structures by name; one that stands alone matches any.

    Parameters
    ----------
    truth, found : Annotations
        Of the same images.
    structure : str, optional
        The only one that is wanted.

    Returns
    -------
    list of (str, str or None, str or None)
        The name to show, and those to read.

    Raises
    ------
    InputError
        If there is no such structure, or it is not clear which belong together.
    """
    if structure is not None:
        return [(structure, _named(truth, structure), _named(found, structure))]
    own, others = (tuple(name for name in x.structures if not name.endswith(VISIBLE)) for x in (truth, found))
    if len(own) < 2 and len(others) < 2:
        one, other = (names[0] if names else None for names in (own, others))
        return [(one or other or OBJECTS, one, other)]
    if set(own) != set(others):
        raise InputError(
            f"say which structure to score: {truth.where} has {_said(truth)}, {found.where} has {_said(found)}"
        )
    return [(name, name, name) for name in own]


def _named(side: Annotations, structure: str) -> str | None:
    if structure in side.structures:
        return structure
    whole = [name for name in side.structures if not name.endswith(VISIBLE)]
    if len(whole) > 1:
        raise InputError(f"no structure '{structure}' in {side.where}: it has {_said(side)}")
    return whole[0] if whole else None


def _said(side: Annotations) -> str:
    return ", ".join(side.structures) or "one without a name"


def _some(names: Iterable[str]) -> str:
    known = list(names)
    return ", ".join(f"'{name}'" for name in known[:SHOWN]) + (", ..." if len(known) > SHOWN else "")
