"""Which files a version needs, and what is known of them."""

from __future__ import annotations

from pathlib import Path

import cellsim
from cellsim.datasets.curation import curate
from cellsim.datasets.layout import open_group
from cellsim.datasets.manifest import File, Manifest, keys_of
from cellsim.datasets.versions import versions
from tests.recipes import small_recipe


def test_all_versions_need_every_file(tmp_path: Path) -> None:
    path = tmp_path / "a.zarr"
    cellsim.make(small_recipe(), 3, path, workers=1)
    cellsim.make(small_recipe(), 70, path, workers=1)
    curate(path, drop=[0])
    group = open_group(path)
    there = {f.relative_to(path).as_posix() for f in path.rglob("*") if f.is_file()} - {"zarr.json"}
    assert {key.name for key in keys_of(group, versions(group)) if (path / key.name).exists()} == there
    first = [key.name for key in keys_of(group, versions(group)[:1])]
    assert "labels/c/0/0/0/0" in first
    assert not [key for key in first if "/c/1" in key or key.startswith(("kept", "objects/1"))]


def test_a_manifest_is_read_back_and_a_damaged_one_is_none(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"abc")
    file = File.of(tmp_path / "f")
    assert file == File(3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    manifest = Manifest({"v1": {"samples": 3}}, {"labels/c/0": file})
    assert Manifest.load(manifest.dump()) == manifest
    for damaged in (None, b"", b"[]", b"{}", manifest.dump()[:-5], b'{"files": {"a": 1}, "versions": {}}'):
        assert Manifest.load(damaged) == Manifest()
