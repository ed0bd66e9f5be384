"""Precision and recall: what falls when modes are dropped, and what when they are added."""

from __future__ import annotations

import numpy as np
import pytest

from cellsim.errors import InputError
from cellsim.evaluate.manifold import precision_recall

RNG = np.random.default_rng(3)
CENTRES = np.array([[0.0, 0], [20, 0], [0, 20], [20, 20]])


def modes(which: list[int], each: int = 60) -> np.ndarray:
    return np.concatenate([CENTRES[i] + RNG.standard_normal((each, 2)) for i in which])


def test_a_set_has_all_of_itself() -> None:
    x = modes([0, 1])
    assert precision_recall(x, x) == (1.0, 1.0)


def test_recall_falls_when_modes_are_dropped() -> None:
    precision, recall = precision_recall(modes([0, 1, 2, 3]), modes([0]))
    assert precision > 0.85
    assert recall == pytest.approx(0.25, abs=0.04)


def test_precision_falls_when_modes_are_added() -> None:
    precision, recall = precision_recall(modes([0, 1]), modes([0, 1, 2, 3]))
    assert precision == pytest.approx(0.5, abs=0.06)
    assert recall > 0.85


def test_balls_reach_to_the_neighbour_of_the_given_order() -> None:
    real, synthetic = np.array([[0.0], [1], [3]]), np.array([[-1.5], [5.5], [2.0]])
    assert precision_recall(real, synthetic, 1)[0] == pytest.approx(1 / 3)  # balls of 1, 1 and 2
    assert precision_recall(real, synthetic, 2)[0] == pytest.approx(3 / 3)  # of 3, 2 and 3


def test_it_agrees_with_a_plain_loop() -> None:
    x, y = RNG.standard_normal((40, 3)), RNG.standard_normal((50, 3)) * 1.5

    def share(points: np.ndarray, of: np.ndarray) -> float:
        radius = [sorted(np.linalg.norm(of - member, axis=1))[3] for member in of]
        return float(
            np.mean([any(np.linalg.norm(p - m) <= r for m, r in zip(of, radius, strict=True)) for p in points])
        )

    assert precision_recall(x, y) == pytest.approx((share(y, x), share(x, y)))


def test_too_few_samples_for_neighbours_are_refused() -> None:
    with pytest.raises(InputError, match="from 1 to 2, got 3"):
        precision_recall(np.ones((3, 1)), np.ones((9, 1)))
