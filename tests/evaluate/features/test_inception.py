"""Inception-v3 by torch-fidelity, with weights made at random; and numbers against its own formulas."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from cellsim.errors import InputError
from cellsim.evaluate.bootstrap import draw_halves
from cellsim.evaluate.distances import distances
from cellsim.evaluate.features import inception
from cellsim.evaluate.features.inception import Inception, _network
from cellsim.evaluate.frechet import frechet_distance
from cellsim.evaluate.kernel_distance import kernel_distance
from cellsim.evaluate.manifold import precision_recall
from tests.evaluate.features.samples import many


@pytest.fixture(scope="module", autouse=True)
def fidelity(torchvision: None) -> Iterator[None]:
    """Forget the network of the last test."""
    pytest.importorskip("torch_fidelity")
    yield
    _network.cache_clear()


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of random weights, as torch-fidelity's own have them."""
    from torch_fidelity import feature_extractor_inceptionv3 as theirs

    class Bare(theirs.FeatureExtractorInceptionV3):
        def load_state_dict(self, *_: object, **__: object) -> None:  # type: ignore[override]
            """Keep what was drawn."""

    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "random.pth"
    torch.save({}, path)
    network = Bare("bare", ["2048"], feature_extractor_weights_path=str(path))
    for module in network.modules():
        if isinstance(module, torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(module.weight)  # signals neither fade nor grow
    torch.save(network.state_dict(), path)
    return path


@pytest.mark.slow
def test_features_are_those_of_torch_fidelity(weights: Path) -> None:
    from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

    samples = many(2)
    found = Inception(weights=str(weights))(samples)
    assert found.shape == (2, 2048)
    assert found.std() > 0
    network = FeatureExtractorInceptionV3("theirs", ["2048"], feature_extractor_weights_path=str(weights))
    images = np.stack([np.repeat(np.rint(255 * one.image), 3, axis=0).astype(np.uint8) for one in samples])  # type: ignore[operator]
    with torch.inference_mode():
        (expected,) = network(torch.from_numpy(images))
    np.testing.assert_allclose(found, expected.numpy(), rtol=1e-5, atol=1e-7)


def test_distances_are_taken_in_bare_features(monkeypatch: pytest.MonkeyPatch) -> None:
    def network(images: torch.Tensor) -> tuple[torch.Tensor]:
        return (images.float().flatten(2).mean(dim=2),)

    monkeypatch.setattr(inception, "_network", lambda _: network)
    real, other = many(8), many(8, start=20)
    found = distances(real, other, ["inception"], draws=1)
    assert {one.features for one in found} == {"FID"}
    levels = [np.array([[np.rint(255 * one.image).mean()] * 3 for one in some]) for some in (real, other)]  # type: ignore[operator]
    np.testing.assert_allclose(Inception()(real), levels[0], rtol=1e-5)
    halves = draw_halves(np.arange(8), np.arange(8), 1)
    expected = frechet_distance(levels[0][halves.real[0]], levels[1][halves.synthetic[0]])
    assert found[0].found.value == pytest.approx(expected, rel=1e-3)


@pytest.fixture(scope="module")
def pair() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.gamma(1, 1, (120, 32)), rng.gamma(1.3, 1, (120, 32))


def test_numbers_are_those_of_torch_fidelity(pair: tuple[np.ndarray, np.ndarray]) -> None:
    from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
    from torch_fidelity.metric_kid import kid_features_to_metric
    from torch_fidelity.metric_prc import prc_features_to_metric

    x, y = (torch.from_numpy(one) for one in pair)
    fid = fid_statistics_to_metric(fid_features_to_statistics(x), fid_features_to_statistics(y), verbose=False)
    assert frechet_distance(*pair) == pytest.approx(fid["frechet_inception_distance"], rel=1e-9)
    kid = kid_features_to_metric(x, y, kid_subset_size=len(x), kid_subsets=1, verbose=False)
    assert kernel_distance(*pair) == pytest.approx(kid["kernel_inception_distance_mean"], rel=1e-9)
    both = prc_features_to_metric(y, x, prc_neighborhood=3, prc_batch_size=1000, save_cpu_ram=False, verbose=False)
    assert precision_recall(*pair) == pytest.approx((both["precision"], both["recall"]))


def test_a_missing_or_wrong_file_says_how_to_get_the_weights(tmp_path: Path) -> None:
    for name, content, said in [("none.pth", None, "there is no file"), ("bad.pth", b"hello", "no file of weights")]:
        if content:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match=f"{said}.*download https://.*weights-inception-2015.*weights: PATH"):
            Inception(weights=str(tmp_path / name))(many(1))
    torch.save({"a": torch.zeros(1)}, tmp_path / "other.pth")
    with pytest.raises(InputError, match=r"cannot be used .*download https"):
        Inception(weights=str(tmp_path / "other.pth"))(many(1))


def test_without_a_network_it_says_how_to_get_the_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    from urllib.error import URLError

    from torch_fidelity import feature_extractor_inceptionv3 as theirs

    def refuse(*_: object, **__: object) -> None:
        raise URLError("no network")

    monkeypatch.setattr(theirs, "load_state_dict_from_url", refuse)
    with pytest.raises(InputError, match=r"own weights cannot be used .*no network.*download https"):
        Inception()(many(1))
