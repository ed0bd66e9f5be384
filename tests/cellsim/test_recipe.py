"""Recipes: from YAML to samples; what their digest sees; which streams depend on what."""

from __future__ import annotations

import copy
import json
import pickle
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
import yaml
from hypothesis import given, settings

import cellsim
from cellsim.errors import CellsimError, InputError, RecipeError
from cellsim.recipe import Recipe, builtin_recipes, read_yaml
from cellsim.sample import Sample
from cellsim.seeds import Rng, stream
from cellsim.translators.base import Translator
from tests.recipes import TISSUE, small_recipe
from tests.statistics import assert_mean
from tests.strategies import recipes

BANK = {"kind": "packing", "shape": {"kind": "bank"}, "cover": 0.2}
VARYING = {
    "generator": TISSUE["generator"] | {"membrane": {"uniform": [0.5, 1.5]}},
    "translators": [
        {"kind": "rcm", "speckle": {"uniform": [0.2, 0.5]}},
        {"kind": "detector", "photons": {"choice": [50, 90]}},
    ],
}


def changed(path: str, value: Any) -> Recipe:
    """The small recipe with one value replaced."""
    values: Any = copy.deepcopy(TISSUE)
    *outer, last = [int(key) if key.isdigit() else key for key in path.split(".")]
    place = values
    for key in outer:
        place = place[key]
    place[last] = value
    return Recipe.parse(values)


def assert_same_sample(one: Sample, other: Sample) -> None:
    np.testing.assert_array_equal(one.labels, other.labels)
    np.testing.assert_array_equal(one.objects["seed"], other.objects["seed"])
    np.testing.assert_array_equal(one.image, other.image)


