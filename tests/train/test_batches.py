"""Batches: every example once a pass, and the same ones wherever a training begins again."""

from __future__ import annotations

from itertools import islice

import pytest
import torch

from cellsim.train.batches import Order, Share, batches
from cellsim.train.examples.base import ExampleSet, Item


class Numbers(ExampleSet):
    """Items that say which they are."""

    def __len__(self) -> int:
        return 10

    def __getitem__(self, index: int) -> Item:
        return {"index": torch.tensor(index)}


def indices(seen: int, steps: int, share: Share, workers: int = 0) -> list[list[int]]:
    return [batch["index"].tolist() for batch in islice(batches(Numbers(), 5, seen, share, workers), steps)]


def test_every_pass_has_every_example_once_in_another_order() -> None:
    found = Order(10, 5).indices(0, 30)
    passes = [found[i : i + 10] for i in (0, 10, 20)]
    assert [sorted(one) for one in passes] == [list(range(10 * k, 10 * k + 10)) for k in range(3)]
    assert len({tuple(i % 10 for i in one) for one in passes}) == 3


@pytest.mark.parametrize("seen", [0, 4, 12, 40])
def test_the_order_is_a_function_of_the_samples_seen(seen: int) -> None:
    assert indices(seen, 5, Share(4)) == indices(0, 5 + seen // 4, Share(4))[seen // 4 :]


def test_another_seed_is_another_order() -> None:
    assert Order(10, 5).indices(0, 10) != Order(10, 6).indices(0, 10)


def test_processes_share_a_batch_without_overlap() -> None:
    whole = indices(8, 6, Share(4))
    parts = [indices(8, 6, Share(4, rank, 2)) for rank in range(2)]
    assert [one + other for one, other in zip(*parts, strict=True)] == whole


def test_batches_leave_the_generator_of_the_networks_alone() -> None:
    before = torch.get_rng_state()
    indices(0, 3, Share(4))
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.slow
def test_workers_make_the_same_batches() -> None:
    assert indices(4, 6, Share(4), workers=2) == indices(4, 6, Share(4))
