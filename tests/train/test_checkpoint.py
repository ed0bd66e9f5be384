"""Checkpoints: whole or not at all, of one plan and one data set."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning_fabric import Fabric

from cellsim.errors import StoreError
from cellsim.train.checkpoint import Clock, Identity, load_checkpoint, save_checkpoint
from cellsim.train.objectives.base import Training
from tests.train.toys import Toy

OF = Identity("toy", "d" * 64, {"batch": 4, "objective": {"rate": 0.01}}, "real.zarr v1", "e" * 64)
CLOCK = Clock(12, 1.5, {"loss": [2.0, 3]}, [[8, 0.5]])
RNG = {"cpu": torch.get_rng_state()[None]}


def training(seed: int) -> Training:
    """The toy after two steps."""
    torch.manual_seed(seed)
    found = Toy().begin({"image": torch.zeros(1, 8, 8)}, Fabric(accelerator="cpu"))
    for _ in range(2):
        found.step({"image": torch.rand(4, 1, 8, 8)}, 0)
    return found


def state(of: Training) -> list[torch.Tensor]:
    moments = [x for o in of.optimisers.values() for s in o.state_dict()["state"].values() for x in s.values()]
    return [*(x for m in of.modules.values() for x in m.state_dict().values()), *moments]


def test_a_checkpoint_holds_everything(tmp_path: Path) -> None:
    one, other = training(0), training(1)
    assert not torch.equal(state(one)[0], state(other)[0])
    save_checkpoint(tmp_path / "c.pt", OF, CLOCK, one, RNG)
    found = load_checkpoint(tmp_path / "c.pt", OF, other)
    assert found is not None
    assert found[0] == CLOCK
    assert torch.equal(found[1]["cpu"], RNG["cpu"])
    assert len(state(one)) == 6 + 3 * 4
    for a, b in zip(state(one), state(other), strict=True):
        assert torch.equal(a, b)


def test_there_may_be_none(tmp_path: Path) -> None:
    assert load_checkpoint(tmp_path / "c.pt", OF, training(0)) is None


@pytest.mark.parametrize(
    ("now", "message"),
    [
        (
            replace(OF, name="other", digest="f" * 64, plan={"batch": 8, "objective": {"rate": 0.01}}),
            r"c.pt is of the plan 'toy', not of this 'other' \(batch: 4 there, 8 here\): take another folder, or remov",
        ),
        (
            replace(OF, data="new.zarr v2", data_digest="f" * 64),
            r"c.pt was trained on real.zarr v1, not on new.zarr v2",
        ),
    ],
)
def test_that_of_another_plan_or_data_set_is_refused(tmp_path: Path, now: Identity, message: str) -> None:
    save_checkpoint(tmp_path / "c.pt", OF, CLOCK, training(0), RNG)
    with pytest.raises(StoreError, match=message):
        load_checkpoint(tmp_path / "c.pt", now, training(0))


def test_a_damaged_one_is_told(tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "c.pt", OF, CLOCK, training(0), RNG)
    whole = (tmp_path / "c.pt").read_bytes()
    (tmp_path / "c.pt").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(StoreError, match=r"c.pt cannot be read as a checkpoint: .*; remove it to begin anew"):
        load_checkpoint(tmp_path / "c.pt", OF, training(0))


def test_a_failed_write_keeps_the_earlier_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_checkpoint(tmp_path / "c.pt", OF, CLOCK, training(0), RNG)

    def full(_: object, file: Any) -> None:
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(StoreError, match="cannot be written: No space left on device; the earlier file is kept"):
        save_checkpoint(tmp_path / "c.pt", OF, Clock(99), training(0), RNG)
    found = load_checkpoint(tmp_path / "c.pt", OF, training(0))
    assert found is not None
    assert found[0].seen == 12
    assert [path.name for path in tmp_path.iterdir()] == ["c.pt"]
