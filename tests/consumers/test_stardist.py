"""StarDist reads the folder, and its polygons hold the objects; with TensorFlow beside it, it trains."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import venv
from pathlib import Path

import numpy as np
import pytest

import cellsim
from tests.consumers.conftest import PAGES, Follow
from tests.pages import blocks, run_command

TRAINS = "stardist.models"  # marks the part of the page that needs TensorFlow


@pytest.mark.filterwarnings("ignore")
def test_polygons_of_stardist_hold_the_objects(follow: Follow) -> None:
    pytest.importorskip("stardist")
    names = follow("stardist", without=TRAINS)
    dataset = cellsim.open_dataset("cells.zarr")
    known = {path.stem: int(path.stem) for path in Path("for-stardist").glob("*/masks/*.tif")}
    assert sorted(known.values()) == list(range(16))
    train = sorted(Path("for-stardist/train/masks").glob("*.tif"))
    for path, image, mask in zip(train, names["images"], names["masks"], strict=True):
        np.testing.assert_array_equal(image, dataset.raw([int(path.stem)])["image"][0][0])
        np.testing.assert_array_equal(mask, dataset[int(path.stem)].labels[0])
    theirs = np.moveaxis(names["star_dist"](names["masks"][0], n_rays=32), -1, 0)
    difference = np.abs(dataset.torch(fields=["stardist"])[int(train[0].stem)]["stardist"][0].numpy() - theirs)
    assert np.mean(difference[:, names["masks"][0] > 0] > 1) < 0.05
    assert names["best"].f1 > 0.9
    assert names["best"].mean_matched_score > 0.8


@pytest.mark.slow
def test_stardist_trains_with_tensorflow_in_an_environment_of_its_own(cells: Path, tmp_path: Path) -> None:
    where = os.environ.get("CELLSIM_STARDIST_PYTHON")  # of an environment that is there
    if where is None:
        venv.create(tmp_path / "venv", with_pip=True)
        where = str(tmp_path / "venv/bin/python")
        packages = ["tensorflow-cpu==2.21.0", "stardist>=0.9.2"]
        install = [where, "-m", "pip", "install", "--quiet", *packages]
        done = subprocess.run(install, env={**os.environ, "PIP_CONSTRAINT": ""}, capture_output=True, check=False)
        if done.returncode != 0:
            pytest.skip(f"TensorFlow cannot be installed: {done.stderr[-300:]!r}")
    run_command(f"cellsim export {cells} --format stardist -o {tmp_path / 'for-stardist'} --split 0.8/0.2")
    text = "\n".join(text for language, text in blocks(PAGES / "stardist.md") if language == "python")
    assert TRAINS in text
    small = re.sub(r"(epochs|steps_per_epoch)=\d+", r"\1=2", text)
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [where, "-c", small], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert 0 <= float(done.stdout.split()[-1]) <= 1
    assert list((tmp_path / "models/cells").glob("weights_best*"))
    assert sys.executable != where
