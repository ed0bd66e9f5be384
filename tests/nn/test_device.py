"""Where networks run."""

from __future__ import annotations

import pytest
import torch

from cellsim.errors import InputError
from cellsim.nn.device import VARIABLE, choose_device, device


@pytest.fixture(autouse=True)
def _nothing_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "auto")


def test_the_cpu_is_used_where_there_is_no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    assert device() == torch.device("cpu")


def test_a_gpu_is_used_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    assert device() == torch.device("cuda")
    choose_device("cpu")
    assert device() == torch.device("cpu")


def test_a_gpu_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    choose_device("cuda:0")
    assert device() == torch.device("cuda:0")
    choose_device("cuda:1")
    with pytest.raises(InputError, match="cuda:1 is not there: torch sees 1"):
        device()


@pytest.mark.parametrize("name", ["gpu", "cuda:", "CPU", ""])
def test_an_unknown_device_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="auto, cpu, cuda or cuda:<number>, got"):
        choose_device(name)


def test_a_wrong_variable_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "tpu")
    with pytest.raises(InputError, match="got 'tpu'"):
        device()
