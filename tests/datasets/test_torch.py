"""The data set as PyTorch sees it, under both ways to start workers."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import torch

import cellsim
from cellsim.datasets.torch import TorchDataset
from tests.recipes import small_recipe


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> TorchDataset:
    path = tmp_path_factory.mktemp("sets") / "a.zarr"
    cellsim.make(small_recipe(), 20, path)
    return cellsim.open_dataset(path).torch()


def test_items_are_tensors_of_the_documented_types(dataset: TorchDataset) -> None:
    item = dataset[3]
    assert item["labels"].shape == (1, 32, 40)
    assert item["labels"].dtype == torch.int64
    assert item["image"].dtype == torch.float32
    sample = cellsim.open_dataset(dataset.location)[3]
    np.testing.assert_array_equal(item["labels"].numpy(), sample.labels)
    assert sample.image is not None
    np.testing.assert_array_equal(item["image"].numpy(), sample.image)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_workers_read_the_same_batches(dataset: TorchDataset, start: str) -> None:
    plain = torch.utils.data.DataLoader(dataset, batch_size=8)
    workers = torch.utils.data.DataLoader(dataset, batch_size=8, num_workers=2, multiprocessing_context=start)
    for one, other in zip(plain, workers, strict=True):
        assert torch.equal(one["labels"], other["labels"])
        assert torch.equal(one["image"], other["image"])


def test_it_pickles_by_location(dataset: TorchDataset) -> None:
    copy = pickle.loads(pickle.dumps(dataset))
    assert len(copy) == 20
    assert torch.equal(copy[7]["labels"], dataset[7]["labels"])


def test_an_index_outside_ends_iteration(dataset: TorchDataset) -> None:
    with pytest.raises(IndexError, match="from 0 to 19, got 20"):
        _ = dataset[20]
