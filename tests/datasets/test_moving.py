"""Push and pull: what arrives is equal to the byte, and only what is missing moves."""

from __future__ import annotations

import functools
import http.server
import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

import cellsim
from cellsim.datasets import moving
from cellsim.datasets.curation import curate
from cellsim.datasets.layout import Spec
from cellsim.datasets.mixture import mix
from cellsim.datasets.moving import pull, push
from cellsim.datasets.remote import Remote
from cellsim.datasets.versions import seal, verify
from cellsim.datasets.writer import create, write
from cellsim.errors import StoreError
from cellsim.sample import Sample
from tests.recipes import small_recipe


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """v1 of 10, v2 of 140 samples, v3 without some of the first."""
    path = tmp_path_factory.mktemp("sets") / "a.zarr"
    cellsim.make(small_recipe(), 10, path, workers=1)
    cellsim.make(small_recipe(), 140, path, workers=1)
    curate(path, drop=[0, 1])
    return path


def files(path: Path) -> dict[str, bytes]:
    found = {f.relative_to(path).as_posix(): f.read_bytes() for f in path.rglob("*") if f.is_file()}
    return {name: data for name, data in found.items() if name != "manifest.json"}


class Silent(http.server.SimpleHTTPRequestHandler):
    """A web server that lists no folders and knows ranges of bytes; some paths are cut off."""

    cut: ClassVar[set[str]] = set()
    asked: ClassVar[list[str]] = []

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.path in self.cut:
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"short")
            self.close_connection = True
            return
        path, wanted = Path(self.translate_path(self.path)), self.headers.get("Range", "")
        if not wanted.startswith("bytes=") or not path.is_file():
            super().do_GET()
            return
        data, (first, last) = path.read_bytes(), wanted.removeprefix("bytes=").split("-")
        start = int(first) if first else len(data) - int(last)
        part = data[start : int(last) + 1 if first and last else None]
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {start}-{start + len(part) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        self.wfile.write(part)

    def list_directory(self, _: Any) -> None:
        self.send_error(404)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """URL and folder of a web server."""
    folder = tmp_path / "site"
    folder.mkdir()
    Silent.cut, Silent.asked = set(), []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Silent, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", folder
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_set_pushed_and_pulled_is_equal_to_the_byte(bucket: str, made: Path, tmp_path: Path) -> None:
    pushed = push(made, f"{bucket}/whole.zarr")
    assert (pushed.versions, pushed.there) == (("v1", "v2", "v3"), 0)
    steps: list[tuple[int, int]] = []
    pulled = pull(f"{bucket}/whole.zarr", tmp_path / "b.zarr", progress=lambda *step: steps.append(step))
    assert files(tmp_path / "b.zarr") == files(made)
    assert pulled.copied == pushed.copied == len(files(made)) - 1
    assert steps[-1] == (pulled.size, pulled.size)
    again = push(made, f"{bucket}/whole.zarr"), pull(f"{bucket}/whole.zarr", tmp_path / "b.zarr")
    assert [moved.copied for moved in again] == [0, 0]
    remote = cellsim.open_dataset(f"{bucket}/whole.zarr")
    np.testing.assert_array_equal(remote[100].labels, cellsim.open_dataset(made)[100].labels)


def test_a_version_alone_is_pulled_and_the_rest_later(bucket: str, made: Path, tmp_path: Path) -> None:
    push(made, f"{bucket}/parts.zarr")
    first = pull(f"{bucket}/parts.zarr", tmp_path / "b.zarr", version="v1")
    assert not (tmp_path / "b.zarr/labels/c/1").exists()
    dataset = cellsim.open_dataset(tmp_path / "b.zarr")
    assert (dataset.version.name, len(dataset)) == ("v1", 10)
    assert dataset.version == cellsim.open_dataset(made, "v1").version
    assert not [problem for _, problem in verify(tmp_path / "b.zarr") if problem]
    rest = pull(f"{bucket}/parts.zarr", tmp_path / "b.zarr")
    assert rest.there == first.copied
    assert files(tmp_path / "b.zarr") == files(made)


def test_a_push_that_is_cut_off_goes_on(bucket: str, made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "NOTED", 0.0)
    monkeypatch.setattr(moving, "AT_ONCE", 1)
    upload, count = Remote.upload, [0]

    def cut(self: Remote, key: str, path: Path) -> None:
        count[0] += 1
        if count[0] > 6:
            raise KeyboardInterrupt
        upload(self, key, path)

    with monkeypatch.context() as patched:
        patched.setattr(Remote, "upload", cut)
        with pytest.raises(KeyboardInterrupt):
            push(made, f"{bucket}/cut.zarr")
    with pytest.raises(StoreError, match="no data set"):
        cellsim.open_dataset(f"{bucket}/cut.zarr")
    pushed = push(made, f"{bucket}/cut.zarr")
    assert pushed.there >= 5
    assert pushed.there + pushed.copied == len(files(made)) - 1
    assert not [problem for _, problem in verify(f"{bucket}/cut.zarr") if problem]


def test_a_set_that_grew_is_pushed_by_what_is_new(tmp_path: Path) -> None:
    cellsim.make(small_recipe(), 70, tmp_path / "a.zarr", workers=1)
    push(tmp_path / "a.zarr", str(tmp_path / "share.zarr"))
    cellsim.make(small_recipe(), 80, tmp_path / "a.zarr", workers=1)
    pushed = push(tmp_path / "a.zarr", str(tmp_path / "share.zarr"))
    assert pushed.there > 0
    assert files(tmp_path / "share.zarr") == files(tmp_path / "a.zarr")


def test_a_pull_from_a_web_server_lists_nothing_and_goes_on(
    site: tuple[str, Path], made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, folder = site
    push(made, str(folder / "a.zarr"))
    monkeypatch.setattr("cellsim.datasets.remote.WAIT", 0.0)
    Silent.cut = {"/a.zarr/labels/c/1/0/0/0"}
    with pytest.raises(StoreError, match=r"failed 3 times .*: run the same command again, what has arrived is kept"):
        pull(f"{url}/a.zarr", tmp_path / "b.zarr")
    with pytest.raises(StoreError, match="half made"):
        cellsim.open_dataset(tmp_path / "b.zarr")
    Silent.cut = set()
    assert pull(f"{url}/a.zarr", tmp_path / "b.zarr").there > 3
    assert files(tmp_path / "b.zarr") == files(made)
    assert not [path for path in Silent.asked if path.endswith("/")]
    np.testing.assert_array_equal(cellsim.open_dataset(f"{url}/a.zarr")[70].image, cellsim.open_dataset(made)[70].image)


def test_without_a_manifest_samples_are_checked(site: tuple[str, Path], made: Path, tmp_path: Path) -> None:
    url, folder = site
    shutil.copytree(made, folder / "a.zarr")
    pull(f"{url}/a.zarr", tmp_path / "b.zarr")
    assert files(tmp_path / "b.zarr") == files(made)
    shard = folder / "a.zarr/labels/c/0/0/0/0"
    shard.write_bytes(shard.read_bytes()[:40] + b"damaged!" + shard.read_bytes()[48:])
    with pytest.raises(StoreError, match="are not what was sealed"):
        pull(f"{url}/a.zarr", tmp_path / "c.zarr", version="v1")


def test_a_damaged_file_is_refused(made: Path, tmp_path: Path) -> None:
    push(made, str(tmp_path / "share.zarr"))
    shard = tmp_path / "share.zarr/image/c/1/0/0/0"
    shard.write_bytes(shard.read_bytes()[:40] + b"damaged!" + shard.read_bytes()[48:])
    with pytest.raises(StoreError, match="image/c/1/0/0/0 is not the file that was pushed"):
        pull(str(tmp_path / "share.zarr"), tmp_path / "b.zarr")
    with pytest.raises(StoreError, match=r"half made \(0 of "):  # the digests come last
        cellsim.open_dataset(tmp_path / "b.zarr")
    damaged = tmp_path / "a.zarr"
    shutil.copytree(made, damaged)
    (damaged / "digests/c/1/0").unlink()
    with pytest.raises(StoreError, match="is not what was sealed"):
        push(damaged, str(tmp_path / "other.zarr"))


def test_other_sets_are_not_written_over(made: Path, tmp_path: Path) -> None:
    cellsim.make(small_recipe(seed=4), 5, tmp_path / "other.zarr", workers=1)
    with pytest.raises(StoreError, match="holds 'small', another data set"):
        push(made, str(tmp_path / "other.zarr"))
    with pytest.raises(StoreError, match="another data set"):
        pull(str(made), tmp_path / "other.zarr")
    cellsim.make(small_recipe(), 12, tmp_path / "grown.zarr", workers=1)
    with pytest.raises(StoreError, match=r"v1 at .* is not the v1 that would be copied"):
        push(made, str(tmp_path / "grown.zarr"))
    (tmp_path / "foreign.zarr").mkdir()
    (tmp_path / "foreign.zarr/zarr.json").write_text(json.dumps({"attributes": {}}))
    with pytest.raises(StoreError, match="not a cellsim data set"):
        push(made, str(tmp_path / "foreign.zarr"))


def test_a_mixture_by_reference_is_not_pushed(made: Path, tmp_path: Path) -> None:
    mix([f"{made}@v1", f"{made}@v3"], tmp_path / "mix.zarr")
    with pytest.raises(StoreError, match="push a copy"):
        push(tmp_path / "mix.zarr", str(tmp_path / "b.zarr"))


def test_what_cannot_be_reached_is_one_clear_line(
    bucket: str, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cellsim.datasets.remote.WAIT", 0.0)
    with pytest.raises(StoreError, match=r"s3://nowhere/a.zarr: no such bucket"):
        push(made, "s3://nowhere/a.zarr")
    with pytest.raises(StoreError, match=r"no data set at s3://nowhere/a.zarr"):
        pull("s3://nowhere/a.zarr", tmp_path / "b.zarr")
    with pytest.raises(StoreError, match=r"cannot reach gopher://x/a.zarr"):
        push(made, "gopher://x/a.zarr")
    with pytest.raises(StoreError, match="failed 3 times"):
        pull("http://127.0.0.1:9/a.zarr", tmp_path / "b.zarr")
    assert not (tmp_path / "b.zarr").exists()


KEPT: dict[object, object] = {}  # connections with wrong keys, which must not be closed by another event loop


def test_wrong_keys_are_one_clear_line(bucket: str, made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import s3fs

    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    monkeypatch.setattr(s3fs.S3FileSystem, "_cache", KEPT)  # those that are open have the right keys
    with pytest.raises(StoreError, match=r"no right to go on with .*: are the keys right"):
        push(made, f"{bucket}/denied.zarr")


@pytest.mark.parametrize("lost", ["labels/c/1/0/0/0", "image/c/0/0/0/0", "drawn/c/0/0", "objects/1/c/0/0"])
def test_a_set_of_which_a_file_is_lost_is_neither_pushed_nor_pulled(made: Path, tmp_path: Path, lost: str) -> None:
    shutil.copytree(made, tmp_path / "a.zarr")
    (tmp_path / "a.zarr" / lost).unlink()
    with pytest.raises(StoreError, match=f"it lacks {lost}, and sample "):
        push(tmp_path / "a.zarr", str(tmp_path / "b.zarr"))
    assert not (tmp_path / "b.zarr").exists()
    push(made, str(tmp_path / "b.zarr"))
    manifest = json.loads((tmp_path / "b.zarr/manifest.json").read_bytes())
    del manifest["files"][lost]
    (tmp_path / "b.zarr/manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(StoreError, match=f"it lacks {lost}, and sample "):
        pull(str(tmp_path / "b.zarr"), tmp_path / "c.zarr")
    with pytest.raises(StoreError, match="half made"):
        cellsim.open_dataset(tmp_path / "c.zarr")


def test_a_set_without_the_shape_of_an_array_is_not_pushed(made: Path, tmp_path: Path) -> None:
    shutil.copytree(made, tmp_path / "a.zarr")
    (tmp_path / "a.zarr/kept/zarr.json").unlink()
    with pytest.raises(StoreError, match=r"it lacks kept/zarr.json"):
        push(tmp_path / "a.zarr", str(tmp_path / "b.zarr"))


def test_files_of_zeros_alone_need_not_be_there(tmp_path: Path) -> None:
    spec = Spec("blank", "d" * 64, (9, 9), (1.0, 1.0), ("cells",), ("gray",))
    blank = Sample(np.zeros((1, 9, 9), np.uint16), (1.0, 1.0), np.zeros((1, 9, 9), np.float32))
    empty = create(tmp_path / "e.zarr", spec, 3)
    write(empty, tmp_path / "e.zarr", 0, [blank] * 3, [{}] * 3)
    seal(tmp_path / "e.zarr", empty, 3)
    for name in ("labels", "image", "drawn"):
        shutil.rmtree(tmp_path / "e.zarr" / name / "c")
    push(tmp_path / "e.zarr", str(tmp_path / "b.zarr"))
    pull(str(tmp_path / "b.zarr"), tmp_path / "c.zarr")
    assert [sample.count for sample in cellsim.open_dataset(tmp_path / "c.zarr")] == [0, 0, 0]


@pytest.mark.parametrize("sure", [True, False])
def test_a_pull_brings_back_a_lost_file_of_a_version_that_is_there(made: Path, tmp_path: Path, sure: bool) -> None:
    push(made, str(tmp_path / "share.zarr"))
    if not sure:
        (tmp_path / "share.zarr/manifest.json").unlink()
    pull(str(tmp_path / "share.zarr"), tmp_path / "b.zarr")
    (tmp_path / "b.zarr/labels/c/1/0/0/0").unlink()
    with (tmp_path / "b.zarr/image/c/0/0/0/0").open("r+b") as file:
        file.truncate(100)
    assert pull(str(tmp_path / "share.zarr"), tmp_path / "b.zarr").copied == 2
    assert files(tmp_path / "b.zarr") == files(made)
    assert pull(str(tmp_path / "share.zarr"), tmp_path / "b.zarr").copied == 0


def test_a_grown_set_is_pulled_into_a_folder_called_labels(tmp_path: Path) -> None:
    cellsim.make(small_recipe(), 3, tmp_path / "a.zarr", workers=1)
    pull(str(tmp_path / "a.zarr"), tmp_path / "c/labels/b.zarr")
    cellsim.make(small_recipe(), 6, tmp_path / "a.zarr", workers=1)
    pull(str(tmp_path / "a.zarr"), tmp_path / "c/labels/b.zarr")
    assert files(tmp_path / "c/labels/b.zarr") == files(tmp_path / "a.zarr")
