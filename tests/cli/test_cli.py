"""The command line: what it prints, what it refuses, and how it exits."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from cellsim.cli import VERBS, main
from tests.recipes import TISSUE


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder with a small recipe in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.yaml").write_text(yaml.safe_dump(TISSUE))
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    out, err = capsys.readouterr()
    return int(stop.value.code or 0), out, err


def test_make_says_where_everything_is(capsys: Any, folder: Path) -> None:
    code, out, _ = run(capsys, "make", "--recipe", "small.yaml", "-n", "5")
    assert code == 0
    for word in ("small.zarr", "v1", "5 (5 made now", "objects", "cover", "small.zarr.png"):
        assert word in out
    assert (folder / "small.zarr.png").stat().st_size > 1000


def test_make_overrides_and_names_its_output(capsys: Any, folder: Path) -> None:
    arguments = ["make", "-r", "small.yaml", "-n", "2", "-o", "b.zarr", "--no-gallery", "--set", "seed=7"]
    code, _, _ = run(capsys, *arguments, "--set", "translators.detector.photons=10")
    assert code == 0
    code, out, _ = run(capsys, "info", "b.zarr", "--recipe")
    assert yaml.safe_load(out)["seed"] == 7
    assert yaml.safe_load(out)["translators"][1]["photons"] == 10
    assert not list(folder.glob("*.png"))


def test_the_recipe_in_a_set_makes_the_same_set_again(capsys: Any, folder: Path) -> None:
    run(capsys, "make", "-r", "small.yaml", "-n", "2", "--no-gallery")
    _, out, _ = run(capsys, "info", "small.zarr", "--recipe")
    (folder / "again.yaml").write_text(out)
    code, _, _ = run(capsys, "make", "-r", "again.yaml", "-n", "3", "-o", "small.zarr", "--no-gallery")
    assert code == 0


def test_sweep_makes_a_family(capsys: Any, folder: Path) -> None:
    sweep = "generator.seeds.density=0.004:0.012:3"
    code, out, _ = run(capsys, "make", "-r", "small.yaml", "-n", "2", "--sweep", sweep, "-o", "study", "--no-gallery")
    assert code == 0
    assert sorted(path.name for path in (folder / "study").iterdir()) == [
        "small-density=0.004.zarr",
        "small-density=0.008.zarr",
        "small-density=0.012.zarr",
    ]
    assert out.count("data set") == 3


def test_preview_draws_a_picture(capsys: Any, folder: Path) -> None:
    code, out, _ = run(capsys, "preview", "-r", "small.yaml", "-n", "3")
    assert code == 0
    assert "small.preview.png: 3 samples" in out
    assert (folder / "small.preview.png").exists()


def test_check_says_what_would_be_made(capsys: Any) -> None:
    code, out, _ = run(capsys, "check", "small.yaml", "-n", "100")
    assert code == 0
    for word in ("valid", "32 x 40 px", "generator -> rcm -> detector", "detector.photons", "MB", "objects"):
        assert word in out


def test_kinds_lists_every_room_and_describes_one(capsys: Any) -> None:
    _, out, _ = run(capsys, "kinds")
    for word in ("tissue", "ssi", "bank", "bezier", "detector", "epidermis"):
        assert word in out
    _, out, _ = run(capsys, "kinds", "ssi")
    assert "distance (µm, > 0, required)" in out


def test_info_versions_and_verify_of_a_good_set(capsys: Any) -> None:
    run(capsys, "make", "-r", "small.yaml", "-n", "2", "--no-gallery")
    code, out, _ = run(capsys, "info", "small.zarr")
    assert code == 0
    assert "2 of 2 finished" in out
    assert "v1 (2)" in out
    _, out, _ = run(capsys, "versions", "small.zarr")
    assert out.startswith("v1")
    code, out, _ = run(capsys, "verify", "small.zarr")
    assert code == 0
    assert "versions v1 are as sealed" in out


def test_verify_finds_damage_and_repairs_it(capsys: Any, folder: Path) -> None:
    run(capsys, "make", "-r", "small.yaml", "-n", "2", "--no-gallery")
    with (folder / "small.zarr/labels/c/0/0/0/0").open("r+b") as handle:
        handle.truncate(40)
    code, _, err = run(capsys, "verify", "small.zarr")
    assert code == 1
    assert "sample 0: cannot be read" in err
    assert "2 problems" in err
    code, out, _ = run(capsys, "verify", "small.zarr", "--repair")
    assert code == 0
    assert "2 damaged samples made again" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["make", "-r", "small.yaml", "-n", "0"], "must be >= 1, got 0"),
        (["make", "-r", "smal.yaml", "-n", "1"], "no recipe file 'smal.yaml'"),
        (["make", "-r", "epidermos", "-n", "1"], "did you mean 'epidermis'?"),
        (["make", "-r", "mistyped/epidermis.yaml", "-n", "1"], "no recipe file 'mistyped/epidermis.yaml'"),
        (["make", "-r", "small.yaml", "-n", "1", "--set", "translators={kind: rcm}"], "expected a list such as"),
        (["make", "-r", "small.yaml", "-n", "1", "--set", "generator.kind=tisue"], "generator: no kind 'tisue'"),
        (["make", "-r", "small.yaml", "-n", "1", "--set", "generator.sedes=1"], "did you mean 'seeds'?"),
        (["make", "-r", "small.yaml", "-n", "1", "--set", "seed"], "--set takes path=value"),
        (["make", "-r", "small.yaml", "-n", "1", "--sweep", "seed=1:2"], "--sweep takes path=low:high:n"),
        (["make", "-r", "small.yaml", "-n", "1", "--workers", "0"], "must be >= 1, got 0"),
        (["make", "-r", "small.yaml", "-n", "1", "--set", "store.image=float32"], "'uint8' or 'uint16'"),
        (["preview", "-r", "small.yaml", "-n", "0"], "must be >= 1, got 0"),
        (["info", "none.zarr"], "no data set at none.zarr"),
        (["versions", "none.zarr"], "no data set at none.zarr"),
        (["verify", "none.zarr"], "no data set at none.zarr"),
        (["kinds", "poison"], "did you mean 'poisson'?"),
        (["make", "-r", "colony", "-n", "1"], "generator.shape.dataset: is required"),
    ],
)
def test_what_is_refused_is_one_line_and_no_traceback(capsys: Any, arguments: list[str], said: str) -> None:
    code, out, err = run(capsys, *arguments)
    assert code == 1
    assert said in err
    assert len(err.splitlines()) == 1
    assert err.startswith("cellsim: ")
    assert out == ""


def test_wrong_usage_exits_with_two(capsys: Any) -> None:
    code, _, err = run(capsys, "make", "-r", "small.yaml")
    assert code == 2
    assert "Missing option" in err
    assert run(capsys, "bake")[0] == 2


def test_help_names_every_command_and_runs_none(capsys: Any) -> None:
    code, out, _ = run(capsys, "--help")
    assert code == 0
    assert all(verb in out for verb in VERBS)


@pytest.mark.parametrize("verb", list(VERBS))
def test_every_command_exists_and_has_help(capsys: Any, verb: str) -> None:
    code, out, _ = run(capsys, verb, "--help")
    assert code == 0
    assert "Usage" in out


def test_a_read_only_folder_is_one_line(capsys: Any, folder: Path) -> None:
    (folder / "closed").write_text("a file, not a folder")
    code, _, err = run(capsys, "make", "-r", "small.yaml", "-n", "1", "-o", "closed/a.zarr")
    assert code == 1
    assert "closed/a.zarr" in err
    assert len(err.splitlines()) == 1


def test_ctrl_c_keeps_what_is_finished_and_says_so(folder: Path) -> None:
    command = [sys.executable, "-m", "cellsim", "make", "-r", "epidermis", "-n", "2000", "--workers", "2"]
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background starts deaf to Ctrl-C
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    signal.signal(signal.SIGINT, before)
    digests = folder / "epidermis.zarr" / "digests" / "c"
    for _ in range(6000):  # it may have to compile first, beside other tests
        with contextlib.suppress(FileNotFoundError):  # it is made, or replaced, at this moment
            if process.poll() is not None or any(digests.iterdir()):
                break
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert "the same command goes on from there" in err
    assert any(digests.iterdir())
