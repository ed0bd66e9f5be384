"""Masks as images of bytes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from cellsim.masks.encodings import ENCODINGS, SMALLEST, Encoding
from cellsim.masks.flows import encode_flows
from cellsim.sample import Labels
from tests.masks.test_flows import TOUCHING, best_overlaps, cells, disks

APART = disks((12, 14, 9), (12, 44, 8), (36, 20, 9), (34, 54, 9))
OF_FLOWS = ("flows", "flows-program", "gradient-vector-flow")
every_encoding = pytest.mark.parametrize("encoding", ENCODINGS.values(), ids=list(ENCODINGS))


def noisy(image: np.ndarray, sigma: float, seed: int = 0) -> np.ndarray:
    """Add what a generator gets wrong, as normal noise."""
    wrong = np.random.default_rng(seed).normal(0, sigma, image.shape)
    return np.clip(np.rint(image + wrong), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("name", ENCODINGS)
def test_objects_that_do_not_touch_come_back(name: str) -> None:
    encoding = ENCODINGS[name]
    image = encoding.encode(APART)
    assert (encoding.name, image.shape, image.dtype) == (name, (encoding.channels, *APART.shape), np.uint8)
    decoded = encoding.read(image)
    assert (decoded.labels.dtype, decoded.labels.max(), decoded.converged) == (np.uint16, 4, 1)
    np.testing.assert_array_equal(best_overlaps(APART, decoded.labels), 1)
    np.testing.assert_array_equal(encoding.decode(image), decoded.labels)


@pytest.mark.parametrize("name", OF_FLOWS[:2])
@given(labels=cells())
def test_cells_that_tile_the_plane_come_back(name: str, labels: Labels) -> None:
    found = ENCODINGS[name].decode(ENCODINGS[name].encode(labels))
    assert found.max() == labels.max()
    assert best_overlaps(labels, found).min(initial=1) > 0.95


@pytest.mark.parametrize(("name", "low", "high"), [("flows", 0, 255), ("flows-program", 51, 204)])
def test_flows_are_quantised_as_in_the_paper_or_its_program(name: str, low: int, high: int) -> None:
    image = ENCODINGS[name].encode(TOUCHING)
    flow, _ = encode_flows(TOUCHING)
    assert set(np.unique(image[0])) == {0, 255}
    assert (image[1:].min(), image[1:].max()) == (low, high)
    np.testing.assert_allclose(image[1:], 127.5 + flow * (high - low) / 2, atol=0.51)


def test_the_program_wants_a_greater_probability() -> None:
    paper, program = (ENCODINGS[name] for name in OF_FLOWS[:2])
    for encoding, least in ((paper, 128), (program, 221)):
        image = encoding.encode(APART)
        image[0, APART == 1] = least
        image[0, APART == 2] = least - 1
        assert encoding.decode(image).max() == 3


@pytest.mark.parametrize(("name", "sigma"), [("flows", 40), ("gradient-vector-flow", 30), ("flows-program", 10)])
def test_flows_bear_noise(name: str, sigma: float) -> None:
    decoded = ENCODINGS[name].read(noisy(ENCODINGS[name].encode(TOUCHING), sigma))
    assert decoded.labels.max() == 4
    assert best_overlaps(TOUCHING, decoded.labels).min() > 0.85
    assert decoded.converged > 0.95


def test_naive_encodings_fail_as_the_paper_says() -> None:
    binary, labels = ENCODINGS["binary"], ENCODINGS["labels"]
    assert binary.decode(binary.encode(TOUCHING)).max() < 4  # touching objects are one
    shades = labels.read(noisy(labels.encode(TOUCHING), 3))
    assert best_overlaps(TOUCHING, shades.labels).max() < 0.5  # uneven shades cannot be told apart
    assert shades.converged < 0.5


def test_a_malformed_image_does_not_converge() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (3, 64, 64)).astype(np.uint8)
    assert ENCODINGS["flows"].read(noise).converged < 0.8
    assert ENCODINGS["flows"].read(np.zeros_like(noise)).converged == 1


@every_encoding
def test_specks_are_dropped(encoding: Encoding) -> None:
    speck = np.zeros((30, 30), np.uint16)
    speck[10, 5 : 5 + SMALLEST - 1] = 1
    assert encoding.decode(encoding.encode(speck)).max() == 0


@every_encoding
def test_an_empty_mask_stays_empty(encoding: Encoding) -> None:
    empty = np.zeros((16, 20), np.uint16)
    decoded = encoding.read(encoding.encode(empty))
    assert (decoded.labels.shape, decoded.labels.max(), decoded.converged) == ((16, 20), 0, 1)


@every_encoding
def test_an_image_of_other_channels_is_refused(encoding: Encoding) -> None:
    with pytest.raises(ValueError, match=rf"takes images \({encoding.channels}, Y, X\), got \(2, 8, 8\)"):
        encoding.decode(np.zeros((2, 8, 8), np.uint8))


def test_labels_of_many_objects_are_refused() -> None:
    with pytest.raises(ValueError, match="at most 255 objects, got id 256"):
        ENCODINGS["labels"].encode(np.array([[256, 1]]))
