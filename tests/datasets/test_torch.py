"""The data set as PyTorch sees it, under both ways to start workers."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import torch

import cellsim
from cellsim.datasets.torch import Items, TorchDataset
from cellsim.errors import InputError
from cellsim.masks.boundaries import boundaries
from cellsim.masks.flows import encode_flows
from cellsim.masks.star_distances import star_distances
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


def test_several_indices_give_a_batch(dataset: TorchDataset) -> None:
    batch = dataset[[2, 0]]
    for name, stacked in batch.items():
        assert torch.equal(stacked, torch.stack([dataset[2][name], dataset[0][name]])), name
    with pytest.raises(IndexError, match="got 99"):
        dataset[[0, 99]]


def test_it_pickles_by_location(dataset: TorchDataset) -> None:
    copy = pickle.loads(pickle.dumps(dataset))
    assert len(copy) == 20
    assert torch.equal(copy[7]["labels"], dataset[7]["labels"])


def test_an_index_outside_ends_iteration(dataset: TorchDataset) -> None:
    with pytest.raises(IndexError, match="from 0 to 19, got 20"):
        _ = dataset[20]


def test_fields_are_computed_from_the_labels(dataset: TorchDataset) -> None:
    opened = cellsim.open_dataset(dataset.location)
    labels = opened[5].labels
    item = opened.torch(fields=["index", "flows", "stardist", "boundaries", "layers"])[5]
    assert list(item) == ["index", "flows", "stardist", "boundaries", "layers"]
    assert int(item["index"]) == 5
    np.testing.assert_array_equal(item["flows"].numpy(), encode_flows(labels)[0])
    np.testing.assert_array_equal(item["stardist"].numpy(), star_distances(labels))
    np.testing.assert_array_equal(item["boundaries"].numpy()[0], boundaries(labels[0]))
    assert item["layers"].shape == (1, 4, 32, 40)
    np.testing.assert_array_equal(item["layers"].numpy().sum(axis=1), labels > 0)


def test_fields_fit_what_the_transform_made(dataset: TorchDataset) -> None:
    def mirror(item: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        return {name: tensor.flip(-1) for name, tensor in item.items()}

    opened = cellsim.open_dataset(dataset.location)
    item = opened.torch(fields=["labels", "flows"], transform=mirror)[2]
    mirrored = opened[2].labels[..., ::-1]
    np.testing.assert_array_equal(item["labels"].numpy(), mirrored)
    np.testing.assert_array_equal(item["flows"].numpy(), encode_flows(mirrored)[0])
    assert list(item) == ["labels", "flows"]


def test_patches_have_fields_too(dataset: TorchDataset) -> None:
    patches = cellsim.open_dataset(dataset.location).torch_patches((16, 16), fields=["labels", "boundaries"])
    item = patches[3]
    assert item["boundaries"].shape == (1, 16, 16)
    np.testing.assert_array_equal(item["boundaries"].numpy()[0], boundaries(item["labels"].numpy()[0]))


def test_labels_alone_are_read_where_no_image_is_wanted(dataset: TorchDataset) -> None:
    opened = cellsim.open_dataset(dataset.location)
    assert Items(["labels"]).checked(opened).reads() == ["labels"]
    assert Items(["labels"], transform=dict).checked(opened).reads() is None
    assert Items(["image"]).checked(opened).reads() is None


@pytest.mark.parametrize("fields", [["flow"], [], "labels"])
def test_a_field_that_there_is_not_is_refused(dataset: TorchDataset, fields: list[str]) -> None:
    with pytest.raises(InputError, match="must be some of image, labels, index, flows, stardist, boundaries, layers"):
        cellsim.open_dataset(dataset.location).torch(fields=fields)


def test_a_transform_that_loses_the_labels_is_refused(dataset: TorchDataset) -> None:
    broken = cellsim.open_dataset(dataset.location).torch(transform=lambda item: {"image": item["image"]})
    with pytest.raises(InputError, match=r"tensor 'labels', got \['image'\]"):
        _ = broken[0]
