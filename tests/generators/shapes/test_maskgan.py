"""Objects of a network: clean, of the size that was learnt, the same to the byte, and rejections are counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy import ndimage

import cellsim
from cellsim.errors import RecipeError
from cellsim.generators.base import Placement
from cellsim.generators.outlines.band import Band
from cellsim.generators.outlines.gyrus import Gyrus
from cellsim.generators.packing import Packing
from cellsim.generators.points.poisson import Poisson
from cellsim.generators.population import Population
from cellsim.generators.shapes.ellipsoid import Ellipsoid
from cellsim.generators.shapes.maskgan import BATCH, MaskGan, Network
from cellsim.masks.crops import Crops, long_axes
from cellsim.nn.mask_gan import MaskGenerator, read_masks
from cellsim.nn.weights import load_weights, save_weights
from cellsim.recipe import Recipe
from cellsim.sample import Canvas
from cellsim.seeds import Rng, stream

NUCLEI = "nuclei-maskgan"
CANVAS = Canvas(shape=(512, 512), spacing=(1.0, 1.0))


def rng(index: int = 0) -> Rng:
    return stream(7, index, "maskgan")


def shape(**fields: Any) -> MaskGan:
    return MaskGan(**{"weights": NUCLEI, **fields})


def draw(n: int, index: int = 0, spacing: tuple[float, float] = (1.0, 1.0), **fields: Any) -> Crops:
    return shape(**fields)(Placement(np.full((n, 2), 100.0)), spacing, rng(index))


def areas(crops: Crops) -> np.ndarray:
    return np.array([crops.crop(i).sum() for i in range(len(crops))])


def changed(folder: Path, **settings: object) -> Path:
    """The weights with other settings."""
    tensors, known = load_weights(NUCLEI)
    save_weights(folder / "changed.safetensors", tensors, {**known, **settings})
    return folder / "changed.safetensors"


def untrained(folder: Path) -> Path:
    """Weights that make noise."""
    torch.manual_seed(0)
    sizes = MaskGenerator(edge=16, latent=4, filters=2)
    tensors = {f"generator.{name}": value for name, value in sizes().state_dict().items()}
    path = folder / "noise.safetensors"
    save_weights(path, tensors, {"network": sizes.model_dump(mode="json"), "places": "centred", "spacing": [1, 1]})
    return path


def test_objects_are_single_and_without_holes() -> None:
    drawn = draw(200)
    for i in range(200):
        crop = np.pad(drawn.crop(i), 1)
        assert ndimage.label(crop)[1] == 1
        assert (ndimage.binary_fill_holes(crop) == crop).all() or ndimage.label(~crop, np.ones((3, 3)))[1] == 1


def test_most_masks_are_taken_and_the_others_are_counted() -> None:
    drawn = draw(600)
    assert drawn.rejected < 0.25 * 600
    strict = draw(600, smallest=float(np.median(areas(drawn))))
    assert strict.rejected > drawn.rejected + 300
    assert areas(strict).min() > 0.9 * np.median(areas(drawn))


def test_objects_have_the_sizes_that_were_learnt() -> None:
    radius = np.sqrt(areas(draw(600)) / np.pi)
    assert 7 < np.median(radius) < 14  # of the real ones 10 px
    assert np.percentile(radius, 95) / np.percentile(radius, 5) > 2.5


@pytest.mark.parametrize("spacing", [(0.5, 0.5), (2.0, 2.0), (1.0, 0.5)])
def test_an_object_keeps_its_size_on_other_pixels(spacing: tuple[float, float]) -> None:
    own, other = areas(draw(60)), areas(draw(60, spacing=spacing)) * np.prod(spacing)
    large = own > 100
    np.testing.assert_allclose(other[large], own[large], rtol=0.1)
    assert abs(other[large].sum() / own[large].sum() - 1) < 0.02


def test_the_size_of_the_pixels_that_were_learnt_counts(tmp_path: Path) -> None:
    pixel = load_weights(NUCLEI)[1]["pixel"]
    twice = areas(draw(60, weights=changed(tmp_path, pixel=2 * pixel)))
    np.testing.assert_allclose(twice.sum() / areas(draw(60)).sum(), 4, rtol=0.03)
    same = areas(draw(60, weights=changed(tmp_path, pixel=None, spacing=[pixel, pixel])))
    np.testing.assert_array_equal(same, areas(draw(60)))


def test_the_size_follows_the_scale() -> None:
    np.testing.assert_allclose(areas(draw(60, scale=2.0)).sum() / areas(draw(60)).sum(), 4, rtol=0.03)


def test_objects_are_turned_unless_they_are_not_to_be() -> None:
    still, turned = draw(40, rotate=False), draw(40)
    assert any(still.crop(i).shape != turned.crop(i).shape for i in range(40))


def test_objects_lie_along_their_directions() -> None:
    ways = np.stack([np.sin(angle := np.linspace(0, 3, 80)), np.cos(angle)], axis=1)
    drawn = shape()(Placement(np.full((80, 2), 100.0), directions=ways), (1, 1), rng())
    far = np.abs(np.sin(long_axes(drawn, (1.0, 1.0)) - np.arctan2(ways[:, 1], ways[:, 0])))
    assert np.median(far) < 0.1
    with pytest.raises(ValueError, match="rotate must be true, got false"):
        shape(rotate=False)(Placement(np.zeros((1, 2)), directions=ways[:1]), (1, 1), rng())


def test_an_object_does_not_depend_on_how_many_are_drawn() -> None:
    """Nor on threads: the network always makes as many masks at a time."""
    few, many = draw(5, rotate=False), draw(2 * BATCH, rotate=False)
    for i in range(5):
        np.testing.assert_array_equal(few.crop(i), many.crop(i))
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        np.testing.assert_array_equal(draw(60).pixels, draw(60).pixels)
        assert torch.get_num_threads() == 2
        two = draw(60)
        torch.set_num_threads(1)
        np.testing.assert_array_equal(draw(60).pixels, two.pixels)
    finally:
        torch.set_num_threads(before)


def test_masks_that_are_no_objects_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"only \d+ of \d+ masks are single objects, 50 are needed: take weights"):
        draw(50, weights=untrained(tmp_path), tries=2)


def test_a_mask_that_the_window_cuts_is_refused_where_objects_were_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    half = np.zeros((BATCH, 40, 40), np.bool_)
    half[:, :20, 10:30] = True
    half[::2, :3] = False
    monkeypatch.setattr(Network, "draw", lambda self, rng: half)
    assert draw(10).rejected == 9
    assert draw(10, weights=changed(tmp_path, places="random")).rejected == 0


@pytest.mark.parametrize("settings", [{"network": "stylegan2"}, {"network": {"kind": "unet-chain"}}])
def test_weights_of_something_else_are_refused(tmp_path: Path, settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="is no mask GAN: network must be of kind mask-generator"):
        draw(1, weights=changed(tmp_path, **settings))


def test_weights_that_are_not_there_are_refused() -> None:
    generator = {"kind": "packing", "cover": 0.1, "shape": {"kind": "maskgan", "weights": "nowhere"}}
    with pytest.raises(RecipeError, match=r"generator.shape.weights: no file of weights 'nowhere'"):
        Recipe.parse({"canvas": CANVAS.model_dump(), "generator": generator})


@pytest.mark.parametrize("objects", [20, 210])
def test_they_are_packed_at_low_and_at_high_density(objects: int) -> None:
    step = Packing(shape=shape(scale=0.7, smallest=20), density=objects / 512**2, gap=1.0)
    drawn = step(CANVAS, rng())
    assert drawn.count == objects
    assert set(drawn.numbers) == {"rejected"}


@pytest.mark.parametrize("region", [Band(width=120.0), Gyrus(blade=350.0, width=70.0)])
def test_they_are_packed_in_a_region(region: Any) -> None:
    step = Packing(shape=shape(scale=0.5, smallest=20), cover=0.3, region=region)
    where, drawn = region(CANVAS, rng()), step(CANVAS, rng())
    assert drawn.count > 50
    middle = np.array(ndimage.center_of_mass(drawn.labels[0] > 0, drawn.labels[0], range(1, drawn.count + 1)))
    assert where[tuple(middle.astype(int).T)].mean() > 0.97


def test_generators_report_what_was_rejected() -> None:
    strict = shape(smallest=400.0)
    packed = Packing(shape=strict, cover=0.1)
    placed = Population(points=Poisson(density=0.0003), shape=strict, margin=0.0)
    for step in (packed, placed):
        assert step.numbers == ("rejected",)
        assert step(CANVAS, rng()).numbers["rejected"] > 10
    assert Packing(shape=Ellipsoid(radius=4.0), cover=0.1).numbers == ()


def test_the_recipe_makes_a_set_that_counts_rejections(tmp_path: Path) -> None:
    recipe = Recipe.load("denovo-nuclei", ["canvas.shape=[256,256]"])
    assert any("DSB 2018" in remark for remark in recipe.remarks)
    cellsim.make(recipe, 3, tmp_path / "a.zarr", workers=1)
    drawn = cellsim.open_dataset(tmp_path / "a.zarr").drawn
    assert drawn["generator.rejected"].shape == (3,)
    assert (drawn["objects"] > 2).all()


def test_a_batch_is_read_as_it_is_learnt() -> None:
    """Masks of the shape are those of the score that chose the weights."""
    from cellsim.generators.shapes.maskgan import network_of

    network = network_of(shape().weights, torch.device("cpu"))
    z = torch.from_numpy(rng().standard_normal((BATCH, network.latent), np.float32))
    np.testing.assert_array_equal(network.draw(rng()), read_masks(network.generator(z)))
