"""Large volumes: chunked within the sample, few samples a shard, and everything else as for small ones."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr
from hypothesis import given
from hypothesis import strategies as st
from zarr.storage import MemoryStore

import cellsim
from cellsim.datasets import chunks, writer
from cellsim.datasets.chunks import CHUNK, SHARD, SHARD_BYTES, chunk_shape, samples_a_shard
from cellsim.datasets.layout import open_group, shard_size
from cellsim.datasets.versions import verify, versions
from cellsim.making import repair, spec_of
from cellsim.recipe import Recipe
from tests.recipes import TISSUE, small_recipe
from tests.test_making import tree

SHAPE = (10, 24, 35)
VOLUME: dict[str, Any] = {
    "canvas": {"shape": list(SHAPE), "spacing": [1.0, 1.0, 1.0]},
    "generator": {
        "kind": "population",
        "shape": {"kind": "ellipsoid", "radius": 2.5},
        "points": {"kind": "ssi", "density": 0.001, "distance": 5.0},
    },
    "translators": [{"kind": "binary"}],
}
N = 8  # samples, in shards of 3


def volume_recipe() -> Recipe:
    return small_recipe(**VOLUME)


@pytest.fixture
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Call volumes of 10 x 24 x 35 large, and shards of three of them."""
    monkeypatch.setattr(chunks, "CHUNK", 12)
    monkeypatch.setattr(chunks, "SHARD_BYTES", 10 * math.prod(SHAPE))


@pytest.fixture
def made(little: None, tmp_path: Path) -> Path:
    cellsim.make(volume_recipe(), N, tmp_path / "a.zarr", workers=1)
    return tmp_path / "a.zarr"


shapes = st.lists(st.integers(1, 600), min_size=3, max_size=3).map(tuple)


