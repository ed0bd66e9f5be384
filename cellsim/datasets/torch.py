"""A data set as PyTorch sees it."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np
import torch
from torch.utils.data import Dataset as MapDataset

from cellsim.datasets.layout import Location
from cellsim.datasets.reader import Dataset, as_intensity

Item = dict[str, torch.Tensor]


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

    Examples
    --------
    >>> import cellsim, torch
    >>> dataset = cellsim.open_dataset("epidermis.zarr").torch()
    >>> loader = torch.utils.data.DataLoader(dataset, batch_size=2, shuffle=True)
    >>> next(iter(loader))["labels"].shape
    torch.Size([2, 1, 256, 256])
    """

    def __init__(self, location: Location, version: str) -> None:
        self.location = location
        self.version = version
        self._opened: tuple[int, Dataset] | None = None
        self._samples = len(self._dataset())

    def _dataset(self) -> Dataset:
        if self._opened is None or self._opened[0] != os.getpid():
            self._opened = os.getpid(), Dataset(self.location, self.version)
        return self._opened[1]

    def __getstate__(self) -> dict[str, object]:
        return self.__dict__ | {"_opened": None}

    def __len__(self) -> int:
        return self._samples

    def __getitem__(self, index: int) -> Item:
        """Read one sample.

        Parameters
        ----------
        index : int
            From 0 to len - 1.

        Returns
        -------
        dict of str to Tensor
            "labels": (S, [Z,] Y, X) int64; "image": (C, [Z,] Y, X) float32, if there are images.

        Raises
        ------
        IndexError
            If there is no such sample.
        """
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
        wrong = [i for i in indices if not 0 <= i < len(self)]
        if wrong:
            raise IndexError(f"sample index must be from 0 to {len(self) - 1}, got {wrong[0]}")
        raw = self._dataset().raw(list(indices))
        items = [{"labels": torch.from_numpy(labels.astype(np.int64))} for labels in raw["labels"]]
        for item, image in zip(items, raw.get("image", []), strict=False):
            item["image"] = torch.from_numpy(as_intensity(image))
        return items
