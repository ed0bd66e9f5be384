"""Reading a data set: single samples, batches, and the numbers kept beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cellsim.datasets.layout import Location, show
from cellsim.datasets.stored import Stored
from cellsim.errors import InputError
from cellsim.sample import Image, Labels, Sample

if TYPE_CHECKING:
    from cellsim.datasets.stream import StreamDataset
    from cellsim.datasets.torch import PatchDataset, TorchDataset, Transform


class Dataset(Stored, Sequence[Sample]):
    """A version of a data set, open for reading.

    Parameters
    ----------
    location : str, Path or zarr store
        A local path, a URL that fsspec knows, or a store.
    version : str, optional
        Name of the version; the newest if None.
    threads : int, optional
        That decode the chunks of a large sample; one a core if None. A forked process must have 1: it hangs if it
        waits for threads of its parent.

    Attributes
    ----------
    spec : Spec
        Shape, spacing, structures, channels, recipe ...
    version : Version
        Name, number of samples and content digest.

    Raises
    ------
    StoreError
        If there is no data set, or no such version.

    Examples
    --------
    >>> import cellsim
    >>> made = cellsim.make("epidermis", 2, "epidermis.zarr", workers=1)
    >>> dataset = cellsim.open_dataset("epidermis.zarr")
    >>> dataset[0].image.shape
    (1, 256, 256)
    """

    def __repr__(self) -> str:
        return f"<{show(self.location)} {self.version.name}: {len(self)} samples of '{self.spec.name}'>"

    def __getitem__(self, index: int) -> Sample:  # type: ignore[override]
        """Read one sample.

        Parameters
        ----------
        index : int
            From -len to len - 1.

        Returns
        -------
        Sample
            `image` is float32 in [0, 1].

        Raises
        ------
        IndexError
            If there is no such sample.
        StoreError
            If its bytes are damaged.
        """
        return self.batch([index])[0]

    def __iter__(self) -> Iterator[Sample]:
        for start in range(0, len(self), self._shard):
            yield from self.batch(range(start, min(start + self._shard, len(self))))

    def batch(self, indices: Sequence[int]) -> list[Sample]:
        """Read several samples at once, faster than one after the other.

        Parameters
        ----------
        indices : sequence of int
            In any order, from -len to len - 1.

        Returns
        -------
        list of Sample
            In the order of `indices`.

        Raises
        ------
        IndexError
            If there is no such sample.
        StoreError
            If bytes are damaged.
        """
        wanted = [self._position(index) for index in indices]
        raw = self.raw(wanted)
        images = raw.get("image", [None] * len(wanted))
        return [
            Sample(labels, self.spec.spacing, as_intensity(image), self.objects(i), self.spec.structures)
            for i, labels, image in zip(wanted, raw["labels"], images, strict=True)
        ]

    def labels(self, indices: Sequence[int]) -> Iterator[Labels]:
        """Read the labels of samples, without their images.

        Parameters
        ----------
        indices : sequence of int
            From 0 to len - 1.

        Yields
        ------
        (S, [Z,] Y, X) uint16 array
            In the order of `indices`.

        Raises
        ------
        StoreError
            If bytes are damaged.
        """
        for start in range(0, len(indices), self._shard):
            yield from self.raw(indices[start : start + self._shard], ["labels"])["labels"]

    def patch(self, index: int, corner: Sequence[int], shape: Sequence[int]) -> Sample:
        """Read a part of a sample; of large volumes, only the chunks that it touches.

        Parameters
        ----------
        index : int
            From -len to len - 1.
        corner : (D,) ints
            First pixel of the patch, ([z,] y, x).
        shape : (D,) ints
            Of the patch in pixels. Along an axis where it is larger than the canvas, the patch must cover it (the
            corner is at most 0) and is padded by reflection.

        Returns
        -------
        Sample
            Objects keep the ids that they have in the whole sample, so there may be holes in them; `objects` are the
            records of the whole sample, row i of the object with id i + 1.

        Raises
        ------
        IndexError
            If there is no such sample.
        InputError
            If the patch leaves the canvas, or has another number of axes.
        StoreError
            If bytes are damaged.
        """
        position = self._position(index)
        raw = self.raw_patches([position], [corner], shape)
        image = as_intensity(raw["image"][0]) if "image" in raw else None
        return Sample(raw["labels"][0], self.spec.spacing, image, self.objects(position), self.spec.structures)

    @property
    def recipe(self) -> dict[str, Any]:
        """The resolved recipe, as plain values.

        Raises
        ------
        InputError
            If the samples were ingested, not made.
        """
        if self.spec.recipe is None:
            raise InputError(f"{show(self.location)} was ingested from images: it has no recipe")
        return self.spec.recipe

    def torch(self, *, fields: Sequence[str] | None = None, transform: Transform | None = None) -> TorchDataset:
        """Return a map-style dataset for PyTorch's DataLoader, safe under fork and spawn.

        Parameters
        ----------
        fields : sequence of str, optional
            What an item holds; "labels" and "image", as far as there are images, if None. See
            `cellsim.datasets.targets`.
        transform : callable, optional
            Takes and returns a dict of the tensors "labels" and "image", and is called on every sample before further
            fields are computed, so that these fit what it has made.

        Returns
        -------
        TorchDataset
            Items are dicts of tensors: "labels" (S, ...) int64 and "image" (C, ...) float32.

        Raises
        ------
        InputError
            If there is no such field.
        ModuleNotFoundError
            If PyTorch is not installed.
        """
        from cellsim.datasets.torch import Items, TorchDataset

        return TorchDataset(self.location, self.version.name, Items(fields, transform))

    def torch_patches(
        self,
        shape: Sequence[int],
        *,
        per_sample: int = 1,
        seed: int = 0,
        fields: Sequence[str] | None = None,
        transform: Transform | None = None,
    ) -> PatchDataset:
        """Return the same of random patches, padded by reflection along axes where a sample is smaller.

        Parameters
        ----------
        shape : (D,) ints
            Of a patch in pixels, ([z,] y, x).
        per_sample : int
            Patches of each sample in an epoch.
        seed : int
            Of the places, >= 0.
        fields, transform : sequence of str, callable
            As in `torch`.

        Returns
        -------
        PatchDataset
            Items as those of `torch`; its `set_epoch` draws other places.

        Raises
        ------
        InputError
            If patches of that shape cannot be cut, or there is no such field.
        ModuleNotFoundError
            If PyTorch is not installed.
        """
        from cellsim.datasets.torch import Items, PatchDataset

        items = Items(fields, transform)
        return PatchDataset(self.location, self.version.name, shape, per_sample=per_sample, seed=seed, items=items)

    def torch_stream(
        self,
        *,
        fields: Sequence[str] | None = None,
        transform: Transform | None = None,
        buffer: int = 256,
        seed: int = 0,
        ranks: tuple[int, int] | None = None,
        even: bool = False,
    ) -> StreamDataset:
        """Return an iterable dataset that reads whole runs of samples and shuffles them, for sets that are large.

        Parameters
        ----------
        fields, transform : sequence of str, callable
            As in `torch`.
        buffer : int
            Samples in memory of each worker from which the next is drawn; 1 gives the order of the set.
        seed : int
            Of the order, >= 0.
        ranks : (rank, world), optional
            Which of how many processes this is; as `torch.distributed` says if None.
        even : bool
            Whether all processes get equally many samples, and at most world - 1 are left out of an epoch.

        Returns
        -------
        StreamDataset
            Gives every sample once an epoch to one worker of one process; its `set_epoch` draws another order, and its
            `batches` gives whole batches, which is faster.

        Raises
        ------
        InputError
            If there is no such field, or the buffer, the seed or the ranks cannot be.
        ModuleNotFoundError
            If PyTorch is not installed.
        """
        from cellsim.datasets.stream import Order, StreamDataset
        from cellsim.datasets.torch import Items

        order = Order(buffer, seed, ranks, even)
        return StreamDataset(self.location, self.version.name, Items(fields, transform), order)


def as_intensity(stored: NDArray[np.unsignedinteger[Any]] | None, out: Image | None = None) -> Image | None:
    """Turn grey levels back into intensities in [0, 1].

    Parameters
    ----------
    stored : (...) uint8 or uint16 array or None
        As on disk.
    out : (...) float32 array, optional
        Where they are written.

    Returns
    -------
    (...) float32 array or None
        ``stored / top`` with `top` 255 or 65535.
    """
    if stored is None:
        return None
    return np.divide(stored, np.float32(np.iinfo(stored.dtype).max), out=out, dtype=np.float32)


def open_dataset(location: Location, version: str | None = None) -> Dataset:
    """Open a data set for reading.

    Parameters
    ----------
    location : str, Path or zarr store
        A local path, a URL that fsspec knows (``s3://bucket/set.zarr``), or a store.
    version : str, optional
        Name of the version, such as "v1"; the newest if None.

    Returns
    -------
    Dataset
        A sequence of `Sample`.

    Raises
    ------
    StoreError
        If there is no data set, or no such version.
    """
    return Dataset(location, version)
