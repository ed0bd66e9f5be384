"""`cellsim.score`: data sets, folders and arrays; structures, planes, points."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from zarr.storage import MemoryStore

import cellsim
from cellsim.datasets import writer
from cellsim.datasets.layout import Spec
from cellsim.datasets.reader import Dataset
from cellsim.datasets.versions import seal
from cellsim.errors import InputError, StoreError
from cellsim.evaluate.instances import DSB, dsb2018, instance_scores
from cellsim.evaluate.match import overlaps
from cellsim.evaluate.overlap import aggregated_jaccard, pixel_scores
from cellsim.evaluate.scoring import score
from cellsim.sample import Sample
from tests.evaluate.segmentations import pair


def test_the_scores_of_arrays_are_those_of_the_functions() -> None:
    both = [pair(seed) for seed in range(3)]
    scores = score([one for one, _ in both], [other for _, other in both], distance=4.0)
    assert scores.structures == ("objects",)
    for image, (truth, found) in zip(scores.images, both, strict=True):
        shared = overlaps(truth, found)
        assert (image.truth, image.found) == (truth.max(), found.max())
        assert image.instances == instance_scores(shared, DSB)
        assert image.panoptic == instance_scores(shared, [0.5])[0]
        assert image.dsb == dsb2018(shared)
        assert image.jaccard == aggregated_jaccard(shared)
        assert image.pixels == pixel_scores(truth, found)
        assert image.centres is not None
        assert image.regions is not None
        assert 0 < image.centres.tp <= image.truth
    assert scores.at(0.55) == [image.instances[1] for image in scores.images]
    with pytest.raises(InputError, match=r"one of 0.5, .* got 0.51"):
        scores.at(0.51)


def test_one_array_is_one_image_in_two_dimensions_and_in_three() -> None:
    for shape in ((64, 64), (16, 24, 24)):
        truth, found = pair(0, shape)
        assert len(score(truth, found).images) == 1
        assert score(truth, truth).images[0].dsb == 1
        assert score(truth, found).images[0].centres is None


def test_a_data_set_scores_1_against_itself(nuclei: Path) -> None:
    seen: list[tuple[int, int]] = []
    scores = score(nuclei, cellsim.open_dataset(nuclei), distance=0.0, progress=lambda *done: seen.append(done))
    assert [image.dsb for image in scores.images] == [1] * 4
    assert [image.jaccard for image in scores.images] == [1] * 4
    assert all(image.centres is not None and image.centres.f1 == 1 for image in scores.images)
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]


def layered() -> Dataset:
    """Two samples: nuclei that overlap, in two layers and as they are seen, and Golgi in one plane."""
    planes = np.zeros((2, 4, 16, 40), np.uint16)
    planes[:, 0, 2:10, 2:12], planes[:, 1, 2:10, 8:20], planes[:, 0, 12:15, 30:38] = 1, 2, 3
    planes[:, 2] = np.where(planes[:, 0] > 0, planes[:, 0], planes[:, 1])
    planes[:, 3, 4:6, 4:6] = 1
    names, store = ("nuclei-1", "nuclei-2", "nuclei-visible", "golgi"), MemoryStore()
    group = writer.create(store, Spec("layered", "d" * 64, (16, 40), (2.0, 2.0), names, ()), 2)
    samples = [Sample(labels, (2.0, 2.0), structures=names) for labels in planes]
    writer.write(group, store, 0, samples, [{}, {}])
    seal(store, group, 2)
    return Dataset(store)


def test_every_structure_is_scored_and_overlapping_objects_whole() -> None:
    dataset = layered()
    same = score(dataset, dataset, thresholds=[1.0])
    assert same.structures == ("nuclei", "golgi")
    assert [image.truth for image in same.images] == [3, 1, 3, 1]
    assert all(image.instances[0].f1 == image.jaccard == 1 for image in same.of("golgi").images)
    nuclei = same.of("nuclei").images[0]
    assert nuclei.instances[0].f1 == 1
    assert nuclei.pixels is not None
    assert nuclei.pixels.tp == 8 * 18 + 24  # the class, each pixel once


def test_what_is_seen_is_scored_if_it_is_asked_for() -> None:
    dataset = layered()
    seen = [sample.planes("nuclei-visible")[0] for sample in dataset]
    hidden = score(dataset, seen, structure="nuclei", thresholds=[0.6, 0.7]).images[0]
    assert [one.tp for one in hidden.instances] == [3, 2]  # 2 shows 8 of its 12 columns
    whole = score(dataset, seen, structure="nuclei-visible", thresholds=[1.0])
    assert all(image.instances[0].f1 == 1 for image in whole.images)
    with pytest.raises(InputError, match=r"say which structure to score: .* has nuclei, nuclei-visible, golgi"):
        score(dataset, seen)


def test_centres_of_overlapping_objects_are_those_of_whole_ones() -> None:
    image = score(layered(), layered(), structure="nuclei", distance=0.0).images[0]
    assert image.centres is not None
    assert image.regions is not None
    assert (image.centres.tp, image.regions.tp) == (3, 3)


def test_points_are_scored_against_regions_and_within_a_distance(tmp_path: Path) -> None:
    (tmp_path / "points").mkdir()
    (tmp_path / "found").mkdir()
    labels = np.zeros((20, 30), np.uint8)
    labels[2:8, 2:8], labels[12:18, 12:18] = 1, 2
    for name in ("a", "b"):
        (tmp_path / f"points/{name}.csv").write_text("row,column\n4,4\n4.5,9.2\n")
        Image.fromarray(labels).save(tmp_path / f"found/{name}.png")
    (tmp_path / "points/b.csv").write_text("")
    scores = score(tmp_path / "points", tmp_path / "found")
    first, second = (image.regions for image in scores.images)
    assert first is not None
    assert second is not None
    assert (first.tp, first.fp, first.fn) == (1, 1, 1)
    assert (second.tp, second.fp, second.fn) == (0, 2, 0)
    assert scores.images[0].instances == ()
    assert np.isnan(scores.images[0].dsb)
    assert scores.at(0.5) == []
    near = score(tmp_path / "points", tmp_path / "found", distance=9.0).images[0].regions
    assert near is not None
    assert near.tp == 2  # the second point is 2.2 from region 1, which the first takes, and 8 from region 2
    with pytest.raises(InputError, match="holds no annotation"):
        score(tmp_path / "found", tmp_path / "points")
    with pytest.raises(InputError, match="image 'a': points of 2 axes cannot lie in an image of 3"):
        score(tmp_path / "points/a.csv", np.zeros((3, 4, 5), int))


def test_what_does_not_fit_is_refused_with_its_name(tmp_path: Path) -> None:
    truth, found = np.ones((4, 4), np.uint16), np.ones((4, 5), np.uint16)
    with pytest.raises(InputError, match=r"image '1': truth and found must have the same shape"):
        score([truth, truth], [truth, found])
    with pytest.raises(InputError, match="image '0': labels must be integers >= 0, got found of float64"):
        score(truth, truth.astype(float))
    with pytest.raises(InputError, match="threshold of IoU must be > 0 and at most 1, got 2"):
        score(truth, truth, thresholds=[0.5, 2])
    with pytest.raises(StoreError, match="no data set at"):
        score(tmp_path / "none", truth)


def test_a_distance_is_in_micrometres_of_the_data_set() -> None:
    dataset = layered()  # 2 µm a pixel
    shifted = [np.roll(sample.planes("golgi")[0], 2, axis=1) for sample in dataset]
    for distance, hits in ((3.9, 0), (4.1, 1)):
        for image in score(dataset, shifted, structure="golgi", distance=distance).images:
            assert image.centres is not None
            assert image.centres.tp == hits
    arrays = score(dataset[0].planes("golgi")[0], shifted[0], distance=2.0).images[0]
    assert arrays.centres is not None
    assert arrays.centres.tp == 1  # pixels
