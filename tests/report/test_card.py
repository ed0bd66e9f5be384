"""The card of a data set: what is recorded stands on it, what is not is marked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

import cellsim
from cellsim.datasets.layout import Spec
from cellsim.datasets.mixture import mix
from cellsim.datasets.reader import Dataset
from cellsim.report.card import card_text, save_card
from tests.datasets.export.sets import save_set
from tests.recipes import small_recipe


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    path = tmp_path_factory.mktemp("sets") / "small.zarr"
    cellsim.make(small_recipe(), 3, path, workers=1)
    return cellsim.open_dataset(path)


def test_it_says_how_samples_were_made(made: Dataset) -> None:
    text = card_text(made)
    recipe = yaml.safe_load(text.partition("```yaml\n")[2].partition("```")[0])
    assert recipe == made.recipe
    assert text.startswith("# small\n\nSynthetic images of microscopy with instance labels of ")
    assert f"'small', v1, SHA-256 `{made.version.digest}`, made by cellsim {cellsim.__version__}" in text


def test_its_numbers_are_those_of_the_samples(made: Dataset) -> None:
    text = card_text(made)
    counts = [sample.count for sample in made]
    assert f"| objects | {sum(counts):,} |" in text
    assert f"| objects | {sum(counts) / 3:.4g} | {min(counts)} | {max(counts)} |" in text
    assert "| samples | 3 |" in text
    assert "| detector.photons | " in text


def test_the_same_version_has_the_same_card(made: Dataset) -> None:
    assert card_text(made) == card_text(cellsim.open_dataset(made.location, "v1"))


def test_a_picture_lies_beside_it(made: Dataset, tmp_path: Path) -> None:
    save_card(made, tmp_path / "card.md")
    assert "](card.png)" in (tmp_path / "card.md").read_text()
    assert (tmp_path / "card.png").read_bytes().startswith(b"\x89PNG")
    assert "![" not in card_text(made)


def test_real_images_are_called_so(tmp_path: Path) -> None:
    text = card_text(save_set(tmp_path / "set.zarr", parents=("one", "two")))
    assert "Real images of microscopy with instance labels of cells, annotated by people." in text
    assert "| fields of view | 2; split by the column `parent` |" in text
    assert "| parent |" not in text
    assert "Cite those who took and annotated the images" in text
    assert "| licence of the data | unknown: fill in before you share the data |" in text


def test_weights_and_their_licences_are_listed(tmp_path: Path) -> None:
    weights = tmp_path / "flows.safetensors"
    weights.write_bytes(b"")
    recipe = {"generator": {"weights": {"path": str(weights), "digest": "ab" * 32}}}
    dataset = save_set(tmp_path / "set.zarr", recipe=recipe)
    assert isinstance(dataset.spec, Spec)
    assert "| weights `flows.safetensors`, `abababababab` | unknown |" in card_text(dataset)
    weights.with_suffix(".md").write_text("# flows\n\n| licence of the weights | CC-BY-4.0 |\n")
    assert "| weights `flows.safetensors`, `abababababab` | CC-BY-4.0 |" in card_text(dataset)


def test_a_set_of_volumes_without_images(tmp_path: Path) -> None:
    volumes = {"shape": (4, 9, 11), "spacing": (1.0, 0.5, 0.5), "channels": (), "structures": ("nuclei", "golgi")}
    text = card_text(save_set(tmp_path / "set.zarr", **volumes))
    assert (
        "Real label volumes of microscopy, without intensities: every object of nuclei and golgi has its own id" in text
    )
    assert "| size | 4 x 9 x 11 px |" in text
    assert "| channels | none |" in text


@pytest.mark.parametrize(
    ("recipes", "kind", "exact"),
    [
        (({"seed": 1}, {"seed": 2}), "Synthetic", "drawn with the image"),
        (({"seed": 1}, None), "Real and synthetic", "annotated by people or drawn with the image"),
        ((None, None), "Real", "annotated by people"),
    ],
)
def test_a_mixture_says_what_was_mixed(tmp_path: Path, recipes: Any, kind: str, exact: str) -> None:
    sets = [
        save_set(tmp_path / f"{i}.zarr", 2, recipe=recipe, digest=f"{i}" * 64, name=f"set{i}", columns=columns)
        for i, (recipe, columns) in enumerate(zip(recipes, ((), ("sharpness",)), strict=True))
    ]
    mix(sets, tmp_path / "inner.zarr")
    inner = cellsim.open_dataset(tmp_path / "inner.zarr")
    text = card_text(inner)
    assert f"{kind} images of microscopy with instance labels of cells, {exact}." in text
    for recipe, one in zip(recipes, sets, strict=True):
        said = f"'{one.spec.name}', v1, SHA-256 `{one.version.digest}`"
        assert f"- {'real' if recipe is None else 'synthetic'}: {said}" in text
    assert "Mixed from\n" in text
    assert "Ingested" not in text
    assert ("Cite those who took" in text) is (kind != "Synthetic")
    assert "| sharpness | 7 | 7 | 7 |" in text
    assert "| source |" not in text
    mix([inner, save_set(tmp_path / "c.zarr", 2, digest="e" * 64, recipe={"seed": 3})], tmp_path / "outer.zarr")
    outer = card_text(cellsim.open_dataset(tmp_path / "outer.zarr"))
    assert f"- {kind.lower()}: 'set0+set1', v1" in outer
    assert outer.partition("\n\n")[2].startswith("Synthetic" if kind == "Synthetic" else "Real and synthetic")


def test_a_card_with_spaces_in_its_name_shows_its_picture(made: Dataset, tmp_path: Path) -> None:
    save_card(made, tmp_path / "my card (1).md")
    assert "](my%20card%20%281%29.png)" in (tmp_path / "my card (1).md").read_text()
    assert (tmp_path / "my card (1).png").exists()