def leaves(values: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths of all plain values."""
    if isinstance(values, dict | list):
        for key, item in values.items() if isinstance(values, dict) else enumerate(values):
            yield from leaves(item, (*path, key))
    else:
        yield path


def test_a_sample_is_a_function_of_recipe_and_index() -> None:
    recipe = small_recipe()
    assert_same_sample(recipe.draw(5), small_recipe().draw(5))
    assert (recipe.draw(5).labels != recipe.draw(6).labels).any()
    assert (recipe.draw(5).labels != small_recipe(seed=1).draw(5).labels).any()


def test_samples_do_not_depend_on_order_or_company() -> None:
    recipe = small_recipe(**VARYING)
    for sample, index in zip(recipe.draw_many([4, 0, 2]), [4, 0, 2], strict=True):
        assert_same_sample(sample, recipe.draw(index))
    assert recipe.draw_many([]) == []


def test_a_negative_index_is_refused() -> None:
    with pytest.raises(ValueError, match="index must be >= 0, got seed 0 and index -1"):
        small_recipe().draw(-1)


@given(recipe=recipes())
def test_json_and_yaml_give_an_equal_recipe(recipe: Recipe) -> None:
    for values in (json.loads(json.dumps(recipe.dump())), yaml.safe_load(yaml.safe_dump(recipe.dump()))):
        again = Recipe.parse(values)
        assert again == recipe
        assert again.digest == recipe.digest
        assert again.varying == recipe.varying


def test_a_resolved_recipe_draws_the_same() -> None:
    recipe = small_recipe(**VARYING)
    again = Recipe.parse(json.loads(json.dumps(recipe.dump())))
    assert_same_sample(again.draw(3), recipe.draw(3))


def test_a_recipe_that_was_used_pickles_to_an_equal_one() -> None:
    recipe = small_recipe(**VARYING)
    digest, sample = recipe.digest, recipe.draw(1)
    again = pickle.loads(pickle.dumps(recipe))
    assert again == recipe
    assert again.digest == digest
    assert_same_sample(again.draw(1), sample)


def test_the_digest_ignores_the_name() -> None:
    assert small_recipe(name="other").digest == small_recipe().digest


def test_the_digest_sees_everything_else() -> None:
    values = small_recipe(**VARYING).dump()
    digests = {Recipe.parse(values).digest}
    tried = 0
    for path in leaves(values):
        if path[-1] in ("name", "kind", "version") or path[0] == "canvas":
            continue
        other = copy.deepcopy(values)
        *outer, last = path
        place = other
        for key in outer:
            place = place[key]
        there: Any = place[last]
        others: dict[Any, Any] = {
            "uint8": "uint16",
            None: {"kind": "formula", "formula": "0.5"} if last == "profile" else 1,
        }
        place[last] = others[there] if there in others else there + (1 if last == "seed" else 1e-3)
        digests.add(Recipe.parse(other).digest)
        tried += 1
    others = [
        {"canvas": {"shape": [32, 41], "spacing": [1.0, 1.0]}},
        {"canvas": {"shape": [32, 40], "spacing": [1.0, 2.0]}},
    ]
    others += [{"translators": VARYING["translators"][::-1]}, {"translators": VARYING["translators"] * 2}]
    digests |= {small_recipe(**(VARYING | other)).digest for other in others}
    assert tried > 20
    assert len(digests) == 1 + tried + len(others)


def test_writing_out_a_default_does_not_change_the_digest() -> None:
    assert changed("generator.membrane", 0).digest == small_recipe().digest
    assert changed("store", {"image": "uint8"}).digest == small_recipe().digest


def test_the_digest_sees_what_a_data_set_holds_and_not_where_it_lies(nuclei: Path, tmp_path: Path) -> None:
    shutil.copytree(nuclei, tmp_path / "moved.zarr")
    cellsim.make(small_recipe(), 2, tmp_path / "other.zarr", workers=1)

    def recipe(path: Path) -> Recipe:
        return small_recipe(generator=BANK | {"shape": {"kind": "bank", "dataset": str(path)}}, translators=[])

    here, moved, other = recipe(nuclei), recipe(tmp_path / "moved.zarr"), recipe(tmp_path / "other.zarr")
    assert here.digest == moved.digest
    assert here.digest != other.digest
    np.testing.assert_array_equal(here.draw(0).labels, moved.draw(0).labels)


def test_stages_are_named_by_kind_and_count() -> None:
    recipe = small_recipe(translators=[{"kind": "rcm"}] + [{"kind": "detector", "photons": p} for p in (9, 90, 900)])
    assert list(recipe.stages) == ["generator", "rcm", "detector", "detector-2", "detector-3"]
    assert [step.photons for step in list(recipe.stages.values())[2:]] == [9, 90, 900]


def test_a_stage_draws_from_the_stream_of_its_name() -> None:
    rendered = small_recipe(translators=[{"kind": "rcm"}])
    twice = [{"kind": "rcm"}, {"kind": "detector", "photons": 60}, {"kind": "detector", "photons": 30}]
    detector, detector_2 = list(small_recipe(translators=twice).stages.values())[2:]
    one = detector(rendered.draw(3), stream(0, 3, "detector"))
    assert_same_sample(small_recipe(translators=twice[:2]).draw(3), one)
    assert_same_sample(small_recipe(translators=twice).draw(3), detector_2(one, stream(0, 3, "detector-2")))


def test_adding_a_translator_changes_no_other_stage() -> None:
    plain = small_recipe(translators=[{"kind": "rcm"}, {"kind": "detector", "photons": 60}])
    more = small_recipe(translators=[{"kind": "fluorescence"}, {"kind": "rcm"}, {"kind": "detector", "photons": 60}])
    assert_same_sample(plain.draw(2), more.draw(2))  # rcm replaces what fluorescence drew
    np.testing.assert_array_equal(plain.draw(2).labels, small_recipe(translators=[]).draw(2).labels)


def test_what_varies_is_named_by_stage_and_field() -> None:
    recipe = small_recipe(**VARYING)
    assert list(recipe.varying) == ["generator.membrane", "rcm.speckle", "detector.photons"]
    assert recipe.drawn(3).keys() == recipe.varying.keys()
    assert 0.2 <= recipe.drawn(3)["rcm.speckle"] <= 0.5
    assert recipe.drawn(3) == recipe.drawn(3) != recipe.drawn(4)
    assert small_recipe(translators=[]).drawn(0) == {}


def test_numbers_that_vary_do_so_independently() -> None:
    laws = {"speckle": {"uniform": [0, 1]}, "heterogeneity": {"uniform": [0, 1]}}
    recipe = small_recipe(translators=[{"kind": "rcm"} | laws])
    one, other = np.transpose([list(recipe.drawn(i).values()) for i in range(500)])
    assert_mean((one - 0.5) * (other - 0.5), 0.0)
    with pytest.raises(AssertionError):
        assert_mean((one - 0.5) * (one - 0.5), 0.0)


def test_a_sample_is_that_of_the_numbers_drawn_for_it() -> None:
    recipe = small_recipe(**VARYING)
    for index in (0, 1, 2):
        drawn = recipe.drawn(index)
        settled = small_recipe(
            generator=TISSUE["generator"] | {"membrane": drawn["generator.membrane"]},
            translators=[
                {"kind": "rcm", "speckle": drawn["rcm.speckle"]},
                {"kind": "detector", "photons": drawn["detector.photons"]},
            ],
        )
        assert_same_sample(recipe.draw(index), settled.draw(index))


@pytest.mark.parametrize("more", ["generator.membrane", "generator.seeds.density", "translators.0.psf"])
def test_letting_one_more_parameter_vary_changes_no_other(more: str) -> None:
    fixed = {"generator.membrane": 0.7, "generator.seeds.density": 0.01, "translators.0.psf": 0.6}[more]
    plain, varied = changed(more, fixed), changed(more, {"choice": [fixed]})
    name = more.replace("translators.0", "rcm")
    assert set(varied.varying) - set(plain.varying) == {name}
    for index in range(3):
        assert {key: number for key, number in varied.drawn(index).items() if key != name} == plain.drawn(index)
        assert_same_sample(plain.draw(index), varied.draw(index))


def test_channels_are_those_of_the_last_renderer() -> None:
    assert small_recipe().channels == ("reflectance",)
    assert small_recipe(translators=[{"kind": "rcm"}, {"kind": "fluorescence"}]).channels == ("fluorescence",)
    assert small_recipe(translators=[]).channels == ()
    assert small_recipe(translators=[]).draw(0).image is None


class Batched(Translator):
    """Writes the size of its batch."""

    kind: Literal["batched"] = "batched"
    version: Literal[1] = 1

    def __call__(self, sample: Sample, rng: Rng) -> Sample:
        return self.many([sample], [rng])[0]

    def many(self, samples: Sequence[Sample], rngs: Sequence[Rng]) -> list[Sample]:
        image = np.float32(len(samples))
        return [sample.with_image(np.full(sample.labels.shape, image)) for sample in samples]


def test_a_step_that_gains_from_batches_gets_them() -> None:
    recipe = small_recipe(translators=[Batched()])
    assert [float(sample.image.max()) for sample in recipe.draw_many([0, 1, 2])] == [3.0, 3.0, 3.0]
    np.testing.assert_array_equal(recipe.draw_many([7, 1])[1].labels, small_recipe(translators=[]).draw(1).labels)


class Refusing(Translator):
    """Raises what it is told."""

    kind: Literal["refusing"] = "refusing"
    own: bool = False

    def __call__(self, sample: Sample, rng: Rng) -> Sample:
        raise InputError("not this") if self.own else ValueError("not that")


def test_a_stage_that_cannot_is_named() -> None:
    dense = TISSUE["generator"] | {"seeds": {"kind": "ssi", "density": 0.1, "distance": 5}}
    with pytest.raises(RecipeError, match=r"^generator\.seeds: density must be <= 0\.02786/µm\^2"):
        small_recipe(generator=dense).draw(0)
    with pytest.raises(RecipeError, match=r"^detector: a detector needs an image"):
        small_recipe(translators=[{"kind": "detector", "photons": 3}]).draw(0)
    with pytest.raises(RecipeError, match=r"^refusing: not that$"):
        small_recipe(translators=[Refusing()]).draw(0)
    with pytest.raises(InputError, match=r"^not this$"):
        small_recipe(translators=[Refusing(own=True)]).draw(0)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("trnslators", [], "trnslators: no such field; did you mean 'translators'? (fields: name, canvas, seed, "),
        ("seed", -1, "seed: must be greater than or equal to 0, got -1"),
        ("seed", "x", "seed: must be a valid integer, unable to parse string as an integer, got 'x'"),
        ("canvas", {"shape": [3, 4]}, "canvas.spacing: is required (Size of a pixel, ([z,] y, x).)"),
        ("canvas.shape", [0, 4], "canvas.shape.0: must be greater than 0 (px), got 0"),
        (
            "canvas.spacing",
            [1, 1, 1],
            "canvas: shape and spacing must have the same length, got (32, 40) and (1.0, 1.0, 1",
        ),
        ("store", {"image": "float32"}, "store.image: must be 'uint8' or 'uint16', got 'float32'"),
        (
            "generator.seeds.kind",
            "sssi",
            "generator.seeds: no kind 'sssi'; did you mean 'ssi'? (kinds: clusters, ",
        ),
        ("generator.seeds.distance", -5, "generator.seeds.distance: must be > 0 µm, got -5.0"),
        (
            "generator.membrain",
            1,
            "generator.membrain: no such field; did you mean 'membrane'? (fields: outline, seeds",
        ),
        (
            "translators.0.kind",
            "rmc",
            "translators.0: no kind 'rmc'; did you mean 'rcm'? (kinds: ",
        ),
        (
            "translators.1.photons",
            {"normal": [9, 9]},
            "translators.1.photons: must be > 0 photons, got {'normal': [9.0, 9.0]}",
        ),
        ("translators.1", {"kind": "detector"}, "translators.1.photons: is required (Photons at intensity 1.)"),
        ("translators.1", 5, "translators.1: expected a mapping such as {kind: ...}, got 5"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(path: str, value: Any, message: str) -> None:
    with pytest.raises(RecipeError) as refused:
        changed(path, value)
    assert str(refused.value).startswith(message)


def test_a_data_set_that_is_not_there_is_named() -> None:
    with pytest.raises(RecipeError, match=r"^generator\.shape\.dataset: no data set at nowhere\.zarr"):
        small_recipe(generator=BANK | {"shape": {"kind": "bank", "dataset": "nowhere.zarr"}})


def test_a_file_is_read_and_named_after_itself(tmp_path: Path) -> None:
    path = tmp_path / "skin.yaml"
    path.write_text(yaml.safe_dump({key: value for key, value in TISSUE.items() if key != "name"}))
    assert Recipe.load(path).name == "skin"
    assert Recipe.load(str(path), ["seed=9", "translators.rcm.psf=2"]).seed == 9
    assert Recipe.load(path).digest == small_recipe().digest


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- 1\n- 2", "a recipe is a mapping of fields to values, got list"),
        ("", "a recipe is a mapping of fields to values, got NoneType"),
        ("a: [1", "not valid YAML: while parsing a flow sequence"),
        ("name: \x07", "not valid YAML: "),
    ],
)
def test_a_file_that_is_no_recipe_is_refused(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    with pytest.raises(RecipeError) as refused:
        read_yaml(path)
    assert str(refused.value).startswith(f"{path}: {message}")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "tag", ["!!python/object/apply:os.system ['touch {}']", "!!python/object/apply:pathlib.Path.touch [{}]"]
)
def test_yaml_runs_nothing(tag: str, tmp_path: Path) -> None:
    path, trace = tmp_path / "evil.yaml", tmp_path / "trace"
    path.write_text("name: " + tag.format(trace))
    with pytest.raises(RecipeError, match="not valid YAML: could not determine a constructor for the tag"):
        read_yaml(path)
    assert not trace.exists()
    with pytest.raises(CellsimError, match="the value is not valid YAML"):
        Recipe.load("epidermis", [f"seed={tag.format(trace)}"])
    assert not trace.exists()


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_bytes(b"\xff\xfe\x00\x81")
    for path in (tmp_path / "b.yaml", tmp_path):
        with pytest.raises(RecipeError, match="cannot be read"):
            read_yaml(path)


def test_a_recipe_that_is_nowhere_is_refused_with_a_near_miss() -> None:
    with pytest.raises(RecipeError) as refused:
        Recipe.load("epidermi.yaml")
    assert str(refused.value).startswith(
        "no recipe file 'epidermi.yaml', and no built-in recipe of that name; did you mean 'epidermis'? (built in: "
    )


def test_a_file_goes_before_a_built_in_recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Recipe.load("epidermis.yaml") == Recipe.load("epidermis")
    Path("epidermis.yaml").write_text(yaml.safe_dump(TISSUE))
    assert Recipe.load("epidermis.yaml").digest == small_recipe().digest


@pytest.mark.parametrize("name", builtin_recipes())
def test_every_built_in_recipe_draws(name: str, nuclei: Path) -> None:
    needs = "kind: bank" in builtin_recipes()[name].read_text("utf-8")
    recipe = Recipe.load(name, [f"generator.shape.dataset={nuclei}"] if needs else [])
    sample = recipe.draw(0)
    assert recipe.name == name
    assert sample.count > 3
    assert sample.image is not None
    assert 0 <= sample.image.min() < sample.image.max() <= 1


@settings(max_examples=10)
@given(recipe=recipes())
def test_any_valid_recipe_draws_or_says_why_not(recipe: Recipe) -> None:
    said, sample = "", None
    try:
        sample = recipe.draw(0)
    except RecipeError as refused:
        said = str(refused)
    assert (said.split(":")[0] in recipe.stages) == (sample is None)
    if sample is not None:
        assert sample.canvas == recipe.canvas
        assert (sample.image is None) == (not recipe.translators)
