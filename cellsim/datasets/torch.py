"""A data set as PyTorch sees it."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset as MapDataset
from torch.utils.data import default_collate, get_worker_info

from cellsim.datasets.layout import Location
from cellsim.datasets.patches import check_shape, random_corner
from cellsim.datasets.reader import Dataset, as_intensity
from cellsim.datasets.targets import STORED, check_fields, compute
from cellsim.errors import InputError

Item = dict[str, torch.Tensor]
Transform = Callable[[Item], Item]


@dataclass(frozen=True)
class Items:
    """What items hold, and what is done to them.

    Parameters
    ----------
    fields : sequence of str, optional
        "image", "labels", "index" (of the sample, int64), and what `cellsim.datasets.targets.compute` computes from
        labels: "flows", "stardist", "boundaries", "layers". If None, labels and image as far as there are images.
    transform : callable, optional
        Takes and returns a dict of the tensors "labels" and "image"; called on every sample before further fields are
        computed, so that these fit what it has made.
    """

    fields: Sequence[str] | None = None
    transform: Transform | None = None

    def checked(self, dataset: Dataset) -> Items:
        """Check the fields against the samples of a data set.

        Parameters
        ----------
        dataset : Dataset
            Whose samples become items.

        Returns
        -------
        Items
            The same with its fields named.

        Raises
        ------
        InputError
            If there is no such field.
        """
        spec = dataset.spec
        return Items(check_fields(self.fields, len(spec.shape), bool(spec.channels)), self.transform)

    def reads(self) -> list[str] | None:
        """Say which arrays must be read.

        Returns
        -------
        list of str or None
            None for all: a transform gets both.
        """
        fields = self.fields or ()
        return ["labels"] if self.transform is None and "image" not in fields else None

    def make(self, index: int, labels: NDArray[Any], image: NDArray[Any] | None) -> Item:
        """Make the item of a sample.

        Parameters
        ----------
        index : int
            Of the sample.
        labels, image : (S, ...) and (C, ...) arrays
            As they are stored; None if there is no image.

        Returns
        -------
        dict of str to Tensor
            The fields, in their order.

        Raises
        ------
        InputError
            If the transform returns no labels, or no image where it is one of the fields.
        """
        known = {"labels": torch.from_numpy(labels.astype(np.int64))}
        if image is not None:
            known["image"] = torch.from_numpy(as_intensity(image))
        if self.transform is not None:
            known = dict(self.transform(known))
            wanted = ["labels", *(["image"] if "image" in (self.fields or ()) else [])]
            if lost := [name for name in wanted if not isinstance(known.get(name), torch.Tensor)]:
                raise InputError(f"a transform must return a dict with the tensor {lost[0]!r}, got {sorted(known)}")
        fields = self.fields or tuple(known)
        if "index" in fields:
            known["index"] = torch.tensor(index)
        for name in fields:
            if name not in STORED:
                known[name] = torch.from_numpy(compute(name, known["labels"].numpy(), index))
        return {name: known[name] for name in fields}

    def batch(
        self, indices: Sequence[int], labels: Sequence[NDArray[Any]], images: Sequence[NDArray[Any] | None]
    ) -> Item:
        """Make a batch of several samples at once.

        Parameters
        ----------
        indices : sequence of N ints
            Of the samples.
        labels, images : sequences of N arrays
            As they are stored; images None if there are none.

        Returns
        -------
        dict of str to (N, ...) Tensor
            The items of `make`, stacked. A worker of a DataLoader writes it where the other process reads it.

        Raises
        ------
        InputError
            If the transform returns no labels, or no image where it is one of the fields.
        """
        if self.transform is not None:
            return dict(default_collate([self.make(*one) for one in zip(indices, labels, images, strict=True)]))
        known = {"labels": _empty((len(labels), *labels[0].shape), torch.int64), "index": torch.tensor(indices)}
        for place, plane in zip(known["labels"].numpy(), labels, strict=True):
            place[...] = plane
        if images[0] is not None:
            known["image"] = _empty((len(images), *images[0].shape), torch.float32)
            for place, image in zip(known["image"].numpy(), images, strict=True):
                as_intensity(image, out=place)
        fields = self.fields or ("labels", *(["image"] if "image" in known else []))
        for name in fields:
            if name not in STORED:
                found = [compute(name, one, i) for one, i in zip(known["labels"].numpy(), indices, strict=True)]
                known[name] = torch.from_numpy(np.stack(found))
        return {name: known[name] for name in fields}


def _empty(shape: tuple[int, ...], dtype: torch.dtype) -> torch.Tensor:
    """Make room for a batch: in a worker in shared memory, so that it need not be copied there."""
    if get_worker_info() is None:
        return torch.empty(shape, dtype=dtype)
    size = math.prod(shape) * dtype.itemsize
    storage = torch.UntypedStorage._new_shared(size)  # type: ignore[no-untyped-call] # noqa: SLF001 - as its collate does
    return torch.empty(0, dtype=dtype).set_(storage, 0, shape)  # type: ignore[call-overload, no-any-return]


class TorchDataset(MapDataset[Item]):
    """Map-style dataset: ``[i]`` is a dict of tensors.

    It is pickled by its location and opened anew in every process, so that it works with DataLoader workers under
    fork and spawn; a batch is read at once.

    Parameters
    ----------
    location : str, Path or zarr store
        Of the data set.
    version : str
        Name of the version.
    items : Items
        What they hold.

    Raises
    ------
    InputError
        If there is no such field.

    Examples
    --------
    >>> import cellsim, torch
    >>> dataset = cellsim.open_dataset("epidermis.zarr").torch()
    >>> loader = torch.utils.data.DataLoader(dataset, batch_size=2, shuffle=True)
    >>> next(iter(loader))["labels"].shape
    torch.Size([2, 1, 256, 256])
    """

    def __init__(self, location: Location, version: str, items: Items = Items()) -> None:
        self.location = location
        self.version = version
        self._opened: tuple[int, Dataset] | None = None
        self._samples = len(self._dataset())
        self.items = items.checked(self._dataset())

    def _dataset(self) -> Dataset:
        if self._opened is None or self._opened[0] != os.getpid():
            self._opened = os.getpid(), Dataset(self.location, self.version, threads=1)
        return self._opened[1]

    def __getstate__(self) -> dict[str, object]:
        return self.__dict__ | {"_opened": None}

    def __len__(self) -> int:
        return self._samples

    def __getitem__(self, index: int | Sequence[int]) -> Item:
        """Read one sample, or a batch of several.

        Parameters
        ----------
        index : int or sequence of int
            From 0 to len - 1.

        Returns
        -------
        dict of str to Tensor
            "labels": (S, [Z,] Y, X) int64; "image": (C, [Z,] Y, X) float32, if there are images; or the fields asked
            for. Of several samples they are stacked.

        Raises
        ------
        IndexError
            If there is no such sample.
        """
        if isinstance(index, Sequence):
            indices, labels, images = zip(*self._stored(index), strict=True)
            return self.items.batch(indices, labels, images)
        return self.__getitems__([index])[0]

    def __getitems__(self, indices: Sequence[int]) -> list[Item]:
        """Read a batch; the DataLoader calls this when it can.

        Parameters
        ----------
        indices : sequence of int
            From 0 to len - 1.

        Returns
        -------
        list of dict
            As `__getitem__` returns them.

        Raises
        ------
        IndexError
            If there is no such sample.
        """
        return [self.items.make(*one) for one in self._stored(indices)]

    def _stored(self, indices: Sequence[int]) -> list[tuple[int, NDArray[Any], NDArray[Any] | None]]:
        wrong = [i for i in indices if not 0 <= i < len(self)]
        if wrong:
            raise IndexError(f"sample index must be from 0 to {len(self) - 1}, got {wrong[0]}")
        raw = self._raw(list(indices))
        return list(zip(indices, raw["labels"], raw.get("image", [None] * len(indices)), strict=True))

    def _raw(self, indices: Sequence[int]) -> dict[str, list[NDArray[Any]]]:
        return self._dataset().raw(indices, self.items.reads())


class PatchDataset(TorchDataset):
    """Map-style dataset of random patches: item i lies in sample ``i // per_sample``.

    Where an item lies follows from the seed, the epoch and its index, so that a run repeats whatever its workers.
    Objects keep the ids that they have in the whole sample. Along an axis where a sample is smaller than a patch, it
    is padded by reflection.

    Parameters
    ----------
    location : str, Path or zarr store
        Of the data set.
    version : str
        Name of the version.
    shape : (D,) ints
        Of a patch in pixels, ([z,] y, x).
    per_sample : int
        Patches of each sample in an epoch, >= 1.
    seed : int
        Of the places, >= 0.
    items : Items
        What they hold.

    Raises
    ------
    InputError
        If patches of that shape cannot be cut, `per_sample` is less than 1 or `seed` less than 0, or there is no such
        field.

    Examples
    --------
    >>> import cellsim, torch
    >>> patches = cellsim.open_dataset("epidermis.zarr").torch_patches((64, 64), per_sample=4)
    >>> loader = torch.utils.data.DataLoader(patches, batch_size=8, shuffle=True)
    >>> for epoch in range(2):
    ...     patches.set_epoch(epoch)
    ...     shapes = {tuple(batch["image"].shape) for batch in loader}
    >>> shapes
    {(8, 1, 64, 64)}
    """

    def __init__(
        self,
        location: Location,
        version: str,
        shape: Sequence[int],
        *,
        per_sample: int = 1,
        seed: int = 0,
        items: Items = Items(),
    ) -> None:
        super().__init__(location, version, items)
        if per_sample < 1 or seed < 0:
            raise InputError(f"per_sample must be >= 1 and seed >= 0, got {per_sample} and {seed}")
        self._canvas = self._dataset().spec.shape
        self.shape = check_shape(shape, self._canvas)
        self.per_sample = per_sample
        self.seed = seed
        self._epoch = torch.zeros((), dtype=torch.int64).share_memory_()  # type: ignore[no-untyped-call] # workers that live on see it change

    def set_epoch(self, epoch: int) -> None:
        """Draw other places from now on; to be called before each epoch, or the same patches come again.

        Parameters
        ----------
        epoch : int
            Number of the epoch; the same number gives the same patches.
        """
        self._epoch.fill_(epoch)

    def __len__(self) -> int:
        return self._samples * self.per_sample

    def _raw(self, indices: Sequence[int]) -> dict[str, list[NDArray[Any]]]:
        epoch = int(self._epoch)
        corners = [random_corner(self.shape, self._canvas, (self.seed, epoch, i)) for i in indices]
        return self._dataset().raw_patches([i // self.per_sample for i in indices], corners, self.shape)
