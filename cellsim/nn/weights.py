"""Trained weights on disk: tensors, and the settings from which their networks are built again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import ConfigDict, model_validator

from cellsim.errors import StoreError
from cellsim.nn.atomic import replacing
from cellsim.steps import Content, near_miss

if TYPE_CHECKING:
    from torch import Tensor

SUFFIX = ".safetensors"
TOLERANCE = 0.01  # relative difference of two sizes of a pixel that count as the same
FORMAT = 1
KEY = "cellsim"  # one entry of metadata: safetensors keeps several in no order, and equal weights must be equal bytes


def save_weights(
    path: str | Path, tensors: Mapping[str, Tensor], settings: Mapping[str, object], *, half: bool = True
) -> str:
    """Write weights as a safetensors file, whole or not at all.

    Parameters
    ----------
    path : str or Path
        Of the file.
    tensors : mapping of str to Tensor
        By name; on any device.
    settings : mapping of str to JSON value
        From which the networks are built again.
    half : bool
        Store floating-point numbers as float16, in half the space. Tensors with numbers that float16 cannot hold are
        stored as float32.

    Returns
    -------
    str
        SHA-256 of the file.

    Raises
    ------
    StoreError
        If the file cannot be written.
    """
    from safetensors.torch import save

    stored = {name: _stored(tensor.detach().cpu(), half) for name, tensor in tensors.items()}
    known = json.dumps({"format": FORMAT, "settings": dict(settings)}, sort_keys=True)
    content = save(stored, {KEY: known})
    with replacing(Path(path)) as file:
        file.write(content)
    return hashlib.sha256(content).hexdigest()


def _stored(tensor: Tensor, half: bool) -> Tensor:
    import torch

    if not tensor.is_floating_point():
        return tensor.contiguous()
    small = tensor.to(torch.float16)
    if half and bool((small.isfinite() == tensor.isfinite()).all()):
        return small.contiguous()
    return tensor.to(torch.float32).contiguous()


def load_weights(path: str | Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read weights.

    Parameters
    ----------
    path : str or Path
        A file, or the name of weights that come with cellsim.

    Returns
    -------
    tensors : dict of str to Tensor
        On the CPU; floating-point numbers as float32.
    settings : dict of str to JSON value
        As they were saved.

    Raises
    ------
    StoreError
        If there is no such file, or it holds no weights of cellsim.
    """
    import torch
    from safetensors import SafetensorError, safe_open

    found = find_weights(path)
    settings = load_settings(found)
    try:
        with safe_open(found, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no mapping
    except (SafetensorError, OSError) as error:
        raise StoreError(f"{found} cannot be read as weights: {error}") from None
    floats = {torch.float16, torch.bfloat16, torch.float64}
    return {k: t.to(torch.float32) if t.dtype in floats else t for k, t in tensors.items()}, settings


def load_settings(path: str | Path) -> dict[str, Any]:
    """Read only the settings of weights, without PyTorch.

    Parameters
    ----------
    path : str or Path
        A file, or the name of weights that come with cellsim.

    Returns
    -------
    dict of str to JSON value
        As they were saved.

    Raises
    ------
    StoreError
        If there is no such file, or it holds no weights of cellsim.
    """
    from safetensors import SafetensorError, safe_open

    found = find_weights(path)
    try:
        with safe_open(found, framework="np") as file:
            known = (file.metadata() or {}).get(KEY)
    except (SafetensorError, OSError) as error:
        raise StoreError(f"{found} cannot be read as weights: {error}") from None
    if known is None:
        raise StoreError(f"{found} holds no settings of cellsim: it was written by another program")
    settings: dict[str, Any] = json.loads(known)["settings"]
    return settings


def builtin_weights() -> dict[str, Path]:
    """Find the weights that come with cellsim.

    Returns
    -------
    dict of str to Path
        Name without ".safetensors" -> file.
    """
    folder = Path(str(resources.files("cellsim.recipes"))) / "weights"
    return {path.stem: path for path in sorted(folder.glob(f"*{SUFFIX}"))}


def find_weights(path: str | Path) -> Path:
    """Find weights, in a file or among those that come with cellsim.

    Parameters
    ----------
    path : str or Path
        A file, or the name of built-in weights ("tissue-flows-128" or "tissue-flows-128.safetensors").

    Returns
    -------
    Path
        Of the file.

    Raises
    ------
    StoreError
        If there is neither.
    """
    asked, known = Path(path), builtin_weights()
    stem = asked.name.removesuffix(SUFFIX)
    if asked.is_file():
        return asked
    if asked.parent == Path() and stem in known:
        return known[stem]
    built_in = f"(built in: {', '.join(known) or 'none'})"
    raise StoreError(f"no file of weights {str(path)!r}, and no built-in ones{near_miss(stem, known)} {built_in}")


def weights_digest(path: Path) -> str:
    """Return the SHA-256 of a file of weights; read again only if the file has changed.

    Parameters
    ----------
    path : Path
        Of the file.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    known = path.stat()
    return _digest(path, known.st_mtime_ns, known.st_size)


@lru_cache(maxsize=64)
def _digest(path: Path, _changed: int, _size: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Weights(Content):
    """Trained weights that a step depends on; in a recipe the path of the file, or the name of built-in weights.

    Parameters
    ----------
    path : str
        Where the file lies; not part of the identity of a recipe.
    digest : str
        SHA-256 of the file.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))

    @model_validator(mode="before")
    @classmethod
    def _look_up(cls, value: Any) -> Any:
        if isinstance(value, Mapping):
            return value
        try:
            return {"path": str(value), "digest": weights_digest(find_weights(value))}
        except StoreError as error:
            raise ValueError(str(error)) from None

    @cached_property
    def settings(self) -> dict[str, Any]:
        """What the networks are built from, and what else is known of them; read without PyTorch."""
        return load_settings(self.path)

    def check(self, network: str, spacing: Sequence[float]) -> None:
        """Refuse weights of other networks, and canvases whose pixels have another size than those learnt from.

        Parameters
        ----------
        network : str
            What the weights must be of, as their settings name it.
        spacing : sequence of float
            Of the canvas, in µm.

        Raises
        ------
        ValueError
            If they do not fit.
        """
        if self.settings.get("network") != network:
            raise ValueError(f"weights: must be of a network {network!r}, {self.path} is {self._described}")
        learnt = self.settings.get("spacing")
        if learnt and not np.allclose(spacing, learnt, rtol=TOLERANCE):
            wanted = ", ".join(f"{s:g}" for s in learnt)
            raise ValueError(f"{self.path} has learnt pixels of {wanted} µm: canvas.spacing must be [{wanted}]")

    @property
    def _described(self) -> str:
        found = self.settings.get("network")
        return repr(found.get("kind") if isinstance(found, Mapping) else found)

    def load(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Read the weights.

        Returns
        -------
        tensors : dict of str to Tensor
            On the CPU, floating-point numbers as float32.
        settings : dict of str to JSON value
            From which the networks are built again.

        Raises
        ------
        StoreError
            If the file is not there, or holds other weights than when the recipe was resolved.
        """
        found = find_weights(self.path)
        if weights_digest(found) != self.digest:
            raise StoreError(
                f"{self.path} holds other weights (digest {weights_digest(found)[:12]}) than the recipe was made with "
                f"({self.digest[:12]})"
            )
        return load_weights(found)
