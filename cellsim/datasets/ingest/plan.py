"""What becomes of the images, found out before anything is written: which tiles are kept, and their common form."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from cellsim.datasets.ingest.fields import Field, read_field
from cellsim.datasets.ingest.options import IngestOptions
from cellsim.datasets.ingest.pairs import Pair
from cellsim.datasets.ingest.parents import find_parents
from cellsim.datasets.ingest.tiles import Corner, Tile, corners, cut, framed, objects_in
from cellsim.datasets.layout import Spec
from cellsim.errors import InputError
from cellsim.sample import Sample

VERSION = 1  # raised when the same files give other samples


@dataclass(frozen=True)
class Names:
    """How things in the images are called, where that is known.

    Parameters
    ----------
    channels : tuple of str
        Of the image; empty if they are found out from the images.
    structure : str
        Of the objects.
    """

    channels: tuple[str, ...] = ()
    structure: str = "cells"


@dataclass(frozen=True)
class Plan:
    """Which samples the images become.

    Parameters
    ----------
    pairs : list of Pair
        Images and annotations.
    digests : list of str
        Of the content of each pair.
    parents : list of str
        Of each pair.
    tiles : list of Tile
        Those that are kept, in the order of the samples.
    dropped : int
        Tiles with too few objects.
    spec : Spec
        What the samples have in common.
    options : IngestOptions
        How the images are cut.
    """

    pairs: list[Pair]
    digests: list[str]
    parents: list[str]
    tiles: list[Tile]
    dropped: int
    spec: Spec
    options: IngestOptions

    @property
    def samples(self) -> int:
        """Number of samples: tiles times rotations."""
        return len(self.tiles) * self.options.turns

    def tile(self, index: int) -> Tile:
        """Say which tile a sample is cut from.

        Parameters
        ----------
        index : int
            Of the sample.

        Returns
        -------
        Tile
            All rotations of one follow each other.
        """
        return self.tiles[index // self.options.turns]

    def parent(self, index: int) -> int:
        """Say which parent a sample has.

        Parameters
        ----------
        index : int
            Of the sample.

        Returns
        -------
        int
            Index into ``spec.parents``.
        """
        return self._order[self.parents[self.tile(index).pair]]

    @cached_property
    def _order(self) -> dict[str, int]:
        return {parent: k for k, parent in enumerate(self.spec.parents)}

    def read(self, pair: int) -> Field:
        """Read a field again, to be cut.

        Parameters
        ----------
        pair : int
            Index of the pair.

        Returns
        -------
        Field
            With the channels of the set, at least as large as the canvas.

        Raises
        ------
        InputError
            If a file has changed since the plan was made.
        """
        found = read_field(self.pairs[pair], len(self.options.shape))
        if found.digest != self.digests[pair]:
            raise InputError(
                f"{self.pairs[pair].image} or its mask changed while it was ingested: run the command again"
            )
        return framed(replace(found, image=found.image[: len(self.spec.channels)]), self.options.shape)

    def draw(self, index: int, source: Field) -> Sample:
        """Cut a sample.

        Parameters
        ----------
        index : int
            Of the sample.
        source : Field
            The one that its tile lies in, as `read` returns it.

        Returns
        -------
        Sample
            Of the shape of the canvas.
        """
        return cut(source, self.tile(index).corner, index % self.options.turns, self.options)


@dataclass
class Survey:
    """What the images seen so far have in common.

    Parameters
    ----------
    types : dict of str to Path
        Data types met, and the first file of each.
    colours : dict of str to Path
        "gray" (one channel), "colour" (channels that differ) and "either" (three equal channels), likewise.
    channel_counts : dict of int to Path
        Numbers of channels of volumes, likewise.
    labelled, instances : bool
        Whether an object was met; whether a mask was met that tells several objects apart.
    known : tuple of str
        Names of the channels, if they are known.
    """

    types: dict[str, Path] = field(default_factory=dict)
    colours: dict[str, Path] = field(default_factory=dict)
    channel_counts: dict[int, Path] = field(default_factory=dict)
    labelled: bool = False
    instances: bool = False
    known: tuple[str, ...] = ()

    def add(self, pair: Pair, found: Field) -> None:
        """Take in an image.

        Parameters
        ----------
        pair : Pair
            Where it is from.
        found : Field
            What was read.

        Raises
        ------
        InputError
            If it has another data type or number of channels than one before.
        """
        self.types.setdefault(str(found.image.dtype), pair.image)
        if found.labels.ndim == 3 or self.known or len(found.image) not in (1, 3):
            self.channel_counts.setdefault(len(found.image), pair.image)
        else:
            colour = "gray" if len(found.image) == 1 else "colour" if found.coloured else "either"
            self.colours.setdefault(colour, pair.image)
        self._check_alike()
        top = found.labels.max(initial=0)
        self.labelled |= bool(top)
        self.instances |= pair.annotation.separate or bool(((found.labels != 0) & (found.labels != top)).any())

    def _check_alike(self) -> None:
        if len(self.types) > 1:
            (one, first), (other, second) = self.types.items()
            raise InputError(f"all images of a set must have one type, got {one} ({first}) and {other} ({second})")
        if {"gray", "colour"} <= self.colours.keys():
            gray, colour = self.colours["gray"], self.colours["colour"]
            raise InputError(f"all images of a set must be gray or all RGB, got gray ({gray}) and RGB ({colour})")
        if len(self.channel_counts) > 1:
            (few, first), (many, second) = self.channel_counts.items()
            raise InputError(
                f"all images of a set must have one number of channels, got {few} ({first}) and {many} ({second})"
            )

    def check(self) -> None:
        """Check what can be said only when all images are seen.

        Raises
        ------
        InputError
            If there is no object, or no mask tells objects apart.
        """
        if not self.labelled:
            raise InputError("all masks are empty: there is no object in any of them")
        if not self.instances:
            raise InputError(
                "the masks look binary, none has more than one value besides 0: instance labels are needed, "
                "a label image with one value an object, or a folder with one mask file an object"
            )

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the channels: RGB images whose channels are all equal count as gray; of volumes, numbers."""
        n = next(iter(self.channel_counts), 0)
        if self.known and len(self.known) == n:
            return self.known
        if n:
            return ("gray",) if n == 1 else tuple(f"channel-{k}" for k in range(1, n + 1))
        return ("red", "green", "blue") if "colour" in self.colours else ("gray",)


