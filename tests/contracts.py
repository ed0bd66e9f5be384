"""What every step promises, run for every kind in every table.

A room's test file holds one class, ``class TestPoints(PointsContract): ...``; `conftest` gives it every kind of the
room. A new kind needs an entry in tests/examples.py, and its golden digests:
``CELLSIM_UPDATE_GOLDEN=1 pytest tests/generators tests/translators``.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import pickle
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError
from scipy import ndimage, stats

from cellsim.generators.base import Field, Generator, Outline, Placement, Points, Shape
from cellsim.generators.fields.formula import Formula
from cellsim.masks.crops import Crops
from cellsim.sample import Canvas, Sample
from cellsim.seeds import Rng, stream
from cellsim.steps import Step, find, parse
from cellsim.translators.base import Translator
from cellsim.translators.psf.base import Psf
from tests.examples import ALWAYS_THE_SAME, FLAT, NEURAL, example
from tests.statistics import ALPHA, assert_mean

CANVASES = {2: Canvas(shape=(40, 56), spacing=(1.0, 0.75)), 3: Canvas(shape=(12, 24, 20), spacing=(2.0, 1.0, 1.25))}
GOLDEN = Path(__file__).parent / "golden" / "digests.json"


def rng(index: int = 0) -> Rng:
    """The stream of one sample."""
    return stream(1, index, "contract")


def digest(*arrays: NDArray[Any]) -> str:
    """SHA-256 of the bytes and shapes of arrays."""
    found = hashlib.sha256()
    for array in arrays:
        found.update(str(array.shape).encode() + np.ascontiguousarray(array).tobytes())
    return found.hexdigest()


def golden(name: str, found: Any) -> Any:
    """What was recorded for a kind; with CELLSIM_UPDATE_GOLDEN=1, record what was found (run it without -n)."""
    recorded = json.loads(GOLDEN.read_text()) if GOLDEN.exists() else {}
    if os.environ.get("CELLSIM_UPDATE_GOLDEN") == "1":
        recorded[name] = found
        GOLDEN.write_text(json.dumps(dict(sorted(recorded.items())), indent=1) + "\n")
    assert name in recorded, f"{name} has no golden digest: run with CELLSIM_UPDATE_GOLDEN=1 and commit {GOLDEN.name}"
    return recorded[name]


def global_states() -> tuple[Any, ...]:
    """The random states that no step may touch."""
    kind, keys, *rest = np.random.get_state()  # noqa: NPY002 - it is watched, not used
    return random.getstate(), kind, keys.tobytes(), *rest


def ids_without_holes(labels: NDArray[np.uint16]) -> bool:
    """Whether ids are 1..N."""
    present = np.unique(labels[labels > 0])
    return bool((present == np.arange(1, len(present) + 1)).all())


def in_one_piece(labels: NDArray[np.uint16]) -> bool:
    """Whether every object is connected by faces."""
    boxes = ndimage.find_objects(labels)
    return all(ndimage.label(labels[box] == i)[1] == 1 for i, box in enumerate(boxes, 1) if box)


class StepContract:
    """What every step promises."""

    room: str

    @pytest.fixture
    def step(self, kind: str, request: pytest.FixtureRequest) -> Step:
        """The example of a kind."""
        base: type[Step] = {c.room: c for c in (Field, Points, Shape, Outline, Generator, Translator, Psf)}[self.room]
        names = {
            "<nuclei>": "nuclei",
            "<image>": "gray_image",
            "<flows>": "flow_weights",
            "<images>": "image_weights",
        }
        return parse(base, example(self.room, kind, {k: request.getfixturevalue(v) for k, v in names.items()}), "")

    @pytest.fixture
    def canvas(self, ndim: int) -> Canvas:
        """A small anisotropic canvas that the kind can draw on."""
        return CANVASES[ndim]

    def draw(self, step: Any, canvas: Canvas, rng: Rng) -> Any:
        """Call the step."""
        raise NotImplementedError

    def arrays(self, drawn: Any) -> list[NDArray[Any]]:
        """The arrays that were drawn."""
        raise NotImplementedError

    def assert_equal(self, one: Any, other: Any) -> None:
        """Two draws are the same to the byte."""
        for a, b in zip(self.arrays(one), self.arrays(other), strict=True):
            assert a.dtype == b.dtype
            np.testing.assert_array_equal(a, b)

    def test_its_class_and_every_field_are_documented(self, kind: str) -> None:
        cls = find(self.room, kind)
        assert cls.__doc__
        assert cls.model_fields["kind"].default == kind
        assert isinstance(cls.model_fields["version"].default, int)
        bare = [n for n, field in cls.model_fields.items() if n not in ("kind", "version") and not field.description]
        assert not bare, f"fields without a description: {bare}"

    def test_it_is_frozen(self, step: Step) -> None:
        with pytest.raises(ValidationError, match="frozen"):
            step.version = 2  # type: ignore[attr-defined]

    def test_json_gives_an_equal_step(self, step: Step, canvas: Canvas) -> None:
        values = json.loads(json.dumps(step.model_dump(mode="json", serialize_as_any=True)))
        again = parse(type(step), values, "")
        assert again == step
        self.assert_equal(self.draw(again, canvas, rng()), self.draw(step, canvas, rng()))

    def test_it_pickles(self, step: Step, canvas: Canvas) -> None:
        again = pickle.loads(pickle.dumps(step))
        assert again == step
        self.assert_equal(self.draw(again, canvas, rng()), self.draw(step, canvas, rng()))

    def test_the_same_stream_gives_the_same_draw(self, step: Step, canvas: Canvas) -> None:
        first = self.draw(step, canvas, rng(3))
        self.draw(step, canvas, rng(4))  # leaves no trace
        self.assert_equal(self.draw(step, canvas, rng(3)), first)

    def test_another_index_gives_another_draw(self, kind: str, step: Step, canvas: Canvas) -> None:
        drawn = {digest(*self.arrays(self.draw(step, canvas, rng(i)))) for i in range(4)}
        assert (len(drawn) == 1) == (kind in ALWAYS_THE_SAME)

    def test_global_random_states_are_untouched(self, step: Step, canvas: Canvas) -> None:
        before = global_states()
        self.draw(step, canvas, rng())
        assert global_states() == before

    def test_three_axes_are_drawn_or_refused(self, kind: str, step: Step) -> None:
        if kind in FLAT:
            with pytest.raises(ValueError, match="2D"):
                self.draw(step, CANVASES[3], rng())
        else:
            self.draw(step, CANVASES[3], rng())

    def test_it_draws_what_it_always_drew(self, kind: str, step: Step, canvas: Canvas) -> None:
        arrays = [a for i in range(3) for a in self.arrays(self.draw(step, canvas, rng(i)))]
        name = f"{self.room}/{kind} {canvas.ndim}D"
        if kind in NEURAL:
            assert_same_levels(name, [np.sign(a, dtype=np.float32).ravel() for a in arrays])
            return
        found = digest(*[np.round(a, 6) + 0.0 if a.dtype.kind == "f" else a for a in arrays])
        assert found == golden(name, found), (
            "the pixels of this kind changed: if they should, raise its version and run with CELLSIM_UPDATE_GOLDEN=1"
        )


class FieldContract(StepContract):
    """What every field promises."""

    room = Field.room

    def draw(self, step: Any, canvas: Canvas, rng: Rng) -> NDArray[np.float64]:
        return step(self.points(canvas), 1, rng)

    def arrays(self, drawn: NDArray[np.float64]) -> list[NDArray[Any]]:
        return [drawn]

    def points(self, canvas: Canvas) -> NDArray[np.float64]:
        """Places in the canvas and somewhat around it, which nothing may write to."""
        places = (1.2 * np.random.default_rng(0).random((300, canvas.ndim)) - 0.1) * canvas.size
        places.flags.writeable = False
        return places

    def test_every_point_has_a_value(self, step: Step, canvas: Canvas) -> None:
        drawn = self.draw(step, canvas, rng())
        assert drawn.shape == (300, 1)
        assert drawn.dtype == np.float64
        assert np.isfinite(drawn).all()
        assert drawn.std() > 0

    def test_a_point_has_its_value_whatever_other_points_there_are(self, step: Any, canvas: Canvas) -> None:
        few = step(self.points(canvas)[:7], 1, rng())
        np.testing.assert_allclose(few, self.draw(step, canvas, rng())[:7], rtol=1e-12)


class PointsContract(StepContract):
    """What every point process promises."""

    room = Points.room

    def draw(self, step: Any, canvas: Canvas, rng: Rng) -> Placement:
        return step(tuple(2 * edge for edge in canvas.size), rng)

    def arrays(self, drawn: Placement) -> list[NDArray[Any]]:
        return [a for a in (drawn.centres, drawn.radii, drawn.parents) if a is not None]

    def test_centres_lie_in_the_box(self, step: Step, canvas: Canvas) -> None:
        for i in range(5):
            drawn = self.draw(step, canvas, rng(i))
            assert drawn.centres.dtype == np.float64
            assert drawn.centres.shape[1:] == (canvas.ndim,)
            assert (drawn.centres >= 0).all()
            assert (drawn.centres < 2 * np.array(canvas.size)).all()
            assert all(len(a) == len(drawn.centres) for a in self.arrays(drawn))

    def test_a_margin_is_room_beyond_the_box(self, step: Any, canvas: Canvas) -> None:
        drawn = step(canvas.size, rng(), 10.0).centres
        whole = step([edge + 20.0 for edge in canvas.size], rng()).centres
        np.testing.assert_allclose(drawn, whole - 10.0)

    def test_a_region_confines_the_points(self, step: Any, canvas: Canvas) -> None:
        region = np.zeros((4,) * canvas.ndim, np.bool_)
        region[..., 1:3] = True
        whole, confined = step(canvas.size, rng()), step(canvas.size, rng(), region=region)
        x = whole.centres[:, -1] / canvas.size[-1]
        self.assert_equal(confined, whole.take((x >= 0.25) & (x < 0.75)))

    def test_a_profile_thins_the_points(self, kind: str, step: Any, canvas: Canvas) -> None:
        size = [5 * edge for edge in canvas.size]
        half = step.model_copy(update={"profile": Formula(formula=(f"where(x < {size[-1] / 2}, 1, 0.5)",))})
        whole, thinned = step(size, rng()), half(size, rng())
        there = {tuple(point) for point in whole.centres.tolist()}
        assert {tuple(point) for point in thinned.centres.tolist()} <= there
        full = whole.centres[:, -1] < size[-1] / 2
        assert (thinned.centres[:, -1] < size[-1] / 2).sum() == full.sum()
        kept, of = int((thinned.centres[:, -1] >= size[-1] / 2).sum()), int((~full).sum())
        assert stats.binomtest(kept, of, 0.5).pvalue > ALPHA
        assert stats.binomtest(kept, of, 0.75).pvalue < ALPHA or of < 120, "a planted fault"

    def test_a_box_of_numpy_floats_is_a_box(self, step: Any, canvas: Canvas) -> None:
        size = np.array(canvas.size)
        size.flags.writeable = False
        self.assert_equal(step(size, rng()), step(canvas.size, rng()))


class ShapeContract(StepContract):
    """What every shape promises."""

    room = Shape.room

    def draw(self, step: Any, canvas: Canvas, rng: Rng) -> Crops:
        return step(self.placement(canvas), canvas.spacing, rng)

    def arrays(self, drawn: Crops) -> list[NDArray[Any]]:
        return list(drawn.arrays)

    def placement(self, canvas: Canvas, radii: NDArray[np.float64] | None = None) -> Placement:
        """Centres on the canvas and somewhat around it, which nothing may write to."""
        centres = (1.4 * np.random.default_rng(0).random((40, canvas.ndim)) - 0.2) * canvas.size
        centres.flags.writeable = False
        return Placement(centres, radii)

    def test_an_object_is_a_tight_crop_in_one_piece(self, step: Step, canvas: Canvas) -> None:
        drawn = self.draw(step, canvas, rng())
        assert len(drawn) == 40
        assert drawn.pixels.dtype == np.bool_
        assert drawn.start[-1] == len(drawn.pixels)
        for i in range(40):
            crop = drawn.crop(i)
            assert crop.ndim == canvas.ndim
            faces = [np.take(crop, side, axis) for axis in range(crop.ndim) for side in (0, -1)]
            assert all(face.any() for face in faces)
            assert ndimage.label(crop)[1] == 1

    def test_an_object_stands_about_its_centre(self, step: Step, canvas: Canvas) -> None:
        drawn, centres = self.draw(step, canvas, rng()), self.placement(canvas).centres
        lead = 3 - canvas.ndim
        assert (drawn.corner[:, :lead] == 0).all()
        assert (drawn.shape[:, :lead] == 1).all()
        middle = [(np.argwhere(drawn.crop(i)) + drawn.corner[i, lead:] + 0.5).mean(axis=0) for i in range(40)]
        off = np.array(middle) - centres / canvas.spacing
        assert abs(off).max() < 1.5
        assert abs(off.mean(axis=0)).max() < 0.3

    def test_radii_of_the_points_are_those_of_the_objects(self, step: Step, canvas: Canvas) -> None:
        radii = np.linspace(3.0, 9.0, 40)
        plain = step.model_copy(update={"scale": 1.0} if "scale" in type(step).model_fields else {})
        drawn = plain(self.placement(canvas, radii), canvas.spacing, rng())  # type: ignore[operator]
        ball = {2: np.pi, 3: 4 / 3 * np.pi}[canvas.ndim]
        found = [drawn.crop(i).sum() * math.prod(canvas.spacing) / (ball * radii[i] ** canvas.ndim) for i in range(40)]
        assert_mean(found, 1.0)
        with pytest.raises(AssertionError, match="sd from"):
            assert_mean(np.array(found) * 1.5, 1.0)

    def test_no_centres_are_no_objects(self, step: Any, canvas: Canvas) -> None:
        drawn = step(Placement(np.zeros((0, canvas.ndim))), canvas.spacing, rng())
        assert len(drawn) == 0
        assert drawn.pixels.size == 0


class OutlineContract(StepContract):
    """What every outline promises."""

    room = Outline.room

    def draw(self, step: Any, canvas: Canvas, rng: Rng) -> NDArray[np.bool_]:
        return step(canvas, rng)

    def arrays(self, drawn: NDArray[np.bool_]) -> list[NDArray[Any]]:
        return [drawn]

    def test_a_region_has_the_shape_of_the_canvas(self, step: Step, canvas: Canvas) -> None:
        drawn = self.draw(step, canvas, rng())
        assert drawn.dtype == np.bool_
        assert drawn.shape == canvas.shape
        assert drawn.any()


class GeneratorContract(StepContract):
    """What every generator promises."""

    room = Generator.room

    def draw(self, step: Any, canvas: Canvas, rng: Rng) -> Sample:
        return step(canvas, rng)

    def arrays(self, drawn: Sample) -> list[NDArray[Any]]:
        return [drawn.labels, *(drawn.objects[name] for name in sorted(drawn.objects))]

    def test_labels_have_the_shape_and_spacing_of_the_canvas(self, step: Any, canvas: Canvas) -> None:
        drawn = self.draw(step, canvas, rng())
        assert drawn.labels.dtype == np.uint16
        assert drawn.labels.shape == (len(step.structures), *canvas.shape)
        assert drawn.structures == step.structures
        assert drawn.spacing == canvas.spacing
        assert drawn.image is None
        assert drawn.count > 0

    def test_ids_run_from_one_without_holes(self, step: Step, canvas: Canvas) -> None:
        for i in range(5):
            drawn = self.draw(step, canvas, rng(i))
            assert ids_without_holes(drawn.labels)
            assert all(len(rows) == drawn.count for rows in drawn.objects.values())

    def test_every_object_is_one_piece(self, step: Step, canvas: Canvas) -> None:
        for i in range(5):
            assert all(in_one_piece(plane) for plane in self.draw(step, canvas, rng(i)).labels)

    def test_many_are_the_same_as_one_by_one(self, step: Any, canvas: Canvas) -> None:
        for i, drawn in enumerate(step.many(canvas, [rng(0), rng(1), rng(2)])):
            self.assert_equal(drawn, self.draw(step, canvas, rng(i)))


class TranslatorContract(StepContract):
    """What every translator promises."""

    room = Translator.room

    def draw(self, step: Any, canvas: Canvas, rng: Rng) -> Sample:
        return step(self.sample(canvas), rng)

    def arrays(self, drawn: Sample) -> list[NDArray[Any]]:
        assert drawn.image is not None
        return [drawn.image]

    def sample(self, canvas: Canvas) -> Sample:
        """Two blocks that touch and one alone, which nothing may write to."""
        labels = np.zeros((1, *canvas.shape), np.uint16)
        labels[..., 4:12, 3:9], labels[..., 4:12, 9:15], labels[..., 14:18, 5:12] = 1, 2, 3
        seed = np.arange(3 * canvas.ndim, dtype=np.float32).reshape(3, -1)
        image = (0.2 + 0.2 * labels).astype(np.float32)
        for array in (labels, seed, image):
            array.flags.writeable = False
        return Sample(labels, canvas.spacing, image, {"seed": seed})

    def test_the_image_is_new_and_all_else_is_kept(self, step: Any, canvas: Canvas) -> None:
        given = self.sample(canvas)
        drawn = step(given, rng())
        assert drawn.image.dtype == np.float32
        assert drawn.image.shape == (len(step.channels_after(("given",))), *canvas.shape)
        assert drawn.image.min() >= 0
        assert drawn.image.max() < np.inf
        np.testing.assert_array_equal(drawn.labels, given.labels)
        np.testing.assert_array_equal(drawn.objects["seed"], given.objects["seed"])
        assert drawn.spacing == given.spacing

    def test_inputs_are_not_written_to(self, step: Any, canvas: Canvas) -> None:
        given = self.sample(canvas)
        labels, image = given.labels.copy(), given.image.copy()
        step(given, rng())
        np.testing.assert_array_equal(given.labels, labels)
        np.testing.assert_array_equal(given.image, image)

    def test_a_canvas_without_objects_is_drawn(self, step: Any, canvas: Canvas) -> None:
        empty, image = np.zeros((1, *canvas.shape), np.uint16), np.zeros((1, *canvas.shape), np.float32)
        assert np.isfinite(step(Sample(empty, canvas.spacing, image), rng()).image).all()

    def test_many_are_the_same_as_one_by_one(self, step: Any, canvas: Canvas) -> None:
        for i, drawn in enumerate(step.many([self.sample(canvas)] * 3, [rng(0), rng(1), rng(2)])):
            self.assert_equal(drawn, self.draw(step, canvas, rng(i)))

    def test_it_draws_what_it_always_drew(self, kind: str, step: Step, canvas: Canvas) -> None:
        images = [self.arrays(self.draw(step, canvas, rng(i)))[0] for i in range(3)]
        assert_same_levels(f"{self.room}/{kind} {canvas.ndim}D", images)


class PsfContract(StepContract):
    """What every point spread function promises."""

    room = Psf.room

    def draw(self, step: Any, canvas: Canvas, rng: Rng) -> NDArray[np.float32]:
        return step(self.points(canvas), canvas.spacing)

    def arrays(self, drawn: NDArray[np.float32]) -> list[NDArray[Any]]:
        return [drawn]

    def points(self, canvas: Canvas) -> NDArray[np.float32]:
        """A channel with a point in the middle and one with a point in a corner, which nothing may write to."""
        image = np.zeros((2, *canvas.shape), np.float32)
        image[(0, *(n // 2 for n in canvas.shape))] = image[(1, *(0 for _ in canvas.shape))] = 100
        image.flags.writeable = False
        return image

    def test_the_image_is_new_and_not_negative(self, step: Any, canvas: Canvas) -> None:
        drawn = self.draw(step, canvas, rng())
        assert drawn.dtype == np.float32
        assert drawn.shape == (2, *canvas.shape)
        assert drawn.min() >= 0

    def test_no_light_is_lost(self, step: Any, canvas: Canvas) -> None:
        light = self.draw(step, canvas, rng()).reshape(2, -1).sum(axis=1, dtype=np.float64)
        np.testing.assert_allclose(light, 100, rtol=1e-3)

    def test_a_flat_image_stays_as_it_is(self, step: Any, canvas: Canvas) -> None:
        np.testing.assert_allclose(step(np.full((1, *canvas.shape), 0.7, np.float32), canvas.spacing), 0.7, rtol=1e-5)

    def test_channels_do_not_mix(self, step: Any, canvas: Canvas) -> None:
        one = step(self.points(canvas)[1:], canvas.spacing)
        np.testing.assert_allclose(self.draw(step, canvas, rng())[1:], one, atol=1e-5)

    def test_across_the_axis_both_sides_are_alike(self, step: Any, canvas: Canvas) -> None:
        odd = Canvas(shape=(*canvas.shape[:-2], 21, 25), spacing=canvas.spacing)
        drawn = self.draw(step, odd, rng())[0]
        np.testing.assert_allclose(drawn, drawn[..., ::-1, :], atol=1e-4)
        np.testing.assert_allclose(drawn, drawn[..., ::-1], atol=1e-4)

    def test_it_draws_what_it_always_drew(self, kind: str, step: Step, canvas: Canvas) -> None:
        assert_same_levels(f"{self.room}/{kind} {canvas.ndim}D", [self.draw(step, canvas, rng())])


def assert_same_levels(name: str, images: list[NDArray[np.float32]]) -> None:
    """Mean and spread of images are those that were recorded, nearly: a processor may round a grey level otherwise."""
    image = np.concatenate(images).astype(np.float64)
    found = [round(float(image.mean()), 3), round(float(image.std()), 3)]
    np.testing.assert_allclose(found, golden(name, found), atol=0.0015)
