"""A data set as Lightning sees it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lightning import LightningDataModule
from torch.utils.data import DataLoader, Subset

from cellsim.datasets.reader import Dataset
from cellsim.datasets.split import split_by_parent
from cellsim.datasets.torch import Item, Items, TorchDataset


class DataModule(LightningDataModule):
    """Training and validation batches of one data set, split so that no field of view is in both.

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

    Raises
    ------
    InputError
        If the data set cannot be split so, or there is no such field.

    Examples
    --------
    >>> import cellsim
    >>> from cellsim.datasets.lightning import DataModule
    >>> data = DataModule(cellsim.open_dataset("epidermis.zarr"), validation=0.5, batch_size=2)
    >>> next(iter(data.val_dataloader()))["labels"].shape
    torch.Size([1, 1, 256, 256])
    """

    def __init__(
        self,
        dataset: Dataset,
        validation: float | Sequence[str] = 0.2,
        items: Items = Items(),  # noqa: B008 - frozen
        *,
        batch_size: int = 16,
        workers: int = 0,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.split = split_by_parent(dataset, validation, seed=seed)
        self._loading: dict[str, Any] = {
            "batch_size": batch_size,
            "num_workers": workers,
            "persistent_workers": workers > 0,
        }
        location, version = dataset.location, dataset.version.name
        self.train = Subset(TorchDataset(location, version, items), self.split.train)
        self.validation = Subset(TorchDataset(location, version, Items(items.fields)), self.split.validation)

    def train_dataloader(self) -> DataLoader[Item]:
        """Return the training batches, in another order each epoch.

        Returns
        -------
        DataLoader
            Batches are dicts of tensors.
        """
        return DataLoader(self.train, shuffle=True, **self._loading)

    def val_dataloader(self) -> DataLoader[Item]:
        """Return the validation batches, in the order of the set.

        Returns
        -------
        DataLoader
            Batches are dicts of tensors.
        """
        return DataLoader(self.validation, **self._loading)
