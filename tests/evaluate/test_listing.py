"""Scores as rows, summaries and tables."""

from __future__ import annotations

import json

import numpy as np
import pytest

from cellsim.evaluate.counts import macro, pooled
from cellsim.evaluate.listing import listing, rows, summary
from cellsim.evaluate.scoring import score
from tests.evaluate.segmentations import pair

BOTH = [pair(seed) for seed in range(2)]
BLANK = np.zeros((8, 8), np.uint16)
SCORES = score([*(t for t, _ in BOTH), BLANK], [*(f for _, f in BOTH), BLANK], thresholds=[0.5, 0.75], distance=2.0)


def test_a_row_has_all_numbers_of_an_image() -> None:
    found = rows(SCORES)
    assert [row["image"] for row in found] == ["0", "1", "2"]
    first, image = found[0], SCORES.images[0]
    assert first["f1@0.75"] == image.instances[1].f1
    assert first["tp@0.5"] + first["fn@0.5"] == first["truth"] == image.truth
    assert first["dsb2018"] == image.dsb
    assert image.pixels is not None
    assert first["dice"] == image.pixels.dice
    assert {"aji", "panoptic_quality", "mean_iou@0.5", "average_precision@0.5", "f1_centres", "f1_regions"} <= set(
        first
    )
    assert found[2]["mean_distance_centres"] is None
    json.dumps(found, allow_nan=False)


def test_a_summary_has_means_over_images_and_all_objects_together() -> None:
    found = summary(SCORES)[0]
    assert (found["structure"], found["images"]) == ("objects", 3)
    assert found["truth"] == sum(image.truth for image in SCORES.images)
    half = found["iou"][0]
    assert half["threshold"] == 0.5
    assert half["macro"]["f1"] == pytest.approx(macro(SCORES.at(0.5), "f1"))
    assert half["pooled"]["f1"] == pytest.approx(pooled(SCORES.at(0.5)).f1)
    assert half["pooled"]["tp"] == sum(score.tp for score in SCORES.at(0.5))
    assert half["macro"]["f1"] != pytest.approx(half["pooled"]["f1"])
    assert found["dsb2018"] == pytest.approx(np.mean([image.dsb for image in SCORES.images]))
    json.dumps(found, allow_nan=False)


def test_an_empty_image_counts_as_is_said() -> None:
    one, zero, skip = (summary(SCORES, empty)[0] for empty in (1.0, 0.0, np.nan))
    for name in ("dsb2018", "aji", "panoptic_quality"):
        assert one[name] - zero[name] == pytest.approx(1 / 3)
        assert skip[name] == pytest.approx(1.5 * zero[name])
    assert one["iou"][0]["pooled"] == zero["iou"][0]["pooled"]
    blank = summary(score(BLANK, BLANK), np.nan)[0]
    assert blank["dsb2018"] is None
    assert blank["iou"][0]["macro"]["f1"] is None
    assert " - " in listing(score(BLANK, BLANK), np.nan)


def test_a_table_shows_every_threshold_and_score() -> None:
    text = listing(SCORES)
    head = summary(SCORES)[0]
    for words in ("IoU 0.5", "IoU 0.75", "pixels", "centres", "in regions", "DSB 2018", "PQ", "AJI", "3 images"):
        assert words in text
    assert f"{head['iou'][1]['macro']['f1']:.4f}" in text
    assert f"{head['aji']:.4f}" in text