def plan(pairs: list[Pair], options: IngestOptions, name: str, names: Names | None = None) -> Plan:
    """Read all images once, one at a time, and decide which tiles are kept.

    Parameters
    ----------
    pairs : list of Pair
        Sorted.
    options : IngestOptions
        How images are cut.
    name : str
        Of the data set.
    names : Names, optional
        Of channels and objects.

    Returns
    -------
    Plan
        Small: no pixels are kept.

    Raises
    ------
    InputError
        If an image or mask cannot be used, or nothing is left.
    """
    parents = find_parents([pair.stem for pair in pairs], options.parents)
    names = Names() if names is None else names
    survey, digests, tiles = Survey(known=names.channels), [], []
    dropped = fullest = 0
    for k, pair in enumerate(pairs):
        found = read_field(pair, len(options.shape))
        survey.add(pair, found)
        digests.append(found.digest)
        for corner, objects in _counted(pair, found, options):
            fullest = max(fullest, objects)
            if objects >= options.min_objects:
                tiles.append(Tile(k, corner))
            else:
                dropped += 1
    survey.check()
    if not tiles:
        raise InputError(f"no tile has min_objects = {options.min_objects} objects, the fullest has {fullest}")
    spec = Spec(
        name=name,
        digest=_digest(pairs, digests, parents, options),
        shape=tuple(options.shape),
        spacing=tuple(map(float, options.pixel)),
        structures=(names.structure,),
        channels=survey.channels,
        image=next(iter(survey.types)),
        columns=("parent",),
        parents=tuple(sorted({parents[tile.pair] for tile in tiles})),
    )
    return Plan(pairs, digests, parents, tiles, dropped, spec, options)


def _counted(pair: Pair, found: Field, options: IngestOptions) -> list[tuple[Corner, int]]:
    """Count the objects of every tile, by the same cut that is written later."""
    labels = framed(found, options.shape).labels
    places = corners(found.labels.shape, options)
    try:
        return [(at, int(objects_in(labels, at, options.shape).max(initial=0))) for at in places]
    except ValueError as error:
        raise InputError(f"{pair.annotation}: {error}") from None


def _digest(pairs: list[Pair], digests: list[str], parents: list[str], options: IngestOptions) -> str:
    """Name the samples by what they are made of: options, and the name, content and parent of every image."""
    seen = sha256(json.dumps([VERSION, options.record()], sort_keys=True).encode())
    for pair, digest, parent in zip(pairs, digests, parents, strict=True):
        seen.update(json.dumps([pair.stem, digest, parent]).encode())
    return seen.hexdigest()
