"""The loop: resumes to the bit, keeps the best, logs what happened, whatever kills it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
import yaml

from cellsim.errors import InputError, RecipeError, StoreError
from cellsim.nn.weights import load_weights
from cellsim.steps import kinds
from cellsim.train import Fitted, Hardware, TrainPlan, fit
from cellsim.train import loop as looping
from cellsim.train.log import read_stats
from cellsim.train.objectives.base import Batch, Objective
from tests.train import toys
from tests.train.toys import PLAN, ToyTraining

CPU = Hardware("cpu")
REPO = Path(__file__).parents[2]
STATE = ("modules", "optimisers", "generators")
TIMES = ("seconds", "samples_per_second")


def train(data: Path, output: Path, minutes: float | None = None, **changes: Any) -> Fitted:
    return fit(TrainPlan.parse({**PLAN, **changes}), data, output, hardware=CPU, minutes=minutes)


def checkpoint(output: Path, name: str = "toy") -> dict[str, Any]:
    found: dict[str, Any] = torch.load(output / name / "checkpoint.pt", weights_only=True)
    return found


def flat(value: Any, path: str = "") -> dict[str, Any]:
    """All leaves of nested dicts and lists, tensors as bytes."""
    if isinstance(value, dict | list | tuple):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        return {k: v for key, item in items for k, v in flat(item, f"{path}.{key}").items()}
    return {path: value.numpy().tobytes() if isinstance(value, torch.Tensor) else value}


def state(output: Path) -> dict[str, Any]:
    """All of a checkpoint but the time it took, and what may differ between plans of one training."""
    found = flat(checkpoint(output))
    return {key: item for key, item in found.items() if not key.startswith((".clock.seconds", ".of.plan"))}


def logged(output: Path) -> list[dict[str, float]]:
    lines = read_stats(output / "toy")
    return [{key: item for key, item in line.items() if key not in TIMES} for line in lines]


def assert_same_training(one: Path, other: Path) -> None:
    a, b = state(one), state(other)
    assert a.keys() == b.keys()
    assert [key for key in a if a[key] != b[key]] == []
    assert logged(one) == logged(other)
    assert (one / "toy.safetensors").read_bytes() == (other / "toy.safetensors").read_bytes()
    for path in sorted((one / "toy").rglob("*.png")):
        assert path.read_bytes() == (other / path.relative_to(one)).read_bytes()


def test_what_is_written(nuclei: Path, tmp_path: Path) -> None:
    done = train(nuclei, tmp_path)
    assert (done.seen, done.finished, done.first) == (80, True, True)
    assert done.weights == tmp_path / "toy.safetensors"
    names = {path.relative_to(done.folder).as_posix() for path in done.folder.rglob("*") if path.is_file()}
    pictures = {f"samples/{seen:010d}.png" for seen in (20, 40, 60, 80)}
    assert names - {n for n in names if "tfevents" in n} == {
        *pictures,
        *("checkpoint.pt", "stats.jsonl", "reals.png", "plan.yaml", "card.md"),
    }
    assert TrainPlan.parse(yaml.safe_load((done.folder / "plan.yaml").read_text())) == TrainPlan.parse(PLAN)
    lines = read_stats(done.folder)
    assert [line["seen"] for line in lines] == [20, 40, 60, 80]
    assert ["score" in line for line in lines] == [False, True, False, True]
    assert all(line["samples_per_second"] > 0 for line in lines)
    assert [line["clock"] for line in lines] == [8, 28, 48, 68]  # means over the five steps of a tick


def test_it_learns(nuclei: Path, tmp_path: Path) -> None:
    train(nuclei, tmp_path, samples=1200, tick=100, snapshot=1200)
    losses = [line["loss"] for line in read_stats(tmp_path / "toy")]
    assert losses[-1] < 0.6 * losses[0]


def test_ten_steps_and_ten_more_are_twenty_to_the_bit(nuclei: Path, tmp_path: Path) -> None:
    train(nuclei, tmp_path / "whole")
    for samples in (40, 80):
        train(nuclei, tmp_path / "parts", samples=samples)
    assert_same_training(tmp_path / "whole", tmp_path / "parts")


SMALLEST: dict[str, dict[str, Any]] = {
    "toy": {},
    "stylegan2": {
        "architecture": {"resolution": 16, "latent": 8, "mapping_layers": 1, "channel_base": 64, "channel_max": 8},
        "vectors": [[1, 2]],
        "path_interval": 2,
        "gamma_interval": 3,
        "speed": 100,
    },
    "pix2pix": {
        "generator": {"kind": "unet-chain", "levels": 1, "filters": 2},
        "discriminator": {"kind": "patchgan", "layers": 1, "filters": 2},
        "half_life": 10,
    },
    "segmenter": {"network": {"kind": "segmentation-unet", "levels": 1, "filters": 2}},
    "mask-gan": {"latent": 4, "filters": 2, "half_life": 10},
}
LEARNS_FROM = {
    "stylegan2": {"encoding": "flows"},
    "pix2pix": {"kind": "pairs", "encoding": "layers"},
    "segmenter": {"kind": "segmentation-crops", "encoding": None},
    "mask-gan": {
        "kind": "objects",
        "edge": 16,
        "fitting": 0,
        "places": "random",
        **dict.fromkeys(["shape", "encoding", "objects"]),
    },
}


@pytest.mark.parametrize("kind", kinds(Objective.room))
def test_every_objective_resumes_to_the_bit(stained: Path, tmp_path: Path, kind: str) -> None:
    examples = {**PLAN["examples"], **LEARNS_FROM.get(kind, {})}
    examples = {name: value for name, value in examples.items() if value is not None}
    plan = {
        "objective": {"kind": kind, **SMALLEST[kind]},
        "examples": examples,
        "samples": 28,
        "tick": 16,
        "score": None,
    }
    train(stained, tmp_path / "whole", **plan)
    train(stained, tmp_path / "parts", **{**plan, "samples": 12})
    train(stained, tmp_path / "parts", **plan)
    one, other = (flat({k: checkpoint(tmp_path / n)[k] for k in STATE}) for n in ("whole", "parts"))
    assert [key for key in one if one[key] != other[key]] == []
    assert len(one) > 10


def test_the_clock_and_the_generators_matter_for_that(nuclei: Path, tmp_path: Path) -> None:
    train(nuclei, tmp_path / "whole")
    train(nuclei, tmp_path / "parts", samples=40)
    path = tmp_path / "parts/toy/checkpoint.pt"
    found = torch.load(path, weights_only=True)
    found["generators"]["cpu"] = torch.Generator().manual_seed(5).get_state()[None]
    torch.save(found, path)
    train(nuclei, tmp_path / "parts")
    assert state(tmp_path / "whole") != state(tmp_path / "parts")


def test_stopping_between_ticks_changes_nothing(nuclei: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    train(nuclei, tmp_path / "whole")
    taken = ToyTraining.step
    steps: list[int] = []

    def step(self: ToyTraining, batch: Batch, seen: int) -> dict[str, float]:
        steps.append(seen)
        if len(steps) in (7, 14):  # after 28 and 56 samples, neither of them at a tick
            signal.raise_signal(signal.SIGTERM)
        return taken(self, batch, seen)

    monkeypatch.setattr(ToyTraining, "step", step)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            train(nuclei, tmp_path / "parts")
        assert (tmp_path / "parts/toy.md").exists()
    assert checkpoint(tmp_path / "parts")["clock"]["seen"] == 56
    train(nuclei, tmp_path / "parts")
    assert_same_training(tmp_path / "whole", tmp_path / "parts")


SCRIPT = """
import os, signal, time
from tests.train import toys

