"""Sizes of the networks, and those of them that have names."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

CONSTANT = 4  # px, edge of the constant that synthesis begins from


class Architecture(BaseModel):
    """Sizes of a generator and its discriminator.

    Instead of a mapping, a name such as ``auto-256`` may be given.

    Parameters
    ----------
    resolution : int
        Edge of the images in px: a power of two.
    channels : int
        Of the images.
    latent : int
        Numbers in a latent vector z, and in an intermediate one, w.
    mapping_layers : int
        Layers that turn z into w.
    channel_base : int
        Feature channels times resolution, where `channel_max` does not limit them.
    channel_max : int
        Most feature channels.
    group : int
        Images over which the discriminator takes standard deviations.
    noise : bool
        Whether layers add noise, for details that the latent vector does not decide. Flows have none.
    spatial : bool
        Whether synthesis begins from normally distributed numbers, other ones in each image, in place of a learnt
        constant: the latent vector then decides on the style, and they on the layout.
    margin : int
        Cells of the 4 x 4 grid around an image that are made as well and cut off, so that layers see no border and
        images of any size are alike.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    resolution: int = Field(ge=8)
    channels: int = Field(3, ge=1)
    latent: int = Field(512, ge=1)
    mapping_layers: int = Field(8, ge=1)
    channel_base: int = Field(32768, ge=1)
    channel_max: int = Field(512, ge=1)
    group: int = Field(4, ge=1)
    noise: bool = True
    spatial: bool = False
    margin: int = Field(0, ge=0, le=4)

    @model_validator(mode="before")
    @classmethod
    def _by_name(cls, value: Any) -> Any:
        return _fields(value) if isinstance(value, str) else value

    @field_validator("resolution")
    @classmethod
    def _power_of_two(cls, value: int) -> int:
        if value & (value - 1):
            raise ValueError(f"must be a power of two, got {value}")
        return value

    @property
    def resolutions(self) -> tuple[int, ...]:
        """Edges of the feature maps in px, from that of the constant to that of the images."""
        return tuple(2**i for i in range(CONSTANT.bit_length() - 1, self.resolution.bit_length()))

    @property
    def styles(self) -> int:
        """How many layers of the synthesis network have a style of their own."""
        return 2 * len(self.resolutions)

    def features(self, resolution: int) -> int:
        """Count the feature channels at a resolution.

        Parameters
        ----------
        resolution : int
            Edge of the feature maps in px.

        Returns
        -------
        int
            Channels.
        """
        return max(1, min(self.channel_base // resolution, self.channel_max))


def named(name: str, channels: int = 3) -> Architecture:
    """Look up sizes by name: ``auto-256``, ``slim-128``, ...

    ``auto``, ``paper`` and ``stylegan2`` are those of Karras and others [1]_, [2]_; ``slim`` and
    ``tiny`` are for small data sets and for training without a GPU.

    Parameters
    ----------
    name : str
        Family and resolution in px.
    channels : int
        Of the images.

    Returns
    -------
    Architecture
        The sizes.

    Raises
    ------
    ValueError
        If there is no such family, or no such resolution.

    References
    ----------
    .. [1] Karras, T. et al. (2020). Analyzing and improving the image quality of StyleGAN. CVPR.
    .. [2] Karras, T. et al. (2020). Training generative adversarial networks with limited data. NeurIPS.
    """
    return Architecture.model_validate(_fields(name) | {"channels": channels})


def _fields(name: str) -> dict[str, int]:
    family, _, edge = name.rpartition("-")
    if family not in FAMILIES or not edge.isdigit():
        allowed = ", ".join(f"{one}-256" for one in FAMILIES)
        raise ValueError(f"no architecture {name!r} (a family and a resolution: {allowed}, ...)")
    base = {} if family in ("slim", "tiny", "stylegan2") else {"channel_base": 32768 if int(edge) >= 512 else 16384}
    return {"resolution": int(edge), **base, **FAMILIES[family]}


FAMILIES: dict[str, dict[str, int]] = {
    "auto": {"mapping_layers": 2, "group": 4},
    "paper": {"mapping_layers": 8, "group": 8},
    "stylegan2": {"mapping_layers": 8, "group": 4},
    "slim": {"mapping_layers": 2, "group": 4, "latent": 128, "channel_base": 2048, "channel_max": 128},
    "tiny": {"mapping_layers": 2, "group": 4, "latent": 128, "channel_base": 1024, "channel_max": 128},
}
