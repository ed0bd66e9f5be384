"""The main job: the same bytes whatever the workers, the order, the interruptions."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from zarr.storage import MemoryStore

import cellsim
from cellsim import making
from cellsim.datasets import writer
from cellsim.datasets.layout import open_group
from cellsim.datasets.versions import verify, versions
from cellsim.errors import CellsimError, InputError, RecipeError, StoreError
from tests.recipes import TISSUE, small_recipe


def tree(folder: Path) -> dict[str, str]:
    """Path of every file under a folder -> digest of its bytes."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The bytes of 200 samples made by one process in one go."""
    path = tmp_path_factory.mktemp("sets") / "a.zarr"
    cellsim.make(small_recipe(), 200, path, workers=1)
    return tree(path)


def test_two_workers_make_the_same_bytes(tmp_path: Path, undisturbed: dict[str, str]) -> None:
    cellsim.make(small_recipe(), 200, tmp_path / "a.zarr", workers=2)
    assert tree(tmp_path / "a.zarr") == undisturbed


def test_any_order_makes_the_same_bytes(
    tmp_path: Path, undisturbed: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def backwards(function: Callable[[Any], Any], tasks: Iterable[Any]) -> Iterator[Any]:
        yield from map(function, reversed(list(tasks)))

    monkeypatch.setattr(making, "choose", lambda workers, tasks: backwards)
    cellsim.make(small_recipe(), 200, tmp_path / "a.zarr")
    assert tree(tmp_path / "a.zarr") == undisturbed


def test_a_stopped_run_resumes_to_the_same_bytes(
    tmp_path: Path, undisturbed: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(finished: int, total: int) -> None:
        if finished >= 64:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cellsim.make(small_recipe(), 200, tmp_path / "a.zarr", workers=1, progress=stop)
    with pytest.raises(StoreError, match="half made"):
        cellsim.open_dataset(tmp_path / "a.zarr")
    made = cellsim.make(small_recipe(), 200, tmp_path / "a.zarr", workers=1)
    assert made.drawn < 200
    assert tree(tmp_path / "a.zarr") == undisturbed


def test_killed_run_resumes(tmp_path: Path, undisturbed: dict[str, str]) -> None:
    recipe = tmp_path / "small.yaml"
    recipe.write_text(str(TISSUE))
    command = [sys.executable, "-m", "cellsim", "make", "-r", str(recipe), "-n", "200", "-o", str(tmp_path / "a.zarr")]
    for shards in (1, 2):
        process = subprocess.Popen([*command, "--workers", "2"], start_new_session=True)
        digests = tmp_path / "a.zarr" / "digests" / "c"
        for _ in range(6000):
            if process.poll() is not None or (digests.exists() and len(list(digests.iterdir())) >= shards):
                break
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    subprocess.run(command, check=True, capture_output=True)
    assert tree(tmp_path / "a.zarr") == undisturbed
    assert not [problem for _, problem in verify(tmp_path / "a.zarr") if problem]


def test_a_set_grown_in_steps_equals_one_made_at_once(tmp_path: Path, undisturbed: dict[str, str]) -> None:
    for n in (3, 64, 65, 200):
        cellsim.make(small_recipe(), n, tmp_path / "a.zarr", workers=1)
    grown = tree(tmp_path / "a.zarr")
    assert {k: v for k, v in grown.items() if k != "zarr.json"} == {
        k: v for k, v in undisturbed.items() if k != "zarr.json"
    }
    assert [v.samples for v in versions(open_group(tmp_path / "a.zarr"))] == [3, 64, 65, 200]


def test_the_files_of_finished_shards_are_not_touched_by_growth(tmp_path: Path) -> None:
    cellsim.make(small_recipe(), 64, tmp_path / "a.zarr", workers=1)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "a.zarr").rglob("c/0/**/*") if path.is_file()}
    cellsim.make(small_recipe(), 130, tmp_path / "a.zarr", workers=1)
    assert before
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_progress_counts_samples_from_what_was_there() -> None:
    store, seen = MemoryStore(), []
    cellsim.make(small_recipe(), 64, store)
    cellsim.make(small_recipe(), 130, store, workers=1, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(64, 130), (128, 130), (130, 130)]


def test_the_summary_counts_what_is_in_the_version() -> None:
    made = cellsim.make(small_recipe(), 5, MemoryStore())
    samples = small_recipe().draw_many(range(5))
    assert made.objects == sum(sample.count for sample in samples)
    assert made.cover == pytest.approx(sum(sample.cover for sample in samples) / 5)
    assert (made.drawn, made.version.samples) == (5, 5)


@pytest.mark.parametrize("n", [0, -3])
def test_no_samples_are_refused(tmp_path: Path, n: int) -> None:
    with pytest.raises(InputError, match=f"must be >= 1, got {n}"):
        cellsim.make(small_recipe(), n, tmp_path / "a.zarr")
    assert not (tmp_path / "a.zarr").exists()