taken, count = toys.ToyTraining.step, []

def step(self, batch, seen):
    count.append(seen)
    if len(count) == {kill}:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep({pause})
    return taken(self, batch, seen)

toys.ToyTraining.step = step
toys.register()
from cellsim.cli import main
main()
"""


def start(data: Path, output: Path, plan: Path, kill: int = 0, pause: float = 0.0) -> subprocess.Popen[str]:
    """Run `cellsim train` in a process of its own, which kills itself at a step."""
    script = SCRIPT.format(kill=kill, pause=pause)
    command = [sys.executable, "-c", script, "train", "--plan", str(plan), "--data", str(data), "-o", str(output)]
    environment = {**os.environ, "PYTHONPATH": str(REPO)}
    return subprocess.Popen([*command, "--device", "cpu"], env=environment, text=True, stdout=-1, stderr=-1)


def wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    for _ in range(2400):
        if path.exists() or process.poll() is not None:
            break
        time.sleep(0.05)
    assert path.exists(), process.communicate()


def plan_file(folder: Path, **changes: Any) -> Path:
    path = folder / "toy.yaml"
    path.write_text(json.dumps({**PLAN, **changes}))
    return path


def test_kill_in_the_middle_loses_nothing_but_time(nuclei: Path, tmp_path: Path) -> None:
    train(nuclei, tmp_path / "whole")
    process = start(nuclei, tmp_path / "parts", plan_file(tmp_path), kill=13)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert checkpoint(tmp_path / "parts")["clock"]["seen"] == 40
    train(nuclei, tmp_path / "parts")
    assert_same_training(tmp_path / "whole", tmp_path / "parts")


@pytest.mark.slow
@pytest.mark.parametrize("moment", range(6))
def test_kill_at_any_moment_loses_nothing_but_time(nuclei: Path, tmp_path: Path, moment: int) -> None:
    train(nuclei, tmp_path / "whole")
    for pause in (0.02, 0.013):
        process = start(nuclei, tmp_path / "parts", plan_file(tmp_path), pause=0.02)
        wait_for(tmp_path / "parts/toy/checkpoint.pt", process)
        time.sleep(pause * moment)
        process.kill()
        process.communicate()
    train(nuclei, tmp_path / "parts")
    assert_same_training(tmp_path / "whole", tmp_path / "parts")


def test_a_time_budget_ends_it_with_a_checkpoint_and_weights(nuclei: Path, tmp_path: Path) -> None:
    done = train(nuclei, tmp_path, minutes=0)
    assert (done.seen, done.finished, done.best) == (4, False, None)
    assert done.weights.exists()
    assert checkpoint(tmp_path)["clock"]["seen"] == 4
    assert "the last state" in done.card.read_text()
    assert train(nuclei, tmp_path).seen == 80


def test_a_finished_training_is_left_as_it_is(nuclei: Path, tmp_path: Path) -> None:
    train(nuclei, tmp_path)
    before = (tmp_path / "toy/checkpoint.pt").read_bytes()
    assert train(nuclei, tmp_path).finished
    assert (tmp_path / "toy/checkpoint.pt").read_bytes() == before


def test_the_best_snapshot_is_kept(nuclei: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scores = iter([3.0, 1.0, float("inf"), 2.0])
    kept: list[int] = []
    monkeypatch.setattr(toys, "brightness", lambda _examples, _reference: lambda _made: next(scores))
    save = looping.Run._save_weights
    monkeypatch.setattr(looping.Run, "_save_weights", lambda run: (kept.append(run.clock.seen), save(run))[1])
    done = train(nuclei, tmp_path, snapshot=20)
    assert kept == [20, 40]
    assert done.best == (40, 1.0)
    _, settings = load_weights(done.weights)
    assert settings["trained"]["seen"] == 40


def test_of_infinite_scores_the_last_snapshot_is_kept(
    nuclei: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(toys, "brightness", lambda _examples, _reference: lambda _made: float("inf"))
    done = train(nuclei, tmp_path, snapshot=20)
    assert done.best == (80, float("inf"))
    assert load_weights(done.weights)[1]["trained"]["seen"] == 80


def test_a_score_of_one_validation_example_is_refused(nuclei: Path, tmp_path: Path) -> None:
    examples = PLAN["examples"] | {"shape": [64, 64], "rotations": False, "flips": False}
    with pytest.raises(InputError, match=r"score 'brightness' needs 2 validation examples or more, got 1"):
        train(nuclei, tmp_path, examples=examples, validation=0.25)


def test_without_a_score_the_last_snapshot_is_kept(nuclei: Path, tmp_path: Path) -> None:
    done = train(nuclei, tmp_path, score=None, snapshot=20)
    assert load_weights(done.weights)[1]["trained"]["seen"] == 80
    assert "score" not in read_stats(done.folder)[-1]


def test_what_is_logged_does_not_change_what_is_learnt(nuclei: Path, tmp_path: Path) -> None:
    train(nuclei, tmp_path / "often", tick=4, snapshot=8)
    train(nuclei, tmp_path / "seldom", tick=80, snapshot=80)
    one, other = (flat(checkpoint(tmp_path / name)["modules"]) for name in ("often", "seldom"))
    assert one == other


def test_transfer_begins_from_weights(nuclei: Path, tmp_path: Path) -> None:
    first = train(nuclei, tmp_path)
    began = train(nuclei, tmp_path, name="second", init=str(first.weights), seed=9, samples=4, tick=4)
    fresh = train(nuclei, tmp_path, name="third", seed=9, samples=4, tick=4)
    known, _ = load_weights(first.weights)
    distance = {
        done.folder.name: (
            checkpoint(tmp_path, done.folder.name)["modules"]["average"]["weight"] - known["average.weight"]
        )
        .abs()
        .max()
        for done in (began, fresh)
    }
    assert distance["second"] < 0.02
    assert distance["third"] > 0.2


def test_weights_of_something_else_are_no_beginning(nuclei: Path, tmp_path: Path) -> None:
    from cellsim.nn.weights import save_weights

    save_weights(tmp_path / "w.safetensors", {"other": torch.zeros(1)}, {})
    with pytest.raises(RecipeError, match=r"init: nothing in .*w.safetensors is of this objective"):
        train(nuclei, tmp_path, init=str(tmp_path / "w.safetensors"))
    save_weights(tmp_path / "w.safetensors", {"average.bias": torch.zeros(1)}, {})
    with pytest.raises(RecipeError, match=r"objective: average.bias must be of shape \(256,\), got \(1,\)"):
        train(nuclei, tmp_path, init=str(tmp_path / "w.safetensors"))


def test_another_plan_or_data_set_is_refused(nuclei: Path, tmp_path: Path) -> None:
    train(nuclei, tmp_path)
    with pytest.raises(StoreError, match=r"of the plan 'toy', not of this 'toy' \(batch: 4 there, 8 here\)"):
        train(nuclei, tmp_path, batch=8)


def test_a_diverged_training_keeps_the_checkpoint_before(nuclei: Path, tmp_path: Path) -> None:
    objective = {"kind": "toy", "diverges_after": 48}
    with pytest.raises(InputError, match="loss is nan after 60 samples: the training has diverged; the checkpoint"):
        train(nuclei, tmp_path, objective=objective)
    assert checkpoint(tmp_path)["clock"]["seen"] == 40


def test_networks_that_do_not_fit_are_told_by_the_path(nuclei: Path, tmp_path: Path) -> None:
    examples = {**PLAN["examples"], "shape": [16, 24], "rotations": False}
    with pytest.raises(RecipeError, match=r"^objective: the toy needs square images, got 16 x 24"):
        train(nuclei, tmp_path, examples=examples)


def test_batches_that_cannot_be_trained_on_are_told_by_the_path(stained: Path, tmp_path: Path) -> None:
    network = {"kind": "segmentation-unet", "levels": 3, "filters": 1}
    examples = {"kind": "segmentation-crops", "shape": [16, 16], "objects": 1}
    plan = {"objective": {"kind": "segmenter", "network": network}, "examples": examples, "batch": 1, "score": None}
    with pytest.raises(RecipeError, match=r"^objective: network must be smaller, .* 1 images of 16 x 16 px"):
        train(stained, tmp_path, **plan)


def test_the_global_generator_is_left_alone(nuclei: Path, tmp_path: Path) -> None:
    before = torch.get_rng_state()
    train(nuclei, tmp_path)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_card_that_a_person_wrote_into_stays(nuclei: Path, tmp_path: Path) -> None:
    card = train(nuclei, tmp_path, samples=40).card
    train(nuclei, tmp_path, samples=60)
    assert "| samples seen | 60 |" in card.read_text()
    card.write_text(card.read_text().replace("unknown: fill in", "CC0, filled in", 1))
    train(nuclei, tmp_path)
    assert "CC0" in card.read_text()
    assert "| samples seen | 80 |" in (tmp_path / "toy/card.md").read_text()


def test_channels_last_and_bf16_train_too(nuclei: Path, tmp_path: Path) -> None:
    done = train(nuclei, tmp_path, channels_last=True, precision="bf16")
    assert done.finished


def test_progress_begins_where_the_training_stands(nuclei: Path, tmp_path: Path) -> None:
    train(nuclei, tmp_path, samples=40)
    seen: list[tuple[int, int]] = []
    fit(TrainPlan.parse(PLAN), nuclei, tmp_path, hardware=CPU, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(done, 80) for done in range(40, 81, 4)]


@pytest.mark.slow
def test_two_processes_have_one_clock_and_see_the_same_examples(nuclei: Path, tmp_path: Path) -> None:
    script = REPO / "tests/train/toys.py"
    command = [sys.executable, str(script), "train", "--plan", str(plan_file(tmp_path)), "--data", str(nuclei)]
    command += ["-o", str(tmp_path / "two"), "--device", "cpu", "--devices", "2", "--threads", "1"]
    for samples in (40, 80):
        extra = ["--set", f"samples={samples}"]
        done = subprocess.run(
            command + extra, env={**os.environ, "PYTHONPATH": str(REPO)}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.count("weights") >= 1
        assert done.stdout.count("samples  ") == 1  # one of the two speaks
    train(nuclei, tmp_path / "one")
    two, one = logged(tmp_path / "two"), logged(tmp_path / "one")
    assert [line["seen"] for line in two] == [line["seen"] for line in one]
    assert [line["clock"] for line in two] == [line["clock"] for line in one]
    assert checkpoint(tmp_path / "two")["generators"]["cpu"].shape[0] == 2
    assert two[0]["loss"] == pytest.approx(one[0]["loss"], rel=0.2)


def test_every_process_takes_up_its_own_generator() -> None:
    states = torch.stack([torch.Generator().manual_seed(seed).get_state() for seed in (1, 2)])
    fabric = SimpleNamespace(global_rank=1, world_size=2, device=torch.device("cpu"))
    run: Any = SimpleNamespace(plan=TrainPlan.parse(PLAN), fabric=fabric)
    with torch.random.fork_rng([]):
        looping.Run._set_generators(run, {"cpu": states})
        assert torch.equal(torch.get_rng_state(), states[1])
