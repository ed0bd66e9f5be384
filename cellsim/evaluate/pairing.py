"""What of two data sets can be compared: which structure, which channels, how large a part; and what cannot."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellsim.datasets.layout import Location, show
from cellsim.datasets.reader import Dataset, open_dataset
from cellsim.errors import InputError
from cellsim.masks.planes import visible
from cellsim.masks.relabel import consecutive
from cellsim.sample import VISIBLE, Labels, Sample

CHUNK = 32  # samples that are read at once


@dataclass(frozen=True, eq=False)
class ComparedSet:
    """What is compared of a data set, and where it comes from.

    Parameters
    ----------
    location : str, Path or zarr store
        Where it lies.
    name : str
        Of its recipe, or of what was ingested.
    version : str
        Name of the version.
    digest : str
        SHA-256 of the content of that version.
    samples : int
        In the version.
    indices : (N,) int64 array
        Samples that are compared, ascending.
    parents : (N,) int64 array, optional
        The field of view that each of them comes from; None if the data set does not say.
    structure : str
        The structure that is compared.
    channels : tuple of str
        The channels that are compared; empty if images are not.
    shape : (D,) ints
        The part of each sample that is compared, in pixels, in its middle.
    spacing : (D,) floats
        Size of a pixel in µm.
    source : str
        Digest of the recipe, or of what was ingested.
    recipe : dict, optional
        The resolved recipe; None for ingested images.
    created_by : str
        The program that wrote the data set, and its version.
    """

    location: Location
    name: str
    version: str
    digest: str
    samples: int
    indices: NDArray[np.int64]
    parents: NDArray[np.int64] | None
    structure: str
    channels: tuple[str, ...]
    shape: tuple[int, ...]
    spacing: tuple[float, ...]
    source: str
    recipe: dict[str, object] | None
    created_by: str

    def __len__(self) -> int:
        return len(self.indices)

    def read(self, positions: Sequence[int], progress: Callable[[int], None] | None = None) -> list[Sample]:
        """Read samples, and keep of them what is compared.

        Parameters
        ----------
        positions : sequence of int
            Among those that are compared, from 0 to len - 1.
        progress : callable, optional
            Is told how many have been read.

        Returns
        -------
        list of Sample
            One label plane, with ids 1..N; the channels that are compared, or no image.

        Raises
        ------
        StoreError
            If the data set is gone or damaged.
        """
        dataset, found = open_dataset(self.location, self.version), []
        for start in range(0, len(positions), CHUNK):
            wanted = self.indices[np.asarray(positions[start : start + CHUNK], np.int64)]
            found += [self._kept(sample, dataset.spec.channels) for sample in dataset.batch(wanted.tolist())]
            if progress is not None:
                progress(len(found))
        return found

    def _kept(self, sample: Sample, known: Sequence[str]) -> Sample:
        corner = [(there - wanted) // 2 for there, wanted in zip(sample.shape, self.shape, strict=True)]
        place = tuple(slice(low, low + wanted) for low, wanted in zip(corner, self.shape, strict=True))
        labels, _ = consecutive(np.ascontiguousarray(as_seen(sample, self.structure)[place]))
        image = None
        if self.channels and sample.image is not None:
            image = np.ascontiguousarray(sample.image[[known.index(name) for name in self.channels]][:, *place])
        return Sample(labels[np.newaxis], sample.spacing, image, {}, (self.structure,))


def as_seen(sample: Sample, structure: str) -> Labels:
    """Return a structure as an annotator draws it: one plane, in which objects cover each other.

    Parameters
    ----------
    sample : Sample
        With named planes.
    structure : str
        Such as "nuclei".

    Returns
    -------
    ([Z,] Y, X) uint16 array
        The plane of what is seen of it, if there is one; otherwise its planes, an earlier object over a later.
    """
    if structure + VISIBLE in sample.structures:
        structure += VISIBLE
    planes = sample.planes(structure)
    return planes[0] if len(planes) == 1 else visible(planes)


def pair(real: Dataset, synthetic: Dataset, structure: str | None, channel: str | None) -> Pair:
    """Find what two data sets have in common.

    Parameters
    ----------
    real, synthetic : Dataset
        With the same number of axes.
    structure : str, optional
        The structure to compare, or ``real=synthetic`` if they name it differently; found if None.
    channel : str, optional
        Likewise the channel; all that both have if None.

    Returns
    -------
    Pair
        What is compared.

    Raises
    ------
    InputError
        If nothing can be compared, or what was named is not there.
    """
    both = (real, synthetic)
    axes = [len(dataset.spec.shape) for dataset in both]
    if axes[0] != axes[1]:
        raise InputError(f"images of {axes[0]} axes cannot be compared with images of {axes[1]}")
    structures = _structures(both, structure)
    channels, silent = _channels(both, channel)
    shape = tuple(min(pair) for pair in zip(real.spec.shape, synthetic.spec.shape, strict=True))
    notes = [*_of_names("structure", structures), *silent, *_of_frames(both, shape)]
    return Pair(structures, channels, shape, tuple(notes))


@dataclass(frozen=True)
class Pair:
    """What is compared of two data sets, the real one first.

    Parameters
    ----------
    structures : (str, str)
        Of each.
    channels : (tuple of str, tuple of str)
        Of each; empty if images are not compared.
    shape : (D,) ints
        The part of samples that is compared, in pixels.
    notes : tuple of str
        What is not compared, and what to bear in mind; a sentence each.
    """

    structures: tuple[str, str]
    channels: tuple[tuple[str, ...], tuple[str, ...]]
    shape: tuple[int, ...]
    notes: tuple[str, ...]


def bare_structures(planes: Sequence[str]) -> list[str]:
    """Name the structures that label planes show.

    Parameters
    ----------
    planes : sequence of str
        Names such as "nuclei-1", "nuclei-visible".

    Returns
    -------
    list of str
        Such as "nuclei", each once.
    """
    return list(dict.fromkeys(re.sub(rf"(-\d+|{VISIBLE})$", "", name) for name in planes))


def _structures(both: Sequence[Dataset], asked: str | None) -> tuple[str, str]:
    known = [bare_structures(dataset.spec.structures) for dataset in both]
    if asked is not None:
        return _named("structure", asked, both, known)
    if common := [name for name in known[0] if name in known[1]]:
        return common[0], common[0]
    if len(known[0]) == len(known[1]) == 1:
        return known[0][0], known[1][0]
    listed = "; ".join(f"{show(d.location)}: {', '.join(names)}" for d, names in zip(both, known, strict=True))
    raise InputError(
        f"the two data sets have no structure of the same name ({listed}): say which to compare, "
        f"such as --structure {known[0][0]}={known[1][0]}"
    )


def _named(what: str, asked: str, both: Sequence[Dataset], known: Sequence[Sequence[str]]) -> tuple[str, str]:
    first, equals, second = asked.partition("=")
    pair = (first.strip(), second.strip() if equals else first.strip())
    for name, dataset, names in zip(pair, both, known, strict=True):
        if name not in names:
            raise InputError(f"{show(dataset.location)} has no {what} {name!r} ({what}s: {', '.join(names) or 'none'})")
    return pair


def _channels(both: Sequence[Dataset], asked: str | None) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], list[str]]:
    """Pair channels by name, or by place if there are as many; and say what is not compared."""
    known = [dataset.spec.channels for dataset in both]
    if asked is not None:
        first, second = _named("channel", asked, both, known)
        return ((first,), (second,)), _of_names("channel", (first, second))
    without = [which for which, names in zip(("real", "synthetic"), known, strict=True) if not names]
    if without:
        return ((), ()), [f"Images are not compared: the {' and the '.join(without)} set has none."]
    if common := tuple(name for name in known[0] if name in known[1]):
        left = [name for name in dict.fromkeys((*known[0], *known[1])) if name not in common]
        return (common, common), [
            f"Channels that only one set has are not compared: {', '.join(left)}."
        ] if left else []
    if len(known[0]) == len(known[1]):
        return (known[0], known[1]), _of_names("channel", (", ".join(known[0]), ", ".join(known[1])))
    counts = (f"{len(names)} channel{'s' * (len(names) > 1)} ({', '.join(names)})" for names in known)
    advice = f"Say which is which, such as --channel {known[0][0]}={known[1][0]}."
    unlike = "Images are not compared: the real ones have {}, the synthetic ones {}. ".format(*counts)
    return ((), ()), [unlike + advice]


def _of_names(what: str, names: Sequence[str]) -> list[str]:
    return [] if names[0] == names[1] else [f"The {what} '{names[0]}' is compared with '{names[1]}'."]


def _of_frames(both: Sequence[Dataset], shape: tuple[int, ...]) -> list[str]:
    """Say where sizes of images or of pixels differ."""
    notes = []
    for which, dataset in zip(("real", "synthetic"), both, strict=True):
        if dataset.spec.shape != shape:
            sizes = (" x ".join(map(str, size)) for size in (dataset.spec.shape, shape))
            notes.append("Of {} images of {} px the middle {} px are compared.".format(which, *sizes))
        known = dataset.group.attrs.get("ingested")
        if isinstance(known, dict) and known.get("spacing_assumed"):
            notes.append(f"The size of a pixel of the {which} images is not known: 1 µm is assumed.")
    if not same_pixels(both[0].spec.spacing, both[1].spec.spacing):
        sizes = (" x ".join(f"{edge:g}" for edge in dataset.spec.spacing) for dataset in both)
        notes.append(
            "Pixels differ in size ({} µm in the real images, {} µm in the synthetic ones): what is measured in µm is "
            "compared, features of pixels are not.".format(*sizes)
        )
    return notes


def same_pixels(first: Sequence[float], second: Sequence[float]) -> bool:
    """Say whether pixels are of the same size.

    Parameters
    ----------
    first, second : (D,) floats
        In µm.

    Returns
    -------
    bool
        True if they differ by less than one percent.
    """
    return bool(np.allclose(first, second, rtol=0.01))
