"""Augmentation: what happens, how often, and that it does not leak."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from cellsim.generators.stylegan import augment
from cellsim.generators.stylegan.augment import Augmentation, draw_colour, draw_geometry, recolour
from tests.generators.stylegan.fields import encode, scene

PAIRS = ((1, 2),)


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def test_nothing_happens_with_probability_zero() -> None:
    images = torch.randn(4, 3, 8, 8)
    for pipeline in ("none", "b", "bg", "bgc"):
        assert Augmentation(pipeline)(images, 0.0) is images
    assert Augmentation("none")(images, 1.0) is images
    geometry, colour = draw_geometry(images, 0.0, True), draw_colour(images, 0.0)
    assert torch.equal(geometry, torch.eye(3).expand(4, 3, 3))
    torch.testing.assert_close(colour, torch.eye(4).expand(4, 4, 4))


def test_flips_and_quarter_turns_of_flows_are_those_of_the_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(augment, "SHIFT", 0.0)
    labels = scene()
    expected = torch.cat(
        [encode(np.rot90(one, quarters)) for one in (labels, np.fliplr(labels)) for quarters in range(4)]
    )
    found = Augmentation("b", PAIRS)(encode(labels).expand(100, -1, -1, -1), 0.9)
    errors = (found[:, None] - expected[None]).abs().amax((2, 3, 4))
    assert float(errors.amin(1).max()) < 1e-5
    assert set(errors.argmin(1).tolist()) == set(range(8))


def test_pixels_are_copied_by_blits() -> None:
    image = torch.randn(1, 1, 16, 16)
    found = Augmentation("b")(image.expand(50, -1, -1, -1), 0.9)
    assert set(found.flatten().tolist()) <= set(image.flatten().tolist())


def test_vectors_stay_unit_vectors_under_all_of_geometry() -> None:
    y, x = torch.meshgrid(torch.arange(64.0) - 31.5, torch.arange(64.0) - 31.5, indexing="ij")
    length = torch.hypot(y, x)
    image = torch.stack([torch.ones_like(y), -y / length, -x / length])[None]
    found = Augmentation("bg", PAIRS)(image.expand(40, -1, -1, -1), 0.8)
    norms = found[:, 1:].norm(dim=1).flatten(1)
    assert float(norms.max()) < 1.01
    assert float((norms > 0.98).float().mean()) > 0.9  # all but the seams and the middle


def area(matrices: torch.Tensor) -> torch.Tensor:
    return matrices[:, 0, 0] * matrices[:, 1, 1] - matrices[:, 0, 1] * matrices[:, 1, 0]


def test_transformations_happen_as_often_as_asked() -> None:
    images, p = torch.zeros(1, 1, 128, 128).expand(8000, -1, -1, -1), 0.3
    blits = draw_geometry(images, p, fractional=False)
    swapped, mirrored = blits[:, 0, 0] == 0, area(blits) < 0
    for happened, share in [(swapped, p / 2), (mirrored, p / 2), (blits[:, 0, 2] != 0, p * 32 / 33)]:
        assert float(happened.float().mean()) == pytest.approx(share, abs=0.025)
    every = draw_geometry(images, p, fractional=True)
    size = area(every).abs()
    assert float(((size - 1).abs() > 1e-5).float().mean()) == pytest.approx(p, abs=0.025)
    assert float((size.log2() / 2).std()) == pytest.approx(0.2 * p**0.5, rel=0.08)
    straight = every[:, 0, :2].abs().amin(1) < 1e-6
    assert float((~straight).float().mean()) == pytest.approx(p, abs=0.025)  # one of two turns
    draw = draw_geometry(images, 1.0, fractional=True)
    assert float((draw[:, 0, 1].abs() < 1e-6).float().mean()) < 0.01


def orientations() -> torch.Tensor:
    """The eight versions of an image that has no symmetry."""
    image = encode(scene(8))[:, :1]
    return torch.cat([torch.rot90(one, i, (2, 3)) for one in (image, image.flip(3)) for i in range(4)])


def shares(found: torch.Tensor) -> np.ndarray:
    """How often each version is found."""
    which = (found[:, None] - orientations()).abs().sum((2, 3, 4)).argmin(1)
    return np.bincount(which.numpy(), minlength=8) / len(found)


def mixing(p: float) -> np.ndarray:
    """Chance of each version to become each other, by the probability p alone: a flip, then a quarter turn."""
    versions = orientations()
    flip, turn = (
        np.stack([shares(moved[None]) for moved in move], 1)
        for move in (versions.flip(3), torch.rot90(versions, 1, (2, 3)))
    )
    turns = sum(np.linalg.matrix_power(turn, i) for i in range(4)) / 4
    return ((1 - p) * np.eye(8) + p * turns) @ ((1 - p / 2) * np.eye(8) + p / 2 * flip)


@pytest.mark.parametrize("p", [0.2, 0.4])
def test_the_augmented_distribution_tells_the_original(p: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(augment, "SHIFT", 0.0)
    original = np.array([0.4, 0.25, 0.15, 0.1, 0.05, 0.03, 0.02, 0.0])
    counts = (original * 10_000).round().astype(int)
    real = orientations().repeat_interleave(torch.from_numpy(counts), 0)
    augmented = shares(Augmentation("b")(real, p))
    np.testing.assert_allclose(augmented, mixing(p) @ original, atol=0.02)
    np.testing.assert_allclose(np.linalg.solve(mixing(p), augmented), original, atol=0.05)
    assert np.abs(augmented - original).max() > 0.05


def test_two_originals_have_two_augmented_distributions_unless_everything_is_augmented() -> None:
    for p in (0.3, 0.6, 0.8, 0.9):
        assert np.linalg.svd(mixing(p), compute_uv=False).min() >= (1 - p) ** 2 - 1e-9
    assert np.linalg.matrix_rank(mixing(1.0), 1e-9) == 1


@pytest.mark.parametrize("channels", [1, 3])
def test_colours_change_as_often_and_as_much_as_asked(channels: int) -> None:
    images, p = torch.zeros(8000, channels, 1, 1), 0.4
    drawn = draw_colour(images, p)
    same = (drawn - torch.eye(4)).abs().amax((1, 2)) < 1e-5
    parts = 5 if channels == 3 else 3  # of the flip, half the draws change nothing
    expected = (1 - p) ** (parts - 1) * (1 - p / 2)
    assert float(same.float().mean()) == pytest.approx(expected, abs=0.025)
    middle = drawn[:, :3, 3].mean(1)
    assert float((middle.abs() > 1e-6).float().mean()) == pytest.approx(p, abs=0.025)


def test_hue_and_saturation_keep_the_luma(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BRIGHTNESS", "CONTRAST"):
        monkeypatch.setattr(augment, name, 0.0)
    images = torch.randn(50, 3, 4, 4)
    found = recolour(images, draw_colour(images, 1.0))
    luma, before = found.mean(1).abs(), images.mean(1).abs()  # but for the flip of the sign
    torch.testing.assert_close(luma, before, atol=1e-5, rtol=1e-4)
    assert not torch.allclose(found, images)


def test_grey_images_get_other_grey_levels() -> None:
    images = torch.linspace(-1, 1, 16).reshape(1, 1, 4, 4).expand(20, -1, -1, -1)
    colours = draw_colour(images, 1.0)
    found = recolour(images, colours)
    slopes = (found[:, 0, 3, 3] - found[:, 0, 0, 0]) / 2
    torch.testing.assert_close(found[:, 0], slopes[:, None, None] * images[:, 0] + colours[:, 0, 3, None, None])
    assert bool((slopes < 0).any())
    assert bool((slopes > 0).any())


def test_flows_and_five_channels_have_no_colours() -> None:
    with pytest.raises(ValueError, match="without vectors, got vectors; use bg"):
        Augmentation("bgc", PAIRS)(torch.zeros(1, 3, 8, 8), 0.5)
    with pytest.raises(ValueError, match="got 5 channels"):
        Augmentation("bgc")(torch.zeros(1, 5, 8, 8), 0.5)


def test_chance_comes_from_the_generator_of_torch() -> None:
    images = torch.randn(8, 3, 16, 16)
    found = []
    for _ in range(2):
        torch.manual_seed(3)
        found.append(Augmentation("bgc")(images, 0.7))
    assert torch.equal(*found)
    assert all(not torch.equal(a, b) for a, b in itertools.pairwise([found[0], Augmentation("bgc")(images, 0.7)]))
