"""Finding the files of a format in a folder, whole sets and sets in parts alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from cellsim.datasets.export.base import under
from cellsim.datasets.ingest.annotations import Annotation
from cellsim.datasets.ingest.pairs import Pair
from cellsim.datasets.ingest.pictures import ImageFiles, LabelFile, Picture
from cellsim.errors import InputError

PARTS = ("", "train", "val", "validation", "test")


def folders(source: Path, *names: str) -> list[tuple[str, Path]]:
    """List the folders of a set, or of its parts.

    Parameters
    ----------
    source : Path
        Of the set.
    names : str
        A folder counts if it holds these.

    Returns
    -------
    list of (str, Path)
        Name of the part, "" if the set has none, and its folder.

    Raises
    ------
    InputError
        If there is none.
    """
    if not source.is_dir():
        raise InputError(f"{source} must be a folder, got {'a file' if source.exists() else 'nothing there'}")
    found = [(part, source / part) for part in PARTS if all((source / part / name).is_dir() for name in names)]
    if not found:
        raise InputError(f"{source} must hold the folders {' and '.join(names)}, or train, val and test with them")
    return found


def listed(folder: Path, *endings: str) -> dict[str, Path]:
    """List the files of a folder that end in some way.

    Parameters
    ----------
    folder : Path
        Where.
    endings : str
        Such as "_img.tif"; the first that fits counts.

    Returns
    -------
    dict of str to Path
        By the name without its ending, sorted; hidden files do not count.
    """
    found = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        ending = next((one for one in endings if path.name.endswith(one)), None)
        if ending and not path.name.startswith("."):
            found[path.name.removesuffix(ending)] = path
    return found


def partners(images: Mapping[str, Path], labels: Mapping[str, Path], where: Path) -> None:
    """Check that every image has labels, and the other way round.

    Parameters
    ----------
    images, labels : mapping of str to Path
        By name.
    where : Path
        For messages.

    Raises
    ------
    InputError
        If one has no partner, or there is none at all.
    """
    if not images:
        raise InputError(f"{where} holds no images in this format")
    if lone := sorted(images.keys() ^ labels.keys()):
        there = "labels" if lone[0] in images else "image"
        raise InputError(f"{where}: {len(lone)} files have no partner, '{lone[0]}' has no {there}")


def paired(
    images: Mapping[str, Path],
    labels: Mapping[str, Path],
    where: Path,
    part: str = "",
    annotation: Callable[[Path], Annotation] = LabelFile,
    picture: Callable[[Path], Picture] = lambda path: ImageFiles((path,)),
) -> list[Pair]:
    """Pair images and labels of one name.

    Parameters
    ----------
    images, labels : mapping of str to Path
        By name.
    where : Path
        For messages.
    part : str
        Name of the part of the set; may be "".
    annotation, picture : callable
        From the file of a sample's labels, and of its image, to what reads it.

    Returns
    -------
    list of Pair
        In the order of the images.

    Raises
    ------
    InputError
        If one has no partner, or there is none at all.
    """
    partners(images, labels, where)
    return [Pair(under(part, stem), path, annotation(labels[stem]), picture(path)) for stem, path in images.items()]


def plane_of(structure: str | None, names: Sequence[str], where: Path) -> str:
    """Choose a label plane by name.

    Parameters
    ----------
    structure : str or None
        None for the first.
    names : sequence of str
        Those that there are.
    where : Path
        For messages.

    Returns
    -------
    str
        One of `names`.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    if structure is None and names:
        return names[0]
    if structure is None or structure not in names:
        raise InputError(f"{where} has no labels '{structure or ''}' (labels: {', '.join(names) or 'none'})")
    return structure
