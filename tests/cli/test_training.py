"""`cellsim train`: what it prints, writes and refuses."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from cellsim.cli import main
from tests.train import toys
from tests.train.toys import PLAN, ToyTraining

REPO = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a plan in it."""
    toys.register()
    monkeypatch.chdir(tmp_path)
    Path("toy.yaml").write_text(json.dumps(PLAN))
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stop:
        main(("train", "--device", "cpu", *arguments))
    out, err = capsys.readouterr()
    return int(stop.value.code or 0), out, err


def test_it_says_what_was_written(capsys: Any, folder: Path, nuclei: Path) -> None:
    code, out, err = run(capsys, "--plan", "toy.yaml", "--data", str(nuclei))
    assert (code, err) == (0, "")
    for word in ("weights/toy.safetensors", "weights/toy.md", "stats.jsonl", "80 of 80", "samples a second"):
        assert word in out
    assert "brightness" in out
    assert (folder / "weights/toy.safetensors").exists()


def test_a_plan_is_changed_by_set_and_a_version_of_the_data_named(capsys: Any, folder: Path, nuclei: Path) -> None:
    arguments = ("--plan", "toy.yaml", "--data", f"{nuclei}@v1", "--set", "samples=8", "--set", "name=mine", "-o", "w")
    code, out, _ = run(capsys, *arguments)
    assert code == 0
    assert "8 of 8" in out
    assert (folder / "w/mine.safetensors").exists()


def test_no_time_left_is_no_failure(capsys: Any, folder: Path, nuclei: Path) -> None:
    code, out, _ = run(capsys, "--plan", "toy.yaml", "--data", str(nuclei), "--minutes", "0")
    assert code == 0
    assert "4 of 80; the same command goes on from there" in out
    code, out, _ = run(capsys, "--plan", "toy.yaml", "--data", str(nuclei))
    assert "80 of 80" in out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_130_and_a_checkpoint(
    capsys: Any, folder: Path, nuclei: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    taken = ToyTraining.step

    def step(self: ToyTraining, batch: Any, seen: int) -> dict[str, float]:
        if seen == 24:
            signal.raise_signal(number)
        return taken(self, batch, seen)

    monkeypatch.setattr(ToyTraining, "step", step)
    code, out, err = run(capsys, "--plan", "toy.yaml", "--data", str(nuclei))
    assert (code, out) == (130, "")
    assert "the same command goes on from there" in err
    assert (folder / "weights/toy/checkpoint.pt").exists()
    monkeypatch.undo()
    monkeypatch.chdir(folder)
    assert run(capsys, "--plan", "toy.yaml", "--data", str(nuclei))[0] == 0


@pytest.mark.slow
def test_ctrl_c_in_a_terminal_leaves_no_traceback(folder: Path, nuclei: Path) -> None:
    command = [sys.executable, str(REPO / "tests/train/toys.py"), "train", "--plan", "toy.yaml", "--data", str(nuclei)]
    command += ["--set", "samples=4000000", "--device", "cpu", "--workers", "1"]
    environment = {**os.environ, "PYTHONPATH": str(REPO)}
    process = subprocess.Popen(command, env=environment, text=True, stdout=-1, stderr=-1, start_new_session=True)
    while not Path("weights/toy/checkpoint.pt").exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the workers too
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--plan", "nowhere", "--data", "x"), "cellsim: no plan file 'nowhere', and no built-in plan of that name"),
        (("--plan", "toy.yaml", "--data", "nowhere.zarr"), "cellsim: no data set at nowhere.zarr"),
        (("--plan", "toy.yaml", "--data", "x", "--set", "batch=x"), "cellsim: batch: "),
        (("--plan", "toy.yaml", "--data", "x", "--threads", "0"), "cellsim: devices and threads must be >= 1"),
    ],
)
def test_what_is_refused_is_one_line(capsys: Any, folder: Path, arguments: tuple[str, ...], message: str) -> None:
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (1, "")
    assert err.startswith(message)
    assert err.count("\n") == 1
    assert not (folder / "weights").exists()


def test_a_device_that_is_not_known_is_wrong_usage(capsys: Any, folder: Path) -> None:
    with pytest.raises(SystemExit) as stop:
        main(("train", "--plan", "toy.yaml", "--data", "x", "--device", "tpu"))
    assert stop.value.code == 2
    assert "'auto', 'cpu', 'cuda'" in capsys.readouterr().err
