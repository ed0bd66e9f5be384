"""A data set as Lightning sees it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from torch.utils.data import Subset

from cellsim.datasets.reader import Dataset
from cellsim.datasets.split import split_by_parent
from cellsim.datasets.torch import Items, TorchDataset

if TYPE_CHECKING:
    from lightning import LightningDataModule


def data_module(
    dataset: Dataset,
    validation: float | Sequence[str] = 0.2,
    items: Items = Items(),  # noqa: B008 - frozen
    *,
    batch_size: int = 16,
    workers: int = 0,
    seed: int = 0,
) -> LightningDataModule:
    """Make training and validation batches of one data set, split so that no field of view is in both.

    Parameters
    ----------
    dataset : Dataset
        A version of a data set.
    validation : float or sequence of str
        Share of the fields of view, or patterns of their names, as in `cellsim.datasets.split.split_by_parent`.
    items : Items
        What items hold; its transform is for training only.
    batch_size : int
        Samples of a batch.
    workers : int
        Processes that read, for each of the two loaders.
    seed : int
        Of the split.

    Returns
    -------
    LightningDataModule
        Batches are dicts of tensors; those for training come in another order each epoch.

    Raises
    ------
    InputError
        If the data set cannot be split so, or there is no such field.
    ModuleNotFoundError
        If Lightning is not installed.
    """
    from lightning import LightningDataModule

    split = split_by_parent(dataset, validation, seed=seed)
    location, version = dataset.location, dataset.version.name
    return LightningDataModule.from_datasets(
        Subset(TorchDataset(location, version, items), split.train),
        Subset(TorchDataset(location, version, Items(items.fields)), split.validation),
        batch_size=batch_size,
        num_workers=workers,
    )
