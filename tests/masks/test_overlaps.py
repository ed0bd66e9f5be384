"""Objects laid on a canvas: nothing is lost or doubled, no overlap is too large, contacts are where they should be."""

from __future__ import annotations

import math
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import ndimage

from cellsim.generators.base import Placement
from cellsim.generators.shapes.ellipsoid import Ellipsoid
from cellsim.masks.crops import Crops
from cellsim.masks.overlaps import APART, Rules, settle
from cellsim.masks.planes import arrange
from cellsim.sample import MAX_OBJECTS, Canvas
from tests.contracts import ids_without_holes, in_one_piece

CANVASES = {2: Canvas(shape=(24, 30), spacing=(1.0, 0.8)), 3: Canvas(shape=(10, 12, 11), spacing=(1.2, 1.0, 0.8))}
dimensions = st.sampled_from([2, 3])
seeds = st.integers(0, 9999)


def objects(seed: int, ndim: int, n: int = 12) -> tuple[Crops, NDArray[np.float64]]:
    """Ellipsoids of all sizes on a canvas and about it."""
    rng = np.random.default_rng(seed)
    centres = (1.4 * rng.random((n, ndim)) - 0.2) * CANVASES[ndim].size
    placement = Placement(centres, rng.uniform(0.5, 5, n))
    return Ellipsoid(elongation=1.5)(placement, CANVASES[ndim].spacing, rng), centres


def laid(crops: Crops, centres: NDArray[np.float64], canvas: Canvas, rules: Rules) -> tuple[Any, NDArray[np.int64]]:
    """Labels, and which objects are there, of objects with one place each."""
    arranged = arrange(crops, centres[np.newaxis], canvas, rules)
    np.testing.assert_array_equal(arranged.centres, centres[arranged.which])
    return arranged.labels, arranged.which


def wholes(crops: Crops, ndim: int, room: int = 20) -> NDArray[np.bool_]:
    """Every object in an image of its own, with room around the canvas."""
    shape = CANVASES[ndim].shape
    images = np.zeros((len(crops), *[n + 2 * room for n in shape]), np.bool_)
    for i, image in enumerate(images):
        corner, crop = crops.corner[i, 3 - ndim :] + room, crops.crop(i)
        image[tuple(slice(c, c + n) for c, n in zip(corner, crop.shape, strict=True))] = crop
    return images


def on_canvas(images: NDArray[np.bool_], room: int = 20) -> NDArray[np.bool_]:
    return images[(slice(None), *[slice(room, -room)] * (images.ndim - 1))]


def kept(images: NDArray[np.bool_], overlap: float) -> list[int]:
    """What stays by the rule, taken at its word."""
    stay: list[int] = []
    for i, image in enumerate(images):
        shares = [(image & images[j]).sum() / min(image.sum(), images[j].sum()) for j in stay]
        if all(share <= overlap for share in shares):
            stay.append(i)
    return stay


