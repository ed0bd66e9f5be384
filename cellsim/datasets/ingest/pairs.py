"""Which annotation belongs to which image, by their names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cellsim.datasets.ingest import hdf5
from cellsim.datasets.ingest.annotations import Annotation, LabelImage, ObjectMasks
from cellsim.datasets.ingest.coco import read_coco
from cellsim.datasets.ingest.images import EXTENSIONS, is_image
from cellsim.datasets.ingest.pictures import Picture
from cellsim.errors import InputError

SHOWN = 3  # names in a message


@dataclass(frozen=True)
class Pair:
    """An image and its annotation.

    Parameters
    ----------
    stem : str
        Name of the image, without its extension.
    image : Path
        Of the file, or of an array in an HDF5 file.
    annotation : Annotation
        Not read yet.
    picture : Picture, optional
        How the image is read, if not as a file of one gray or RGB image; then `image` is its name in messages.
    """

    stem: str
    image: Path
    annotation: Annotation
    picture: Picture | None = None


def find_pairs(images: Path, masks: Path) -> list[Pair]:
    """Match images with annotations; only names are read (and a COCO file).

    Parameters
    ----------
    images : Path
        Folder of images, PNG, TIFF or HDF5; ``folder::/raw`` names the array in every HDF5 file. Or one HDF5 file.
    masks : Path
        Folder of label images of the same stems, or of folders of these names with one mask file an object; a COCO
        file (`.json`); or `images` again, the layout of the Data Science Bowl 2018: ``<id>/images/*.png`` and
        ``<id>/masks/*.png``, or a set in parts: ``<part>/images`` and ``<part>/masks`` with label images of the same
        stems. One HDF5 file, if `images` is one.

    Returns
    -------
    list of Pair
        Sorted by stem; in a set of parts a stem is ``<part>/<stem>``.

    Raises
    ------
    InputError
        If a folder is missing or empty, or an image or a mask has no partner.
    """
    (images, image_array), (masks, mask_array) = hdf5.split(images), hdf5.split(masks)
    if all(path.is_file() and hdf5.is_hdf5(path) for path in (images, masks)):
        return [Pair(images.stem, hdf5.name(images, image_array), LabelImage(hdf5.name(masks, mask_array)))]
    if not images.is_dir():
        raise InputError(f"{images} must be a folder of images, got {'a file' if images.exists() else 'nothing there'}")
    if not masks.exists():
        raise InputError(f"{masks} must be a folder of masks or a COCO file (.json), got nothing there")
    if masks.resolve() == images.resolve() and not image_array:
        return _parts(images) or _match(*_bowl(images), images, masks)
    found = _arrays(images, image_array) if image_array else _by_stem(filter(is_image, _listed(images)))
    if mask_array:
        labels: dict[str, Annotation] = {k: LabelImage(path) for k, path in _arrays(masks, mask_array).items()}
        return _match(found, labels, images, masks)
    return _match(found, _annotations(masks, found), images, masks)


def _arrays(folder: Path, array: str) -> dict[str, Path]:
    """List the arrays of one name in all HDF5 files of a folder."""
    files = _by_stem(filter(hdf5.is_hdf5, _listed(folder)))
    return {stem: hdf5.name(path, array) for stem, path in files.items()}


def _annotations(masks: Path, images: Mapping[str, Path]) -> dict[str, Annotation]:
    if masks.is_file():
        if masks.suffix.lower() != ".json":
            raise InputError(f"{masks} must be a folder of masks or a COCO file (.json), got a {masks.suffix} file")
        return dict(read_coco(masks))
    found: dict[str, Annotation] = {}
    for stem, path in _by_stem(path for path in _listed(masks) if path.is_dir() or is_image(path)).items():
        if path.is_file():
            found[stem] = LabelImage(path)
        elif (files := _object_masks(path)).paths or stem in images:  # other empty folders are not our business
            found[stem] = files
    return found


def _object_masks(folder: Path) -> ObjectMasks:
    return ObjectMasks(folder, tuple(filter(is_image, _listed(folder))))


def _parts(root: Path) -> list[Pair]:
    """List ``train/images`` and ``train/masks``, ``val/images`` ... if every mask has the name of an image."""
    found: list[Pair] = []
    for part in _listed(root):
        if (part / "images").is_dir() or (part / "masks").is_dir():
            images, masks = (_label_images(part / name) for name in ("images", "masks"))
            if not images or images.keys() != masks.keys():
                return []
            found += [Pair(f"{part.name}/{stem}", images[stem], LabelImage(masks[stem])) for stem in images]
    return found


def _label_images(folder: Path) -> dict[str, Path]:
    return _by_stem(filter(is_image, _listed(folder))) if folder.is_dir() else {}


def _bowl(root: Path) -> tuple[dict[str, Path], dict[str, Annotation]]:
    """List ``<id>/images`` and ``<id>/masks``; folders with neither are left out."""
    images: dict[str, Path] = {}
    masks: dict[str, Annotation] = {}
    for folder in _listed(root):
        if (folder / "images").is_dir():
            found = [path for path in _listed(folder / "images") if is_image(path)]
            if len(found) != 1:
                raise InputError(
                    f"{folder / 'images'} must hold one image, got {len(found)}; or several, if all folders hold label "
                    "images of the same names in masks"
                )
            images[folder.name] = found[0]
        if (folder / "masks").is_dir():
            masks[folder.name] = _object_masks(folder / "masks")
    if not images and not masks:
        raise InputError(f"{root} must hold <id>/images/*.png and <id>/masks/*.png, as images and masks are one folder")
    return images, masks


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted((path for path in folder.iterdir() if not path.name.startswith(".")), key=lambda path: path.name)
    except OSError as error:
        raise InputError(f"{folder} cannot be listed: {error.strerror or error}") from None


def _by_stem(paths: Iterable[Path]) -> dict[str, Path]:
    known: dict[str, Path] = {}
    for path in paths:
        stem = path.name if path.is_dir() else path.stem
        if stem in known:
            raise InputError(f"two files are called '{stem}': {known[stem]} and {path}")
        known[stem] = path
    return known


def _match(
    images: Mapping[str, Path], annotations: Mapping[str, Annotation], image_folder: Path, masks: Path
) -> list[Pair]:
    for folder, found in ((image_folder, images), (masks, annotations)):
        if not found:
            raise InputError(f"{folder} holds nothing to read: {', '.join(EXTENSIONS)} are read")
    if not images.keys() & annotations.keys():
        raise InputError(
            "no mask has the name of an image, and they are matched by name: "
            f"images are called {_some(images)}, masks {_some(annotations)}"
        )
    if lone := images.keys() - annotations.keys():
        raise InputError(f"{len(lone)} of {len(images)} images have no mask in {masks}: {_some(lone)}")
    if lone := annotations.keys() - images.keys():
        raise InputError(f"{len(lone)} of {len(annotations)} masks have no image in {image_folder}: {_some(lone)}")
    return [Pair(stem, images[stem], annotations[stem]) for stem in sorted(images)]


def _some(stems: Iterable[str]) -> str:
    known = sorted(stems)
    return ", ".join(f"'{stem}'" for stem in known[:SHOWN]) + (", ..." if len(known) > SHOWN else "")
