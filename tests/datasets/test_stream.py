"""The stream of a data set: every sample once, whoever reads, in an order that follows from seed and epoch."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import DataLoader

import cellsim
from cellsim.datasets.reader import Dataset
from cellsim.datasets.stream import Order
from cellsim.errors import InputError
from tests.recipes import small_recipe

N = 150


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    path = tmp_path_factory.mktemp("sets") / "a.zarr"
    cellsim.make(small_recipe(), N, path, workers=1)
    return cellsim.open_dataset(path)


def indices(loader: DataLoader) -> list[int]:
    return [int(i) for batch in loader for i in batch["index"]]


@pytest.mark.parametrize("start", [None, "fork"])
def test_every_sample_comes_once_an_epoch(dataset: Dataset, start: str | None) -> None:
    stream = dataset.torch_stream(fields=["index"], buffer=20, ranks=None)
    how = {"num_workers": 2, "multiprocessing_context": start} if start else {}
    found = indices(DataLoader(stream, batch_size=16, **how))
    assert sorted(found) == list(range(N))
    assert found != sorted(found)


def test_items_are_those_of_the_map(dataset: Dataset) -> None:
    plain = dataset.torch()
    for item in dataset.torch_stream(fields=["index", "labels", "image"], buffer=30):
        assert torch.equal(item["labels"], plain[int(item["index"])]["labels"])
        assert torch.equal(item["image"], plain[int(item["index"])]["image"])


@pytest.mark.parametrize("workers", [0, 2])
def test_batches_are_the_items_stacked(dataset: Dataset, workers: int) -> None:
    names = ["index", "labels", "image", "boundaries"]
    stream = dataset.torch_stream(fields=names, buffer=20)
    found = list(DataLoader(stream.batches(16), batch_size=None, num_workers=workers))
    wanted = list(DataLoader(stream, batch_size=16, num_workers=workers))
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        assert list(one) == names
        assert all(torch.equal(one[name], other[name]) and one[name].dtype == other[name].dtype for name in names)


def test_an_epoch_is_set_for_batches_too(dataset: Dataset) -> None:
    stream = dataset.torch_stream(fields=["index"], buffer=40)
    batches = stream.batches(8)
    stream.set_epoch(3)
    assert indices(batches) == [int(item["index"]) for item in stream]
    with pytest.raises(InputError, match="batches must be of >= 1 samples, got 0"):
        stream.batches(0)


def test_a_batch_is_transformed_one_by_one(dataset: Dataset) -> None:
    stream = dataset.torch_stream(fields=["labels"], transform=lambda item: {"labels": item["labels"][:, :8]})
    batch = next(iter(stream.batches(3)))
    assert batch["labels"].shape[:3] == (3, 1, 8)
    assert list(batch) == ["labels"]


def test_another_epoch_has_another_order_and_the_same_epoch_the_same(dataset: Dataset) -> None:
    stream = dataset.torch_stream(fields=["index"], buffer=40, seed=5)
    loader = DataLoader(stream, batch_size=8, num_workers=1, persistent_workers=True)
    orders = []
    for epoch in (0, 1, 0):
        stream.set_epoch(epoch)
        orders.append(indices(loader))
    assert orders[0] == orders[2]
    assert orders[0] != orders[1]


def test_a_buffer_of_one_gives_the_order_of_the_set(dataset: Dataset) -> None:
    assert [int(item["index"]) for item in dataset.torch_stream(fields=["index"], buffer=1)] == list(range(N))


def test_a_buffer_mixes_samples_of_several_runs(dataset: Dataset) -> None:
    found = [int(item["index"]) // 64 for item in dataset.torch_stream(fields=["index"], buffer=100)]
    assert len(set(found[:50])) > 1


def test_processes_share_the_set(dataset: Dataset) -> None:
    shares = [[int(i["index"]) for i in dataset.torch_stream(fields=["index"], ranks=(r, 4))] for r in range(4)]
    assert sorted(i for share in shares for i in share) == list(range(N))
    assert {len(share) for share in shares} == {37, 38}
    even = [
        [int(i["index"]) for i in dataset.torch_stream(fields=["index"], ranks=(r, 4), even=True)] for r in range(4)
    ]
    assert {len(share) for share in even} == {37}
    assert len({i for share in even for i in share}) == 148


@given(
    samples=st.integers(1, 400),
    world=st.integers(1, 5),
    workers=st.integers(1, 4),
    buffer=st.sampled_from([1, 50]),
    epoch=st.integers(0, 3),
)
def test_shares_are_all_samples_once(samples: int, world: int, workers: int, buffer: int, epoch: int) -> None:
    seen = [
        i
        for rank in range(world)
        for worker in range(workers)
        for run in Order(buffer, 0, (rank, world)).share(samples, worker, workers, epoch)
        for i in range(*run)
    ]
    assert sorted(seen) == list(range(samples))


def rank_of(rank: int, folder: str, location: str) -> None:
    """Run by a process of its own, which knows its rank from torch.distributed only."""
    torch.distributed.init_process_group("gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=2)
    stream = cellsim.open_dataset(location).torch_stream(fields=["index"])
    found = indices(DataLoader(stream, batch_size=16, num_workers=1, multiprocessing_context="spawn"))
    (Path(folder) / f"{rank}.txt").write_text(" ".join(map(str, found)))
    torch.distributed.destroy_process_group()


@pytest.mark.slow
def test_ranks_are_those_of_torch_distributed(dataset: Dataset, tmp_path: Path) -> None:
    torch.multiprocessing.spawn(rank_of, (str(tmp_path), str(dataset.location)), nprocs=2)
    shares = [list(map(int, (tmp_path / f"{rank}.txt").read_text().split())) for rank in range(2)]
    assert [len(share) for share in shares] == [75, 75]
    assert sorted(shares[0] + shares[1]) == list(range(N))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"buffer": 0}, "buffer must be >= 1"),
        ({"seed": -1}, "seed >= 0"),
        ({"ranks": (2, 2)}, r"0 <= rank < world, got \(2, 2\)"),
        ({"fields": ["x"]}, "fields of 2D samples"),
    ],
)
def test_what_cannot_be_is_refused(dataset: Dataset, wrong: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        dataset.torch_stream(**wrong)
