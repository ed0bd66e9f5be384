"""Features of Inception-v3, in which the FID and the KID are defined."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Literal

from cellsim.errors import InputError
from cellsim.evaluate.features.base import Compared, Features, Floats
from cellsim.evaluate.features.channels import Sees, pictures
from cellsim.sample import Sample
from cellsim.steps import parameter

LAYER = "2048"  # pool3


class Inception(Features):
    """Features of the layer pool3 of Inception-v3 as the FID [1]_ and the KID are defined in, by torch-fidelity.

    Images are scaled to 299 x 299 as there. A Fréchet distance in these features, not reduced, is the FID. Published
    ones take tens of thousands of images; with few, the floor is what to read. Needs the extra ``fid``.

    The weights are those of 2015-12-05, converted by torch-fidelity, which downloads them on first use (96 MB). Without
    a network, fetch the file ``weights-inception-2015-12-05-6726825d.pth`` from its releases on GitHub, and give its
    path.

    References
    ----------
    .. [1] Heusel, M. and others (2017). GANs trained by a two time-scale update rule converge to a local Nash
       equilibrium. NIPS 30.
    """

    reduced: ClassVar[bool] = False

    kind: Literal["inception"] = "inception"
    version: Literal[1] = 1
    weights: str | None = parameter(None, doc="File of weights; none for those that torch-fidelity downloads.")
    sees: Sees = parameter("image", doc="What the network is shown: the image, or the encoded flows of the masks.")

    @property
    def title(self) -> str:
        """For people."""
        return "FID" if self.sees == "image" else "FID of flows"

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
            F is 2048 for each picture that the network is shown: one of an image with one or three channels, else one
            a channel; one a structure of flows.

        Raises
        ------
        InputError
            If a sample is 3D or lacks the image, or torch-fidelity or the weights are missing.
        """
        import torch

        shown = pictures(samples, self.sees)
        network = _network(self.weights)
        with torch.inference_mode():
            (found,) = network(torch.from_numpy(shown.reshape(-1, *shown.shape[2:])))
        return found.double().numpy().reshape(len(samples), -1)  # type: ignore[no-any-return]


@cache
def _network(weights: str | None) -> Any:
    try:
        from torch_fidelity.feature_extractor_inceptionv3 import URL_INCEPTION_V3, FeatureExtractorInceptionV3
    except ModuleNotFoundError as error:
        raise InputError(f"features 'inception' need {error.name}: pip install 'cellsim-toolkit[fid]'") from None
    except RuntimeError as error:
        raise InputError(
            f"features 'inception': torch-fidelity cannot be imported ({error}); torch and torchvision must be builds "
            "that belong together, both for the CPU or both for CUDA"
        ) from None
    how = f"download {URL_INCEPTION_V3} and give its path: {{kind: inception, weights: PATH}}"
    if weights is not None:
        _check(weights, how)
    try:
        return FeatureExtractorInceptionV3("inception-v3", [LAYER], feature_extractor_weights_path=weights)
    except (OSError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        where = "torch-fidelity's own weights" if weights is None else weights
        raise InputError(f"features 'inception': {where} cannot be used ({reason}); {how}") from None


def _check(weights: str, how: str) -> None:
    """Refuse what is no file of weights, before torch-fidelity unpickles it."""
    import torch

    if not Path(weights).is_file():
        raise InputError(f"features 'inception': there is no file {weights}; {how}")
    try:
        torch.load(weights, weights_only=True, map_location="cpu")
    except Exception as error:  # bytes that are no pickle raise anything
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        raise InputError(f"features 'inception': {weights} is no file of weights ({reason}); {how}") from None
