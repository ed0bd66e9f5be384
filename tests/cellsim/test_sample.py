"""Canvas and sample: checked values."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from cellsim.sample import Canvas, Sample

LABELS = np.array([[[0, 1], [2, 0]], [[0, 1], [0, 0]]], np.uint16)


def test_a_canvas_knows_its_size() -> None:
    canvas = Canvas(shape=(10, 20, 30), spacing=(2.0, 0.5, 0.25))
    assert canvas.ndim == 3
    assert canvas.size == (20.0, 10.0, 7.5)
    assert canvas.pixels == 6000


@pytest.mark.parametrize(
    ("shape", "spacing"),
    [
        ((4,), (1.0,)),
        ((4, 4, 4, 4), (1.0,) * 4),
        ((4, 0), (1.0, 1.0)),
        ((4, 4), (1.0, 0.0)),
        ((4, 4), (1.0, -1.0)),
        ((4, 4), (1.0, float("inf"))),
        ((4, 4), (1.0, float("nan"))),
        ((4, 4), (1.0, 1.0, 1.0)),
    ],
)
def test_an_impossible_canvas_is_refused(shape: Any, spacing: Any) -> None:
    with pytest.raises(ValidationError):
        Canvas(shape=shape, spacing=spacing)


def test_a_canvas_is_frozen_and_forbids_other_fields() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Canvas(shape=(1, 1), spacing=(1.0, 1.0)).shape = (2, 2)
    with pytest.raises(ValidationError, match="not permitted"):
        Canvas(shape=(1, 1), spacing=(1.0, 1.0), origin=0)  # type: ignore[call-arg]


def test_a_sample_counts_objects_and_cover() -> None:
    sample = Sample(LABELS, (1.0, 0.5))
    assert sample.shape == (2, 2)
    assert sample.canvas == Canvas(shape=(2, 2), spacing=(1.0, 0.5))
    assert sample.count == 2
    assert sample.cover == 0.5
    assert Sample(LABELS[:1], (1.0, 1.0)).cover == 0.5
    assert Sample(np.zeros((1, 3, 3), np.uint16), (1.0, 1.0)).count == 0


def test_another_image_shares_all_else() -> None:
    sample = Sample(LABELS, (1.0, 1.0), objects={"seed": np.zeros((2, 2), np.float32)})
    image = np.ones((3, 2, 2), np.float32)
    seen = sample.with_image(image)
    assert seen.image is image
    assert sample.image is None
    assert seen.labels is sample.labels
    assert seen.objects is sample.objects


@pytest.mark.parametrize("labels", [LABELS.astype(np.int32), LABELS[0], LABELS[np.newaxis]])
def test_labels_of_another_kind_are_refused(labels: Any) -> None:
    with pytest.raises(ValueError, match="labels must be uint16 with a structure axis and 2 spatial axes, got"):
        Sample(labels, (1.0, 1.0))


@pytest.mark.parametrize("image", [np.zeros((1, 2, 2)), np.zeros((1, 2, 3), np.float32), np.zeros((2, 2), np.float32)])
def test_images_of_another_kind_are_refused(image: Any) -> None:
    with pytest.raises(ValueError, match=r"image must be float32 of shape \(C, 2, 2\), got"):
        Sample(LABELS, (1.0, 1.0), image)


@pytest.mark.parametrize("rows", [np.zeros((2, 2)), np.zeros(2, np.float32)])
def test_records_of_another_kind_are_refused(rows: Any) -> None:
    with pytest.raises(ValueError, match=r"record 'seed' must be \(N, K\) float32, got"):
        Sample(LABELS, (1.0, 1.0), objects={"seed": rows})


def test_a_sample_pickles() -> None:
    sample = Sample(LABELS, (1.0, 1.0), np.ones((1, 2, 2), np.float32))
    again = pickle.loads(pickle.dumps(sample))
    np.testing.assert_array_equal(again.labels, sample.labels)
    np.testing.assert_array_equal(again.image, sample.image)


def test_planes_are_selected_by_the_name_of_their_structure() -> None:
    names = ("cytoplasm-1", "cytoplasm-2", "nuclei-1", "nuclei-2", "cytoplasm-visible", "nuclei-visible")
    labels = np.arange(6, dtype=np.uint16)[:, np.newaxis, np.newaxis] * np.ones((1, 3, 4), np.uint16)
    sample = Sample(labels, (1.0, 1.0), structures=names)
    assert sample.planes("nuclei")[:, 0, 0].tolist() == [2, 3]
    assert np.shares_memory(sample.planes("nuclei"), labels)
    assert sample.planes()[:, 0, 0].tolist() == [0, 1, 2, 3]
    assert sample.planes("nuclei-visible")[:, 0, 0].tolist() == [5]
    mixed = Sample(labels, (1.0, 1.0), structures=("a-1", "b", "a-2", "a3", "c-1x", "d"))
    assert mixed.planes("a")[:, 0, 0].tolist() == [0, 2]
    assert mixed.planes("a3")[:, 0, 0].tolist() == [3]
    with pytest.raises(ValueError, match=r"no label plane of the structure 'golgi' \(structures: cytoplasm, nuclei, "):
        sample.planes("golgi")


def test_planes_without_names_are_all_there_is() -> None:
    sample = Sample(np.zeros((2, 3, 4), np.uint16), (1.0, 1.0))
    assert sample.planes().shape == (2, 3, 4)
    with pytest.raises(
        ValueError, match=r"no label plane of the structure 'nuclei' \(structures: they have no names\)"
    ):
        sample.planes("nuclei")
    with pytest.raises(ValueError, match="2 label planes cannot have the names cells"):
        Sample(np.zeros((2, 3, 4), np.uint16), (1.0, 1.0), structures=("cells",))