def test_what_cannot_be_drawn_leaves_no_data_set(tmp_path: Path) -> None:
    generator = TISSUE["generator"] | {"seeds": {"kind": "ssi", "density": 1.0, "distance": 5.0}}
    with pytest.raises(RecipeError, match=r"generator\.seeds: density must be <= "):
        cellsim.make(small_recipe(generator=generator), 5, tmp_path / "a.zarr")
    assert not (tmp_path / "a.zarr").exists()


def test_more_objects_than_uint16_names_are_refused(tmp_path: Path) -> None:
    generator = TISSUE["generator"] | {"seeds": {"kind": "poisson", "density": 90.0}}
    with pytest.raises(RecipeError, match="at most 65,535 objects, got"):
        cellsim.make(small_recipe(generator=generator), 5, tmp_path / "a.zarr")


def test_a_changed_recipe_is_refused_with_both_digests(tmp_path: Path) -> None:
    cellsim.make(small_recipe(), 5, tmp_path / "a.zarr")
    with pytest.raises(StoreError, match=f"{small_recipe().digest[:12]}.*differing in seed 0 there, 1 here"):
        cellsim.make(small_recipe(seed=1), 5, tmp_path / "a.zarr")
    assert len(cellsim.open_dataset(tmp_path / "a.zarr")) == 5


def test_an_error_in_a_worker_reaches_the_caller(tmp_path: Path) -> None:
    generator = TISSUE["generator"] | {"seeds": {"kind": "ssi", "density": {"uniform": [0.01, 0.03]}, "distance": 5.0}}
    recipe = small_recipe(generator=generator)
    recipe.draw(0)
    with pytest.raises(RecipeError, match="density must be <= "):
        cellsim.make(recipe, 200, tmp_path / "a.zarr", workers=2)
    with pytest.raises(StoreError, match="half made"):
        cellsim.open_dataset(tmp_path / "a.zarr")


def test_a_family_differs_in_one_parameter(tmp_path: Path) -> None:
    planned = making.family(TISSUE, "generator.seeds.density", [0.005, 0.01], tmp_path)
    names = ["small-density=0.005.zarr", "small-density=0.01.zarr"]
    assert [path for _, path in planned] == [f"{tmp_path}/{name}" for name in names]
    assert [recipe.generator.seeds.density for recipe, _ in planned] == [0.005, 0.01]  # type: ignore[attr-defined]


def test_a_family_with_an_impossible_member_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"generator\.seeds\.density=5: generator\.seeds: density must be"):
        making.family(TISSUE, "generator.seeds.density", [0.005, 5.0], tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_family_in_the_cloud_keeps_its_url() -> None:
    ((_, location),) = making.family(TISSUE, "generator.seeds.density", [0.005], "s3://bucket/study")
    assert location == "s3://bucket/study/small-density=0.005.zarr"


def test_a_store_in_memory_is_written_by_this_process() -> None:
    store = MemoryStore()
    assert cellsim.make(small_recipe(translators=[]), 300, store, workers=2).version.samples == 300


def test_an_estimate_measures_objects_and_bytes() -> None:
    found = making.estimate(small_recipe(), trials=4)
    assert found.trials == 4
    assert 5 < found.objects < 40
    assert 500 < found.bytes < 32 * 40 * 4
    assert found.seconds > 0


def test_a_worker_that_is_killed_is_one_clear_line(tmp_path: Path) -> None:
    from cellsim.run import processes

    with pytest.raises(CellsimError, match="a worker process was killed"):
        list(processes(2)(os._exit, [1, 1, 1]))


class Growth(RuleBasedStateMachine):
    """Create, grow, lose and mend a data set in any order: it always equals what the recipe draws."""

    def __init__(self) -> None:
        super().__init__()
        self.store = MemoryStore()
        self.n = 0
        self.recipe = small_recipe(translators=[])

    @rule(more=st.integers(1, 40))
    def grow(self, more: int) -> None:
        self.n += more
        cellsim.make(self.recipe, self.n, self.store, workers=1)

    @precondition(lambda self: self.n > 0)
    @rule(data=st.data())
    def lose_a_shard(self, data: st.DataObject) -> None:
        shard = data.draw(st.integers(0, (self.n - 1) // 64))
        writer.clear_shard(open_group(self.store, "r+"), shard)
        damaged = [index for index, problem in verify(self.store) if problem]
        making.repair(self.store, damaged)

    @precondition(lambda self: self.n > 0)
    @invariant()
    def holds(self) -> None:
        assert not [problem for _, problem in verify(self.store) if problem]
        dataset = cellsim.open_dataset(self.store)
        assert len(dataset) == self.n
        assert (dataset[self.n - 1].labels == self.recipe.draw(self.n - 1).labels).all()


Growth.TestCase.settings = settings(
    max_examples=6, stateful_step_count=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
TestGrowth = Growth.TestCase
