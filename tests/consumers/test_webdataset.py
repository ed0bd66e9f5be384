"""WebDataset reads the tar files."""

from __future__ import annotations

import numpy as np
import pytest

import cellsim
from tests.consumers.conftest import Follow


@pytest.mark.filterwarnings("ignore")
def test_webdataset_reads_the_shards(follow: Follow) -> None:
    pytest.importorskip("webdataset")
    names = follow("webdataset")
    dataset = cellsim.open_dataset("cells.zarr")
    known = {sample.labels.tobytes(): sample for sample in dataset}
    rows = list(names["samples"])
    assert names["seen"] == len(rows)
    assert 8 <= len(rows) < 16
    for image, labels, objects in rows:
        sample = known.pop(labels.numpy().astype(np.uint16).tobytes())
        assert sample.image is not None
        np.testing.assert_allclose(image.numpy(), sample.image, atol=1e-6)
        assert objects == sample.count