def largest(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    pieces, _ = ndimage.label(mask)
    return mask & (pieces == 1 + np.argmax(np.bincount(pieces.ravel())[1:]))


@given(seed=seeds, ndim=dimensions, overlap=st.sampled_from([0.0, 0.1, 0.4, 1.0]))
def test_the_first_object_keeps_its_pixels(seed: int, ndim: int, overlap: float) -> None:
    crops, centres = objects(seed, ndim)
    labels, which = laid(crops, centres, CANVASES[ndim], Rules(overlap))
    images = wholes(crops, ndim)
    stay = kept(images, overlap)
    seen, taken = on_canvas(images), np.zeros(CANVASES[ndim].shape, np.bool_)
    expected, names = np.zeros(CANVASES[ndim].shape, np.uint16), []
    for i in stay:
        left = seen[i] & ~taken
        taken |= seen[i]
        if left.any():
            names.append(i)
            expected[largest(left)] = len(names)
    assert which.tolist() == names
    np.testing.assert_array_equal(labels[0], expected)


@given(seed=seeds, ndim=dimensions, overlap=st.sampled_from([0.1, 0.4, 1.0]))
def test_a_cut_gives_pixels_to_the_nearer_object(seed: int, ndim: int, overlap: float) -> None:
    crops, centres = objects(seed, ndim)
    canvas = CANVASES[ndim]
    labels, which = laid(crops, centres, canvas, Rules(overlap, "cut"))
    images = wholes(crops, ndim)
    seen = on_canvas(images)
    content = images.reshape(len(images), -1).sum(axis=1) * math.prod(canvas.spacing)
    square = content / math.pi if ndim == 2 else (0.75 * content / math.pi) ** (2 / 3)
    at = (np.indices(canvas.shape).reshape(ndim, -1).T + 0.5) * canvas.spacing
    power = (((at[:, None] - centres) ** 2).sum(axis=2) - square).T.reshape(seen.shape)
    stay = kept(images, overlap)
    owner = np.array(stay)[np.argmin(np.where(seen, power, np.inf)[stay], axis=0)]
    left = [seen[i] & (owner == i) for i in stay]
    assert which.tolist() == [i for i, mask in zip(stay, left, strict=True) if mask.any()]
    for name, mask in enumerate((mask for mask in left if mask.any()), 1):
        np.testing.assert_array_equal(labels[0] == name, largest(mask))


@given(seed=seeds, ndim=dimensions, overlap=st.sampled_from([0.0, 0.3, 1.0]), layers=st.integers(1, 4))
def test_objects_of_a_layer_are_whole_and_apart(seed: int, ndim: int, overlap: float, layers: int) -> None:
    crops, centres = objects(seed, ndim)
    labels, which = laid(crops, centres, CANVASES[ndim], Rules(overlap, "layers", layers))
    images = wholes(crops, ndim)
    assert labels.shape == (layers, *CANVASES[ndim].shape)
    assert ids_without_holes(labels)
    for name, i in enumerate(which.tolist(), 1):
        plane = np.flatnonzero((labels == name).reshape(layers, -1).any(axis=1))
        assert len(plane) == 1
        np.testing.assert_array_equal(labels[plane[0]] == name, largest(on_canvas(images)[i]))
    for plane in labels:
        for a, b in combinations(np.unique(plane[plane > 0]), 2):
            near = ndimage.binary_dilation(plane == a, np.ones((2 * APART + 1,) * ndim))
            assert not (near & (plane == b)).any()
    for i, j in combinations(which.tolist(), 2):
        assert (images[i] & images[j]).sum() <= overlap * min(images[i].sum(), images[j].sum())


def test_an_object_goes_to_the_first_layer_that_is_free() -> None:
    crops = disks((10, 10), (10, 13), (10, 16), (10, 12), radius=3.0)
    labels, which = laid(crops, CENTRES, CANVASES[2], Rules(1.0, "layers", 2))
    assert which.tolist() == [0, 1]
    labels, which = laid(crops, CENTRES, CANVASES[2], Rules(1.0, "layers", 3))
    planes = [int(np.argwhere(labels == name)[0, 0]) for name in (1, 2, 3)]
    assert (which.tolist(), planes) == ([0, 1, 2], [0, 1, 2])


CENTRES = np.zeros((4, 2))


def disks(*centres: tuple[float, float], radius: float) -> Crops:
    at = np.array(centres)
    return Ellipsoid(radius=radius)(Placement(at), CANVASES[2].spacing, np.random.default_rng(0))


@pytest.mark.parametrize("angle", [0.0, 0.3, 1.1, 2.0])
def test_two_disks_are_parted_along_the_chord_through_their_intersections(angle: float) -> None:
    canvas = Canvas(shape=(200, 200), spacing=(0.5, 0.5))
    along = np.array([math.sin(angle), math.cos(angle)])
    centres, radii, distance = np.array([[50.0, 50.0], 50 + 28 * along]), np.array([24.0, 15.0]), 28.0
    crops = Ellipsoid()(Placement(centres, radii), canvas.spacing, np.random.default_rng(0))
    labels, _ = laid(crops, centres, canvas, Rules(1.0, "cut"))
    chord = (distance**2 + radii[0] ** 2 - radii[1] ** 2) / (2 * distance)
    at = (np.indices(canvas.shape).transpose(1, 2, 0) + 0.5) * 0.5 - centres[0]
    assert (at @ along)[labels[0] == 2].min() == pytest.approx(chord, abs=0.5)
    both = np.linalg.norm(at, axis=2) < radii[0]
    assert (at @ along)[(labels[0] == 1) & both].max() == pytest.approx(chord, abs=0.5)


def test_an_object_cut_in_two_keeps_the_larger_half() -> None:
    bar, block = np.ones((1, 12), np.bool_), np.ones((3, 3), np.bool_)
    crops = Crops.from_list([block, bar], 2)
    crops.corner[:, 1:] = [[4, 6], [5, 4]]
    labels, _ = laid(crops, np.zeros((2, 2)), Canvas(shape=(9, 20), spacing=(1.0, 1.0)), Rules(1.0))
    assert np.argwhere(labels[0] == 2).tolist() == [[5, x] for x in range(9, 16)]


def test_what_is_covered_by_earlier_objects_vanishes() -> None:
    crops = Crops.from_list([np.ones((4, 4), np.bool_), np.ones((2, 2), np.bool_), np.ones((1, 1), np.bool_)], 2)
    crops.corner[:, 1:] = [[2, 2], [3, 3], [9, 9]]
    labels, which = laid(crops, np.zeros((3, 2)), CANVASES[2], Rules(1.0))
    assert which.tolist() == [0, 2]
    assert labels.max() == 2


@given(seed=seeds, ndim=dimensions, shared=st.sampled_from(["first", "cut", "layers"]))
def test_only_whole_objects_stay_if_asked_for(seed: int, ndim: int, shared: str) -> None:
    crops, centres = objects(seed, ndim)
    images = wholes(crops, ndim)
    seen = on_canvas(images).reshape(len(images), -1).sum(axis=1)
    whole = np.flatnonzero(seen == images.reshape(len(images), -1).sum(axis=1))
    labels, which = laid(crops, centres, CANVASES[ndim], Rules(0.0, shared, 3 if shared == "layers" else 1, True))
    assert set(which.tolist()) <= set(whole.tolist())
    sizes = np.bincount(labels.ravel(), minlength=len(which) + 1)[1:]
    assert sizes.tolist() == [int(seen[i]) for i in which]


@given(seed=seeds, ndim=dimensions, overlap=st.sampled_from([0.0, 0.2, 1.0]), rule=st.sampled_from(["first", "cut"]))
def test_objects_are_in_one_piece_and_named_without_holes(seed: int, ndim: int, overlap: float, rule: str) -> None:
    labels, which = laid(*objects(seed, ndim, 30), CANVASES[ndim], Rules(overlap, rule))
    assert ids_without_holes(labels)
    assert labels.max(initial=0) == len(which)
    assert in_one_piece(labels[0])


@pytest.mark.parametrize("rules", [Rules(), Rules(0.5), Rules(1.0, "cut"), Rules(1.0, "layers", 2), Rules(whole=True)])
def test_no_objects_make_an_empty_canvas(rules: Rules) -> None:
    labels, which = laid(Crops.from_list([], 2), np.zeros((0, 2)), CANVASES[2], rules)
    assert labels.shape == (rules.layers, 24, 30)
    assert not labels.any()
    assert len(which) == 0


@pytest.mark.parametrize("rules", [Rules(), Rules(0.5), Rules(1.0, "cut"), Rules(1.0, "layers", 2)])
def test_an_object_larger_than_the_canvas_covers_it(rules: Rules) -> None:
    crops = disks((12, 12), radius=60.0)
    labels, _ = laid(crops, np.array([[12.0, 12.0]]), CANVASES[2], rules)
    assert (labels[0] == 1).all()


def single_pixels(n: int) -> tuple[Crops, NDArray[Any], Canvas]:
    """As many objects of a pixel on a canvas just as large."""
    shape, corner = np.ones((n, 3), np.int64), np.zeros((n, 3), np.int64)
    corner[:, 2] = np.arange(n)
    crops = Crops(np.ones(n, np.bool_), np.arange(n + 1), shape, corner, 2)
    return crops, np.zeros((n, 2)), Canvas(shape=(1, n), spacing=(1.0, 1.0))


@pytest.mark.parametrize("overlap", [0.0, 0.5, 1.0])
def test_as_many_objects_as_labels_are_laid_and_one_more_is_refused(overlap: float) -> None:
    labels, which = laid(*single_pixels(MAX_OBJECTS), Rules(overlap))
    assert len(which) == MAX_OBJECTS
    np.testing.assert_array_equal(labels[0, 0], np.arange(1, MAX_OBJECTS + 1))
    with pytest.raises(ValueError, match="at most 65,535 objects, got more: lower the density"):
        laid(*single_pixels(MAX_OBJECTS + 1), Rules(overlap))


def tried(seed: int, ndim: int) -> tuple[Crops, NDArray[np.float64]]:
    """Objects with four places each, some of which are nowhere."""
    crops, centres = objects(seed, ndim)
    rng = np.random.default_rng(seed + 1)
    spacing = np.array(CANVASES[ndim].spacing)
    moves = rng.integers(-8, 9, (3, *centres.shape)) * (rng.random((3, len(centres), 1)) < 0.8)
    places = np.concatenate([centres[np.newaxis], centres + moves * spacing])
    places[1:][rng.random((3, len(centres))) < 0.2] = np.nan
    return crops, places


def first_fit(images: NDArray[np.bool_], steps: NDArray[np.float64], overlap: float) -> list[tuple[int, ...] | None]:
    """Move of each object by the rule, taken at its word; None where there is no room."""
    found: list[tuple[int, ...] | None] = []
    there: list[NDArray[np.bool_]] = []
    for i, image in enumerate(images):
        fits = None
        for step in (s[i] for s in steps if not np.isnan(s[i]).any()):
            moved = np.roll(image, tuple(step.astype(int)), tuple(range(image.ndim)))
            if all((moved & other).sum() <= overlap * min(moved.sum(), other.sum()) for other in there):
                fits = tuple(int(k) for k in step)
                there.append(moved)
                break
        found.append(fits)
    return found


@given(seed=seeds, ndim=dimensions, overlap=st.sampled_from([0.0, 0.1, 0.4]), judged=st.booleans())
def test_an_object_takes_the_first_of_its_places_where_there_is_room(
    seed: int, ndim: int, overlap: float, judged: bool
) -> None:
    crops, places = tried(seed, ndim)
    canvas = CANVASES[ndim]
    bodies = Ellipsoid()(Placement(places[0], np.full(len(crops), 1.5)), canvas.spacing, np.random.default_rng(0))
    settled = settle(crops, places, canvas, Rules(overlap), bodies if judged else None)
    steps = np.rint((places - places[0]) / canvas.spacing)
    expected = first_fit(wholes(bodies if judged else crops, ndim), steps, overlap)
    assert [None if e is None else e for e in expected] == [
        tuple(shift[3 - ndim :].tolist()) if layer >= 0 else None
        for layer, shift in zip(settled.layer, settled.shift, strict=True)
    ]


@given(seed=seeds, ndim=dimensions)
def test_moved_objects_are_written_where_they_are(seed: int, ndim: int) -> None:
    crops, places = tried(seed, ndim)
    canvas = CANVASES[ndim]
    arranged = arrange(crops, places, canvas, Rules(0.2, "layers", 3))
    images = wholes(crops, ndim)
    for name, i in enumerate(arranged.which.tolist(), 1):
        shift = arranged.settled.shift[i, 3 - ndim :]
        moved = on_canvas(np.roll(images[i], tuple(shift), tuple(range(ndim)))[np.newaxis])[0]
        assert ((arranged.labels == name).any(axis=0) <= moved).all()
        np.testing.assert_allclose(arranged.centres[name - 1], places[0, i] + shift * canvas.spacing)
