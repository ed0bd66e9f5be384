"""Hugging Face's library reads the folder, in a process where nothing hides it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import cellsim
from tests.consumers.conftest import PAGES, Follow
from tests.pages import blocks

SAVE = """
import json
for part, rows in cells.items():
    for row in rows:
        np.save(f"{row['name']}.npy", np.stack([np.asarray(row["image"]), np.asarray(row["labels"])]).astype(int))
counts = {part: len(rows) for part, rows in cells.items()}
print(json.dumps([counts, list(batch["image"].shape), list(crowded["objects"])]))
"""


def test_load_dataset_reads_the_folder(follow: Follow) -> None:
    pytest.importorskip("pyarrow")
    follow("huggingface", without="")  # commands only: the rest is for a process of its own
    program = "\n".join(text for language, text in blocks(PAGES / "huggingface.md") if language == "python") + SAVE
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(Path("home").resolve())}
    environment.pop("PYTHONPATH", None)
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    counts, shape, crowded = json.loads(done.stdout.splitlines()[-1])
    assert sum(counts.values()) == 16
    assert counts.keys() == {"train", "validation"}
    assert shape == [4, 1, 96, 96]
    dataset = cellsim.open_dataset("cells.zarr")
    for i, raw in enumerate(dataset.raw(range(16))["image"]):
        image, labels = np.load(f"{i:06d}.npy")
        np.testing.assert_array_equal(image, raw[0])
        np.testing.assert_array_equal(labels, dataset[i].labels[0])
    assert crowded == sorted(crowded, reverse=True)
    assert set(crowded) <= set(dataset.drawn["objects"])
