"""Where a training runs."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from cellsim.errors import InputError
from cellsim.train.hardware import PRECISIONS, Hardware
from cellsim.train.plan import TrainPlan
from tests.train.toys import PLAN


@pytest.mark.parametrize("precision", PRECISIONS)
def test_a_plan_may_name_every_precision(precision: str) -> None:
    assert TrainPlan.parse({**PLAN, "precision": precision}).precision == precision


@pytest.mark.parametrize(("precision", "dtype"), [("32", torch.float32), ("bf16", torch.bfloat16)])
def test_networks_compute_in_it(precision: str, dtype: torch.dtype) -> None:
    fabric = Hardware("cpu").fabric(precision)
    seen: list[torch.dtype] = []

    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(2, 2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            found: torch.Tensor = self.layer(x)
            seen.append(found.dtype)
            return found

    net = fabric.setup(Net())
    assert net(torch.zeros(1, 2)).dtype == torch.float32
    assert seen == [dtype]


def test_threads_are_those_asked_for() -> None:
    before = torch.get_num_threads()
    try:
        Hardware("cpu", threads=2).fabric("32")
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_auto_takes_a_gpu_if_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for there, device in ((True, "cuda"), (False, "cpu")):
        monkeypatch.setattr(torch.cuda, "is_available", lambda there=there: there)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
        assert Hardware().accelerator == device


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"device": "gpu"}, "device must be one of auto, cpu, cuda, got 'gpu'"),
        ({"device": "cpu", "devices": 0}, "devices and threads must be >= 1 and workers >= 0, got 0, None and 0"),
        ({"device": "cpu", "threads": 0}, "got 1, 0 and 0"),
        ({"device": "cuda", "devices": 99}, r"99 GPUs were asked for, PyTorch sees \d"),
    ],
)
def test_what_is_not_there_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Hardware(**fields)
