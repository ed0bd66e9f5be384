"""The runner: killed and repeated it goes on, finished it rests, another version it refuses."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cellsim.datasets.export import FORMATS, find_format
from cellsim.datasets.export.exporting import BLOCK, ExportOptions, export_files
from cellsim.datasets.export.folder import TEMPORARY, Folder
from cellsim.datasets.export.importing import Framing, import_dataset
from cellsim.datasets.export.manifest import NAME, TABLE
from cellsim.datasets.ingest import IngestOptions, ingest
from cellsim.datasets.mixture import mix
from cellsim.datasets.reader import Dataset, open_dataset
from cellsim.errors import InputError, StoreError
from tests.datasets.export.sets import save_set, tree

SPLIT = ExportOptions(split=(0.5, 0.25, 0.25), workers=2)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_cut_off_run_goes_on_to_the_same_files(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = save_set(tmp_path / "set.zarr", 20)
    export_files(dataset, kind, tmp_path / "whole", SPLIT)
    form = type(find_format(kind))
    write, calls = form.write, []

    def fails(self: Any, *arguments: Any) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        write(self, *arguments)

    monkeypatch.setattr(form, "write", fails)
    with pytest.raises(KeyboardInterrupt):
        export_files(dataset, kind, tmp_path / "out", SPLIT)
    monkeypatch.setattr(form, "write", write)
    assert not json.loads((tmp_path / "out" / NAME).read_bytes())["finished"]
    seen: list[tuple[int, int]] = []
    done = export_files(dataset, kind, tmp_path / "out", SPLIT, progress=lambda n, total: seen.append((n, total)))
    assert 0 < done.written < 20
    assert seen[0] == (20 - done.written, 20)
    assert seen[-1] == (20, 20)
    assert tree(tmp_path / "out") == tree(tmp_path / "whole")


KILLED = """
import os, signal, sys
from pathlib import Path
from cellsim.datasets.export.exporting import ExportOptions, export_files
from cellsim.datasets.reader import open_dataset
whole, count = Path.write_bytes, [0]
def write_bytes(self, content):
    count[0] += 1
    if count[0] == 12:
        whole(self, content[: len(content) // 2])
        os.kill(os.getpid(), signal.SIGKILL)
    return whole(self, content)
Path.write_bytes = write_bytes
export_files(open_dataset(sys.argv[1]), "cellpose", sys.argv[2], ExportOptions(split=(0.5, 0.25, 0.25), workers=1))
"""


def test_a_killed_run_leaves_no_half_file_and_resumes(tmp_path: Path) -> None:
    dataset = save_set(tmp_path / "set.zarr", 20)
    export_files(dataset, "cellpose", tmp_path / "whole", SPLIT)
    program = [sys.executable, "-c", KILLED, str(tmp_path / "set.zarr"), str(tmp_path / "out")]
    assert subprocess.run(program, check=False, env=dict(os.environ)).returncode == -signal.SIGKILL
    wanted, there = tree(tmp_path / "whole"), tree(tmp_path / "out")
    assert any(name.endswith(TEMPORARY) for name in there)
    whole = {name: content for name, content in there.items() if not name.endswith(TEMPORARY) and name != NAME}
    assert len(whole) == 10
    assert all(wanted[name] == content for name, content in whole.items())
    assert export_files(dataset, "cellpose", tmp_path / "out", SPLIT).written == 15
    assert tree(tmp_path / "out") == wanted


def test_the_files_do_not_depend_on_threads(tmp_path: Path) -> None:
    dataset = save_set(tmp_path / "set.zarr", 20)
    for workers in (1, 3):
        export_files(dataset, "coco", tmp_path / str(workers), ExportOptions(workers=workers))
    assert tree(tmp_path / "1") == tree(tmp_path / "3")


def test_a_finished_export_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = save_set(tmp_path / "set.zarr")
    assert export_files(dataset, "stardist", tmp_path / "out").written == 5
    monkeypatch.setattr(Folder, "write", None)
    seen: list[tuple[int, int]] = []
    done = export_files(dataset, "stardist", tmp_path / "out", progress=lambda *numbers: seen.append(numbers))
    assert (done.written, done.samples, seen) == (0, 5, [(5, 5)])


def test_another_version_is_refused(tmp_path: Path) -> None:
    export_files(save_set(tmp_path / "set.zarr"), "tiff", tmp_path / "out")
    longer = save_set(tmp_path / "set.zarr", 7)
    with pytest.raises(StoreError, match="holds v1 of 'set' as tiff, not v2 of 'set' as tiff: choose another output"):
        export_files(longer, "tiff", tmp_path / "out")
    with pytest.raises(StoreError, match="holds v1 of 'set' as tiff, not v1 of 'set' as coco"):
        export_files(open_dataset(tmp_path / "set.zarr", "v1"), "coco", tmp_path / "out")
    with pytest.raises(StoreError, match=r"with split \[\], not \[0.5, 0.25, 0.25\]"):
        export_files(open_dataset(tmp_path / "set.zarr", "v1"), "tiff", tmp_path / "out", SPLIT)


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/mine.txt").write_text("precious")
    with pytest.raises(StoreError, match="is no export of cellsim: choose another output"):
        export_files(save_set(tmp_path / "set.zarr"), "tiff", tmp_path / "out")


def test_a_damaged_manifest_is_told(tmp_path: Path) -> None:
    dataset = save_set(tmp_path / "set.zarr")
    export_files(dataset, "tiff", tmp_path / "out")
    (tmp_path / "out" / NAME).write_text("{")
    with pytest.raises(StoreError, match="delete the folder and export again"):
        export_files(dataset, "tiff", tmp_path / "out")


def parts(dataset: Dataset) -> dict[str, str]:
    """The part of each file of an export."""
    out = Path(str(dataset.location)).with_suffix(f".{dataset.version.name}")
    export_files(dataset, "cellpose", out, SPLIT)
    return {path.name: path.parent.name for path in out.glob("*/*_img.tif")}


def test_extending_a_set_moves_no_sample(tmp_path: Path) -> None:
    few = parts(save_set(tmp_path / "set.zarr", 30))
    many = parts(save_set(tmp_path / "set.zarr", 60))
    assert len(set(few.values())) == 3
    assert few.items() <= many.items()
    assert len(many) == 60


def test_samples_of_one_field_stay_together(tmp_path: Path) -> None:
    dataset = save_set(tmp_path / "set.zarr", 30, parents=tuple("abcdefgh"))
    of_parent: dict[int, set[str]] = {}
    for name, part in parts(dataset).items():
        of_parent.setdefault(int(name[:6]) % 8, set()).add(part)
    assert all(len(found) == 1 for found in of_parent.values())
    assert len(set.union(*of_parent.values())) > 1


def test_more_real_images_move_no_field(tmp_path: Path) -> None:
    """Another ingestion of more images is another data set, and yet each field of view stays in its part."""

    def ingested(n: int) -> dict[str, str]:
        for i in range(n):
            noise = np.random.default_rng(i).integers(1, 250, (2, 16, 16))
            for kind, array in zip(("images", "masks"), noise.astype(np.uint8), strict=True):
                Folder(tmp_path / f"real{n}").write(f"{kind}/field{i}.tif", tiff_of(array))
        images, masks = tmp_path / f"real{n}/images", tmp_path / f"real{n}/masks"
        ingest(images, masks, tmp_path / f"{n}.zarr", options=IngestOptions(shape=(16, 16)))
        out = tmp_path / f"out{n}"
        export_files(open_dataset(tmp_path / f"{n}.zarr"), "cellpose", out, SPLIT)
        rows = [row.split(",") for row in (out / TABLE).read_text().splitlines()]
        return {row[rows[0].index("parent")]: row[1] for row in rows[1:]}

    few, many = ingested(8), ingested(12)
    assert few.items() <= many.items()
    assert len(set(few.values())) > 1


def tiff_of(array: np.ndarray[Any, Any]) -> bytes:
    from io import BytesIO

    from tifffile import imwrite

    written = BytesIO()
    imwrite(written, array)
    return written.getvalue()


def test_only_a_few_samples_are_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = save_set(tmp_path / "set.zarr", 70)
    asked: list[int] = []
    raw = Dataset.raw
    monkeypatch.setattr(Dataset, "raw", lambda self, indices, names: asked.append(len(indices)) or raw(self, indices))
    export_files(dataset, "stardist", tmp_path / "out")
    assert sum(asked) == 70
    assert max(asked) <= BLOCK


def test_images_can_be_float(tmp_path: Path) -> None:
    import tifffile

    dataset = save_set(tmp_path / "set.zarr", image="uint16")
    export_files(dataset, "cellpose", tmp_path / "out", ExportOptions(floats=True))
    image = tifffile.imread(tmp_path / "out/000003_img.tif")
    assert image.dtype == np.float32
    np.testing.assert_array_equal(image, dataset[3].image[0])  # type: ignore[index]
    with pytest.raises(InputError, match="yolo-seg holds images of 8 or 16 bits, not float32"):
        export_files(dataset, "yolo-seg", tmp_path / "yolo", ExportOptions(floats=True))


def test_a_set_of_labels_alone_is_refused_where_images_are_needed(tmp_path: Path) -> None:
    dataset = save_set(tmp_path / "set.zarr", channels=())
    with pytest.raises(InputError, match="coco needs images, 'set' has labels only: export it as tiff"):
        export_files(dataset, "coco", tmp_path / "out")
    export_files(dataset, "tiff", tmp_path / "out")
    assert (tmp_path / "out/labels-cells/000000.ome.tif").is_file()


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"split": (0.5, 0.4)}, "a split must be one to three shares >= 0 that add up to 1, .* got 0.5/0.4"),
        ({"structure": "golgi"}, r"has no structure 'golgi' \(structures: cells\)"),
        ({"workers": 0}, "workers must be >= 1, got 0"),
    ],
)
def test_an_option_that_is_not_allowed_is_told(options: dict[str, Any], reason: str, tmp_path: Path) -> None:
    dataset = save_set(tmp_path / "set.zarr")
    with pytest.raises(InputError, match=reason):
        export_files(dataset, "tiff", tmp_path / "out", ExportOptions(**options))


def test_an_unknown_format_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no format 'tif'.*cellpose, stardist"):
        export_files(save_set(tmp_path / "set.zarr"), "tif", tmp_path / "out")


def test_an_unfinished_export_is_not_imported(tmp_path: Path) -> None:
    export_files(save_set(tmp_path / "set.zarr"), "tiff", tmp_path / "out")
    manifest = tmp_path / "out" / NAME
    manifest.write_text(manifest.read_text().replace('"finished": true', '"finished": false'))
    with pytest.raises(InputError, match="the export is not finished"):
        import_dataset(tmp_path / "out", "tiff", tmp_path / "back.zarr")
    with pytest.raises(InputError, match="is an export as tiff, not as coco"):
        import_dataset(tmp_path / "out", "coco", tmp_path / "back.zarr")


def test_images_of_other_sizes_want_a_canvas(tmp_path: Path) -> None:
    for i, size in enumerate((16, 20)):
        labels = np.ones((size, 16), np.uint16)
        for name in (f"{i}_img.tif", f"{i}_masks.tif"):
            Folder(tmp_path / "foreign").write(name, tiff_of(labels))
    with pytest.raises(InputError, match=r"1_img.tif is 20 x 16 px, .*0_img.tif 16 x 16 px: say a canvas"):
        import_dataset(tmp_path / "foreign", "cellpose", tmp_path / "back.zarr")
    framing = Framing((16, 16), (0.5,))
    done = import_dataset(tmp_path / "foreign", "cellpose", tmp_path / "back.zarr", framing=framing)
    assert (done.images, done.tiles) == (2, 3)
    assert open_dataset(tmp_path / "back.zarr").spec.spacing == (0.5, 0.5)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_folder_of_another_format_is_told(kind: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="hold"):
        import_dataset(tmp_path / "empty", kind, tmp_path / "back.zarr")


@pytest.mark.parametrize("kind", ["webdataset", "tiff"])
def test_no_more_samples_are_read_at_once_than_fit(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = save_set(tmp_path / "set.zarr", 9)
    export_files(dataset, kind, tmp_path / "whole", ExportOptions(workers=1))
    asked: list[int] = []
    raw = Dataset.raw
    monkeypatch.setattr(Dataset, "raw", lambda self, indices, names: asked.append(len(indices)) or raw(self, indices))
    monkeypatch.setattr("cellsim.datasets.export.exporting.BLOCK_BYTES", 4 * 17 * 23 * 4)
    export_files(dataset, kind, tmp_path / "out", ExportOptions(workers=1))
    assert asked == [4, 4, 1]
    assert tree(tmp_path / "out") == tree(tmp_path / "whole")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"spacing": (1.0, 1.0)}, r"with spacing \[0.5, 0.2048\], not \[1.0, 1.0\]"),
        ({"channels": ("dapi",)}, r"with channels \['gray'\], not \['dapi'\]"),
    ],
)
def test_the_same_pixels_of_another_size_or_stain_are_refused(change: dict, said: str, tmp_path: Path) -> None:
    export_files(save_set(tmp_path / "a.zarr"), "tiff", tmp_path / "out")
    with pytest.raises(StoreError, match=said):
        export_files(save_set(tmp_path / "b.zarr", **change), "tiff", tmp_path / "out")


def test_an_export_as_coco_killed_in_a_list_of_objects_goes_on(tmp_path: Path) -> None:
    dataset = save_set(tmp_path / "set.zarr")
    export_files(dataset, "coco", tmp_path / "whole")
    export_files(dataset, "coco", tmp_path / "out")
    manifest = tmp_path / "out" / NAME
    manifest.write_text(manifest.read_text().replace('"finished": true', '"finished": false'))
    Folder(tmp_path / "out").write(f".annotations/.000002.json.999-1{TEMPORARY}", "[{")
    export_files(dataset, "coco", tmp_path / "out")
    assert tree(tmp_path / "out") == tree(tmp_path / "whole")


def mixture(folder: Path, **second: Any) -> Dataset:
    save_set(folder / "a.zarr", 2)
    save_set(folder / "b.zarr", 2, digest="e" * 64, **second)
    mix([folder / "a.zarr", folder / "b.zarr"], folder / "mix.zarr")
    return open_dataset(folder / "mix.zarr")


@pytest.mark.parametrize("kind", ["tiff", "ome-zarr", "webdataset"])
def test_sets_of_8_and_16_bits_that_were_mixed_have_one_white(kind: str, tmp_path: Path) -> None:
    dataset = mixture(tmp_path, image="uint16")
    assert {image.dtype for image in dataset.raw(range(4))["image"]} == {np.dtype("u1"), np.dtype("u2")}
    export_files(dataset, kind, tmp_path / "out")
    import_dataset(tmp_path / "out", kind, tmp_path / "back.zarr")
    for found, sample in zip(open_dataset(tmp_path / "back.zarr"), dataset, strict=True):
        np.testing.assert_array_equal(found.image, sample.image)  # type: ignore[arg-type]


def test_a_number_that_a_sample_lacks_is_left_out(tmp_path: Path) -> None:
    dataset = mixture(tmp_path, columns=("sharpness",))
    export_files(dataset, "huggingface", tmp_path / "out")
    rows = [json.loads(row) for row in (tmp_path / "out/train/metadata.jsonl").read_text().splitlines()]
    assert sorted((row["source"], row["sharpness"]) for row in rows) == [(0, None), (0, None), (1, 7), (1, 7)]
    table = list(csv.DictReader((tmp_path / "out" / TABLE).read_text().splitlines()))
    assert sorted((row["source"], row["sharpness"]) for row in table) == [("0", ""), ("0", ""), ("1", "7"), ("1", "7")]