@given(shapes)
def test_chunks_are_small_and_pad_little(shape: tuple[int, ...]) -> None:
    for n, edge in zip(shape, chunk_shape(shape), strict=True):
        pieces = -(-n // edge)
        assert pieces * edge - n < pieces
        assert edge <= CHUNK or math.prod(shape) <= CHUNK**3


@given(shapes, st.integers(1, 20))
def test_a_shard_of_large_volumes_is_bounded(shape: tuple[int, ...], pixel: int) -> None:
    samples = samples_a_shard(shape, pixel)
    assert 1 <= samples <= SHARD
    size = math.prod(shape)
    assert samples == SHARD if size <= CHUNK**3 else samples == 1 or samples * size * pixel <= SHARD_BYTES


@pytest.mark.parametrize("shape", [(128, 128, 128), (4096, 4096), (1, 512, 512)])
def test_small_volumes_and_all_images_stay_whole(shape: tuple[int, ...]) -> None:
    assert chunk_shape(shape) == shape
    assert samples_a_shard(shape, 3) == 64


def test_a_volume_of_512_by_512_by_64_has_sixteen_chunks_and_five_samples_a_shard() -> None:
    assert chunk_shape((64, 512, 512)) == (64, 128, 128)
    assert chunk_shape((130, 512, 200)) == (65, 128, 100)
    assert samples_a_shard((64, 512, 512), 3) == 5


def test_plain_zarr_sees_the_chunks(made: Path) -> None:
    group: Any = zarr.open_group(made, mode="r")
    assert group["labels"].shape == (N, 1, *SHAPE)
    for name in ("labels", "image"):
        assert group[name].chunks == (1, 1, 10, 12, 12)
        assert group[name].shards == (3, 1, 10, 24, 36)
        assert len(list((made / name / "c").iterdir())) == 3
    assert group["drawn"].chunks[0] == group["digests"].chunks[0] == shard_size(group) == 3
    assert set(group["objects"]) == {"0", "1", "2"}


def test_structures_and_channels_are_chunks_of_their_own(little: None) -> None:
    from dataclasses import replace

    spec = replace(spec_of(volume_recipe(), volume_recipe().draw(0)), structures=("a", "b"), channels=("c", "d", "e"))
    group: Any = writer.create(MemoryStore(), spec, 2)
    assert group["labels"].chunks[1] == group["image"].chunks[1] == 1
    assert (group["labels"].shards[1], group["image"].shards[1]) == (2, 3)
    assert shard_size(group) == 1


def test_large_volumes_come_back_as_they_were_drawn(made: Path) -> None:
    dataset, recipe = cellsim.open_dataset(made), volume_recipe()
    for i, found in enumerate(dataset):
        drawn = recipe.draw(i)
        np.testing.assert_array_equal(found.labels, drawn.labels)
        np.testing.assert_array_equal(found.image, drawn.image)
        assert {k: v.tolist() for k, v in found.objects.items()} == {k: v.tolist() for k, v in drawn.objects.items()}
    assert len(list(dataset.labels(range(N)))) == N


def test_workers_order_and_growth_leave_the_same_bytes(made: Path, tmp_path: Path) -> None:
    cellsim.make(volume_recipe(), N, tmp_path / "b.zarr", workers=2)
    assert tree(tmp_path / "b.zarr") == tree(made)
    for n in (1, 3, 4, N):
        cellsim.make(volume_recipe(), n, tmp_path / "c.zarr", workers=1)
    assert [v.samples for v in versions(open_group(tmp_path / "c.zarr"))] == [1, 3, 4, N]
    grown, whole = tree(tmp_path / "c.zarr"), tree(made)
    assert {k: v for k, v in grown.items() if k != "zarr.json"} == {k: v for k, v in whole.items() if k != "zarr.json"}


def test_a_killed_run_of_large_volumes_resumes_to_the_same_bytes(made: Path, tmp_path: Path) -> None:
    file, other = tmp_path / "volume.yaml", tmp_path / "b.zarr"
    file.write_text(str(TISSUE | VOLUME))
    writer.create(other, spec_of(volume_recipe(), volume_recipe().draw(0)), N)  # with the small limits of this test
    command = [sys.executable, "-m", "cellsim", "make", "-r", str(file), "-n", str(N), "-o", str(other), "--no-gallery"]
    process = subprocess.Popen([*command, "--workers", "2"], start_new_session=True)
    for _ in range(3000):
        if process.poll() is not None or (other / "digests" / "c").exists():
            break
        time.sleep(0.01)
    with suppress(ProcessLookupError):  # it may have finished
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    subprocess.run(command, check=True, capture_output=True)
    assert tree(other) == tree(made)


def test_a_damaged_volume_is_found_and_mended(made: Path) -> None:
    before = tree(made)
    with (made / "labels/c/1/0/0/0/0").open("r+b") as handle:
        handle.truncate(30)
    found = {i for i, problem in verify(made) if problem}
    assert found == {3, 4, 5}
    repair(made, sorted(found))
    assert tree(made) == before


def test_a_changed_voxel_is_found_in_its_sample(made: Path) -> None:
    labels: Any = zarr.open_group(made, mode="r+")["labels"]
    labels[4, 0, 9, 20, 30] = labels[4, 0, 9, 20, 30] + 1
    assert {i: problem for i, problem in verify(made) if problem} == {4: "does not match its digest"}


def test_a_set_of_whole_large_volumes_is_read_and_extended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cellsim.make(volume_recipe(), 2, tmp_path / "a.zarr", workers=1)  # as before large volumes were chunked
    monkeypatch.setattr(chunks, "CHUNK", 12)
    cellsim.make(volume_recipe(), 5, tmp_path / "a.zarr", workers=1)
    group: Any = open_group(tmp_path / "a.zarr")
    assert (group["labels"].chunks, shard_size(group)) == ((1, 1, *SHAPE), 64)
    assert not [problem for _, problem in verify(tmp_path / "a.zarr") if problem]


def test_samples_of_two_small_shards_are_refused(little: None) -> None:
    store, recipe = MemoryStore(), volume_recipe()
    samples = [recipe.draw(i) for i in range(2)]
    group = writer.create(store, spec_of(recipe, samples[0]), 6)
    with pytest.raises(ValueError, match="samples 2 to 3 are not of one shard of 3"):
        writer.write(group, store, 2, samples, [{}, {}])
