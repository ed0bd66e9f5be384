"""Pictures of the front page, and of the pages on tissue, packings and populations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from examples import CROWD, NUCLEI, NUCLEI_SET, RINGS
from pictures import coloured, draw, panels, save, show_image

from cellsim.recipe import Recipe
from cellsim.report.gallery import palette, save_gallery
from cellsim.sample import Canvas


def draw_galleries(folder: Path) -> None:
    """Draw what the front page shows: samples of the built-in recipes."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("epidermis", "phase", "histology", "gyrus"):
        save_gallery(Recipe.load(name).draw_many(range(4)), folder / f"{name}.png")
    save_gallery(Recipe.load("nucleus-golgi").draw_many(range(2)), folder / "nucleus-golgi.png")
    colony = Recipe.load("colony", [f"generator.shape.dataset={NUCLEI_SET}"])
    save_gallery(colony.draw_many(range(4)), folder / "colony.png")


def draw_tissue(folder: Path) -> None:
    """Draw the tissue model over the density of its seeds and the speckle of its image."""
    grid = [(density, speckle) for density in (0.002, 0.005, 0.008) for speckle in (0, 0.25, 0.5)]
    figure, axes = panels(3, 3)
    for (density, speckle), at in zip(grid, axes, strict=True):
        changes = [f"generator.seeds.density={density}", f"translators.rcm.speckle={speckle}"]
        image = Recipe.load("epidermis", changes).draw(3).image
        if image is not None:
            show_image(image, at)
        at.set_title(f"density = {density:g}, speckle = {speckle:g}")
    save(figure, folder / "tissue.png")


def draw_regions(folder: Path) -> None:
    """Draw open fields, colonies and bands of one cover."""
    canvas = Canvas(shape=(300, 300), spacing=(1.0, 1.0))
    regions = {
        "full": {"kind": "full"},
        "colonies": {"kind": "colonies", "number": 3, "radius": {"uniform": [40, 70]}},
        "curves": {"kind": "curves", "number": 2, "width": 45, "persistence": 250},
    }
    figure, axes = panels(3)
    for at, (name, region) in zip(axes, regions.items(), strict=True):
        packed = NUCLEI | {"cover": 0.4, "region": region}
        at.imshow(coloured(draw({"generator": packed}, 2, canvas).labels[0]), interpolation="nearest")
        at.set_title(f"region: {name}")
    save(figure, folder / "regions.png")


def draw_masks(folder: Path) -> None:
    """Draw objects of a network: few, many, and in a gyrus."""
    canvas = Canvas(shape=(512, 512), spacing=(1.0, 1.0))
    shape = {"kind": "maskgan", "weights": "nuclei-maskgan", "scale": 0.7, "smallest": 20}
    gyrus = {"kind": "gyrus", "blade": 350, "width": 70, "crest": 60}
    fields: dict[str, dict[str, Any]] = {
        "40 nuclei": {"density": 40 / 512**2, "shape": shape},
        "250 nuclei": {"density": 250 / 512**2, "shape": shape},
        "in a gyrus": {"cover": 0.4, "shape": {**shape, "scale": 0.4}, "region": gyrus},
    }
    figure, axes = panels(3)
    for at, (name, packed) in zip(axes, fields.items(), strict=True):
        generator = {"kind": "packing", "gap": 1.0, **packed}
        at.imshow(coloured(draw({"generator": generator}, 1, canvas).labels[0]), interpolation="nearest")
        at.set_title(name)
    save(figure, folder / "mask-gan.png")


