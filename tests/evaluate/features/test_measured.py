"""Features of whole sets: one pass, parents, what is measured already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import cellsim
from cellsim.datasets.ingest import IngestOptions
from cellsim.errors import InputError
from cellsim.evaluate.features.measured import BATCH, DEFAULT, measure
from cellsim.evaluate.features.texture import Texture
from cellsim.sample import Sample
from tests.evaluate.features.samples import many


class Counted(Sequence[Sample]):
    """Samples that count how often they are read."""

    def __init__(self, samples: list[Sample]) -> None:
        self.samples, self.reads = samples, [0] * len(samples)

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> Sample:  # type: ignore[override]
        self.reads[index] += 1
        return self.samples[index]


def test_all_features_are_taken_in_one_pass() -> None:
    samples, seen = Counted(many(BATCH + 3)), []
    found = measure(samples, progress=lambda done, of: seen.append((done, of)))
    assert [one.kind for one in found.vectors] == list(DEFAULT)
    assert {len(rows) for rows in found.vectors.values()} == {BATCH + 3}
    assert max(samples.reads[1:]) == 1
    assert seen == [(BATCH, BATCH + 3), (BATCH + 3, BATCH + 3)]
    np.testing.assert_array_equal(found.vectors[Texture()], Texture()(samples.samples))


def test_what_is_measured_is_not_measured_again() -> None:
    samples = Counted(many(4))
    first = measure(samples, ["texture"])
    before = list(samples.reads)
    again = measure(first, ["texture"])
    assert again.vectors[Texture()] is first.vectors[Texture()]
    assert samples.reads[1:] == before[1:]
    assert [one.kind for one in measure(first, ["morphology", "texture"]).vectors] == ["morphology", "texture"]


def test_without_images_their_features_are_left_out() -> None:
    found = measure([replace(sample, image=None) for sample in many(2)])
    assert [one.of for one in found.vectors] == ["masks", "masks"]


def test_an_ingested_set_remembers_its_parents(tmp_path: Path) -> None:
    for name in ("images", "masks"):
        (tmp_path / name).mkdir()
    for i, sample in enumerate(many(2, side=64)):
        assert sample.image is not None
        Image.fromarray((255 * sample.image[0]).astype(np.uint8)).save(tmp_path / "images" / f"{i}.png")
        Image.fromarray(sample.labels[0]).save(tmp_path / "masks" / f"{i}.png")
    options = IngestOptions(shape=(32, 32), overlap=0)
    cellsim.ingest(tmp_path / "images", tmp_path / "masks", tmp_path / "set.zarr", options=options)
    dataset = cellsim.open_dataset(tmp_path / "set.zarr")
    found = measure(dataset, ["morphology"])
    assert len(found) == len(dataset) > 4
    np.testing.assert_array_equal(found.parents, dataset.drawn["parent"])
    assert set(found.parents) == {0, 1}


def test_parents_may_be_given_and_are_kept() -> None:
    given = measure(many(3), ["morphology"], parents=[5, 5, 1])
    np.testing.assert_array_equal(measure(given, ["morphology"]).parents, [5, 5, 1])
    np.testing.assert_array_equal(measure(many(3), ()).parents, [0, 1, 2])
    with pytest.raises(InputError, match="3 numbers, one a sample"):
        measure(many(3), parents=[1, 2])


def test_no_samples_are_refused() -> None:
    with pytest.raises(InputError, match="got none"):
        measure([])
