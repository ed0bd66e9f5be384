"""Weights: what is saved is loaded, named by content."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Literal

import pytest
import torch

from cellsim.errors import RecipeError, StoreError
from cellsim.nn import weights
from cellsim.nn.weights import Weights, load_settings, load_weights, save_weights, weights_digest
from cellsim.steps import Step, identity, parse

SETTINGS: dict[str, object] = {"resolution": 16, "channels": [1, 2], "name": "µ"}


def tensors() -> dict[str, torch.Tensor]:
    """Of every kind that networks have, one of them not contiguous."""
    draw = torch.Generator().manual_seed(0)
    return {
        "weight": torch.randn(8, 4, generator=draw).T,
        "large": torch.tensor([1.0, 1e6]),
        "nothing": torch.tensor([float("inf"), float("nan"), 1.0]),
        "steps": torch.tensor([3, 2**40]),
        "scalar": torch.tensor(0.5),
    }


def test_what_is_saved_exactly_is_loaded_exactly(tmp_path: Path) -> None:
    save_weights(tmp_path / "w.safetensors", tensors(), SETTINGS, half=False)
    loaded, settings = load_weights(tmp_path / "w.safetensors")
    assert settings == SETTINGS
    assert loaded.keys() == tensors().keys()
    for name, tensor in tensors().items():
        torch.testing.assert_close(loaded[name], tensor, rtol=0, atol=0, equal_nan=True)


def test_half_the_space_costs_the_last_digits_and_never_becomes_infinite(tmp_path: Path) -> None:
    many = {"weight": torch.randn(100, 100, generator=torch.Generator().manual_seed(0))} | {"large": tensors()["large"]}
    sizes = {}
    for half in (False, True):
        save_weights(tmp_path / "w.safetensors", many, {}, half=half)
        sizes[half] = (tmp_path / "w.safetensors").stat().st_size
    assert sizes[True] < 0.52 * sizes[False]
    loaded, _ = load_weights(tmp_path / "w.safetensors")
    assert {tensor.dtype for tensor in loaded.values()} == {torch.float32}
    torch.testing.assert_close(loaded["weight"], many["weight"], rtol=2**-10, atol=1e-7)
    assert not torch.equal(loaded["weight"], many["weight"])
    torch.testing.assert_close(loaded["large"], many["large"], rtol=0, atol=0)


def test_the_same_weights_are_the_same_bytes(tmp_path: Path) -> None:
    one = save_weights(tmp_path / "a.safetensors", tensors(), SETTINGS)
    other = save_weights(
        tmp_path / "b.safetensors", dict(reversed(tensors().items())), dict(reversed(SETTINGS.items()))
    )
    assert one == other == weights_digest(tmp_path / "a.safetensors")


def test_a_digest_follows_the_content(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    one = save_weights(path, tensors(), SETTINGS)
    other = save_weights(path, tensors(), {**SETTINGS, "resolution": 32})
    assert one != other == weights_digest(path)


class Painter(Step):
    """A step that depends on weights."""

    kind: Literal["painter"] = "painter"
    weights: Weights


def test_a_step_names_weights_by_content(tmp_path: Path) -> None:
    digest = save_weights(tmp_path / "a.safetensors", tensors(), SETTINGS)
    (tmp_path / "b.safetensors").write_bytes((tmp_path / "a.safetensors").read_bytes())
    one, other = (parse(Painter, {"weights": str(tmp_path / f"{n}.safetensors")}, "painter") for n in "ab")
    assert one.weights.digest == digest
    assert one != other
    assert identity(one.model_dump()) == identity(other.model_dump())
    assert parse(Painter, one.model_dump(mode="json"), "") == one
    assert one.weights.load()[1] == SETTINGS


def test_weights_that_changed_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    save_weights(path, tensors(), SETTINGS)
    step = parse(Painter, {"weights": str(path)}, "painter")
    save_weights(path, tensors(), {})
    with pytest.raises(StoreError, match=r"w.safetensors holds other weights \(digest [0-9a-f]{12}\) than the recipe"):
        step.weights.load()


def test_built_in_weights_are_found_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_weights(tmp_path / "slim.safetensors", tensors(), SETTINGS)
    monkeypatch.setattr(weights, "builtin_weights", lambda: {"slim": tmp_path / "slim.safetensors"})
    for name in ("slim", "slim.safetensors"):
        assert parse(Painter, {"weights": name}, "").weights.load()[1] == SETTINGS
    with pytest.raises(RecipeError, match=r"painter.weights: no file of weights 'slum', .*did you mean 'slim'\?"):
        parse(Painter, {"weights": "slum"}, "painter")


def test_other_files_are_told_apart(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    (tmp_path / "text.safetensors").write_text("no weights")
    save_file({"x": torch.zeros(1)}, tmp_path / "bare.safetensors")
    with pytest.raises(StoreError, match=r"text.safetensors cannot be read as weights"):
        load_weights(tmp_path / "text.safetensors")
    with pytest.raises(StoreError, match=r"bare.safetensors holds no settings of cellsim"):
        load_weights(tmp_path / "bare.safetensors")


def test_a_recipe_can_name_weights_without_loading_torch() -> None:
    code = "import sys; from cellsim.nn.weights import Weights; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_settings_are_read_without_torch(tmp_path: Path) -> None:
    save_weights(tmp_path / "w.safetensors", tensors(), SETTINGS)
    code = (
        "import sys\nfrom cellsim.nn.weights import Weights\n"
        f"print(Weights.model_validate({str(tmp_path / 'w.safetensors')!r}).settings['resolution'])\n"
        "assert 'torch' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "16"


def test_settings_of_another_program_are_refused(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    save_file({"weight": torch.zeros(2)}, tmp_path / "w.safetensors")
    for read in (load_settings, load_weights):
        with pytest.raises(StoreError, match="holds no settings of cellsim: it was written by another program"):
            read(tmp_path / "w.safetensors")
