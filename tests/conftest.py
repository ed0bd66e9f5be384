"""What all tests share: the hypothesis profile, the kinds that contracts run for, a small data set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from PIL import Image

pytest.register_assert_rewrite("tests.contracts", "tests.statistics")

import cellsim  # noqa: E402 - assertions in helpers are rewritten before their first import
from cellsim.recipe import Recipe  # noqa: E402
from cellsim.steps import kinds  # noqa: E402
from tests.examples import FLAT  # noqa: E402

# Few examples, always the same: a failing run fails again.
settings.register_profile(
    "cellsim", max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
settings.load_profile("cellsim")

NUCLEI: dict[str, Any] = {
    "name": "nuclei",
    "canvas": {"shape": [64, 64], "spacing": [1.0, 1.0]},
    "generator": {
        "kind": "packing",
        "shape": {"kind": "ellipsoid", "radius": {"uniform": [3, 6]}, "elongation": {"uniform": [1, 2]}},
        "cover": 0.3,
        "gap": 1.0,
    },
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a contract for every kind of its room, and for 2D and 3D if the test draws."""
    room = getattr(metafunc.cls, "room", None)
    if room and "ndim" in metafunc.fixturenames:
        pairs = [(kind, ndim) for kind in kinds(room) for ndim in (2, 3) if kind not in FLAT or ndim == 2]
        metafunc.parametrize(("kind", "ndim"), pairs, ids=[f"{kind}-{ndim}D" for kind, ndim in pairs])
    elif room and "kind" in metafunc.fixturenames:
        metafunc.parametrize("kind", list(kinds(room)))


@pytest.fixture(scope="session")
def nuclei(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small data set of whole ellipses without images, 1 µm per pixel."""
    path = tmp_path_factory.mktemp("sets") / "nuclei.zarr"
    cellsim.make(Recipe.parse(NUCLEI), 4, path, workers=1)
    return path


@pytest.fixture(scope="session")
def stained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small data set of ellipses and their fluorescence images, 1 µm per pixel."""
    path = tmp_path_factory.mktemp("sets") / "stained.zarr"
    cellsim.make(Recipe.parse(NUCLEI | {"translators": [{"kind": "fluorescence"}]}), 4, path, workers=1)
    return path


@pytest.fixture(scope="session")
def flow_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of a small StyleGAN2 of flows that was not trained: its objects have any form."""
    import torch

    from cellsim.generators.stylegan.configuration import Architecture
    from cellsim.generators.stylegan.generator import Generator
    from cellsim.nn.weights import save_weights

    sizes = {"resolution": 16, "latent": 8, "mapping_layers": 2, "channel_base": 256, "channel_max": 16}
    with torch.random.fork_rng():
        torch.manual_seed(3)
        generator = Generator(Architecture(**sizes))
    path = tmp_path_factory.mktemp("weights") / "flows.safetensors"
    tensors = {f"generator.{name}": tensor for name, tensor in generator.state_dict().items()}
    save_weights(path, tensors, {"network": "stylegan2", "architecture": sizes, "encoding": "flows", "reduced": 2})
    return path


@pytest.fixture(scope="session")
def image_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of a small network from four mask layers to two channels that was not trained."""
    import torch

    from cellsim.nn.networks import build
    from cellsim.nn.weights import save_weights

    sizes = {"kind": "unet-chain", "inputs": 4, "outputs": 2, "levels": 2, "filters": 2}
    with torch.random.fork_rng():
        torch.manual_seed(3)
        network = build(sizes).train()
        for _ in range(20):  # running statistics
            network(torch.randint(0, 2, (4, 4, 16, 16)) * 2.0 - 1)
    settings = {
        "network": "pix2pix",
        "generator": sizes,
        "input": {"encoding": "layers", "layers": 4, "gap": 2},
        "low": [0.1, 0.0],
        "high": [0.6, 1.0],
        "channels": ["nuclei", "membranes"],
    }
    path = tmp_path_factory.mktemp("weights") / "images.safetensors"
    tensors = {f"generator.{name}": tensor for name, tensor in network.state_dict().items()}
    save_weights(path, tensors, settings)
    return path


@pytest.fixture(scope="session")
def torchvision() -> None:
    """Let torchvision be imported, and what imports it: Lightning, torch-fidelity."""
    from tests.vision import let_torchvision_be_imported

    let_torchvision_be_imported()


@pytest.fixture(scope="session")
def gray_image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ramp of 6 x 8 pixels, from 0 on the left to 140 on the right."""
    path = tmp_path_factory.mktemp("images") / "ramp.png"
    Image.fromarray(np.tile(np.arange(0, 160, 20, dtype=np.uint8), (6, 1))).save(path)
    return path