def draw_overlaps(folder: Path) -> None:
    """Draw one population under each rule for shared pixels."""
    rules: dict[str, dict[str, Any]] = {
        "overlap: 0": {"overlap": 0},
        "shared: first": {"shared": "first"},
        "shared: cut": {"shared": "cut"},
    }
    crowd = CROWD | {"points": {"kind": "poisson", "density": 0.01}, "overlap": 0.4}
    figure, axes = panels(3, 2)
    for at, (name, rule) in zip(axes, rules.items(), strict=False):
        at.imshow(coloured(draw({"generator": crowd | rule}, 1).labels[0]), interpolation="nearest")
        at.set_title(name)
    layers = draw({"generator": crowd | {"shared": "layers", "layers": 3}}, 1).labels
    colours = palette(int(layers.max()) + 1)
    for i, (at, plane) in enumerate(zip(axes[3:], layers, strict=True)):
        at.imshow(colours[plane], interpolation="nearest")
        at.set_title(f"shared: layers, plane {i + 1}")
    save(figure, folder / "overlaps.png")


def draw_directions(folder: Path) -> None:
    """Draw a population that follows a vortex, over the spread of its directions."""
    canvas = Canvas(shape=(300, 300), spacing=(0.5, 0.5))
    vortex = {"kind": "formula", "formula": ["x - 75", "75 - y"]}
    figure, axes = panels(3)
    for at, spread in zip(axes, (0, 20, 90), strict=True):
        shape = {"kind": "ellipsoid", "radius": 3, "elongation": 2.5, "along": vortex, "spread": spread}
        crowd = {"kind": "population", "points": {"kind": "poisson", "density": 0.03}, "shape": shape}
        at.imshow(coloured(draw({"generator": crowd}, 0, canvas).labels[0]), interpolation="nearest")
        at.set_title(f"spread = {spread}°")
    save(figure, folder / "directions.png")


def draw_simcep(folder: Path) -> None:
    """Draw SIMCEP mended and as it was, and the three domains of DermoGAN2."""
    for name in ("simcep", "simcep-original"):
        save_gallery(Recipe.load(name).draw_many(range(4)), folder / f"{name}.png")
    domains = ("simcep-nonconfluent", "simcep-canny", "disks")
    figure, axes = panels(3, 2)
    for k, at in enumerate(axes):
        image = Recipe.load(domains[k % 3]).draw(k // 3).image
        if image is not None:
            show_image(image, at)
        at.set_title(domains[k % 3])
    save(figure, folder / "dermogan2.png")


def draw_places(folder: Path) -> None:
    """Draw populations in an image, a band and a gyrus, and cells that lie along a duct."""
    canvas = Canvas(shape=(400, 400), spacing=(0.5, 0.5))
    nuclei = {"kind": "ellipsoid", "radius": {"uniform": [2.5, 3.5]}, "elongation": 1.2}
    cells = {"kind": "ellipsoid", "radius": 3, "elongation": 2.2, "spread": 10}
    gyrus = {"kind": "gyrus", "blade": 150, "width": 26, "opening": 40, "crest": 25, "direction": 180}
    duct = {"kind": "curves", "width": 50, "persistence": 200}
    crowds: dict[str, dict[str, Any]] = {
        "region: mask-image": {
            "shape": nuclei,
            "region": {"kind": "mask-image", "image": RINGS, "spacing": 1, "threshold": 0.5},
        },
        "region: band": {"shape": nuclei, "region": {"kind": "band", "width": 60, "angle": 30}, "beyond": 0.15},
        "region: gyrus": {"shape": nuclei, "region": gyrus, "beyond": 0.15},
        "region: curves, aligned: none": {"shape": cells, "region": duct},
        "aligned: along": {"shape": cells, "region": duct, "aligned": "along"},
        "aligned: across": {"shape": cells, "region": duct, "aligned": "across"},
    }
    figure, axes = panels(3, 2)
    for at, (name, fields) in zip(axes, crowds.items(), strict=True):
        crowd = {"kind": "population", "points": {"kind": "ssi", "density": 0.02, "distance": 5}, **fields}
        at.imshow(coloured(draw({"generator": crowd}, 4, canvas).labels[0]), interpolation="nearest")
        at.set_title(name)
    save(figure, folder / "places.png")


PICTURES = (
    draw_galleries,
    draw_tissue,
    draw_regions,
    draw_masks,
    draw_overlaps,
    draw_directions,
    draw_places,
    draw_simcep,
)
