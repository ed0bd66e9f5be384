"""The card of a data set: what is recorded stands on it, what is not is marked."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

import cellsim
from cellsim.datasets.layout import Spec
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
