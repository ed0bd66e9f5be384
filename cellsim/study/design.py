"""What is compared in a study: arms, sizes, seeds, and how much each training may do."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from cellsim.errors import InputError
from cellsim.steps import near_miss
from cellsim.study.segmenters import SEGMENTERS

REAL, BOTH, SYNTHETIC = "real", "real+synthetic", "synthetic"
ARMS = (REAL, BOTH, SYNTHETIC)


class Trial(NamedTuple):
    """One training of a study.

    Parameters
    ----------
    arm : str
        "real", "real+synthetic" or "synthetic".
    size : int
        Real images that are known; 0 if none are.
    seed : int
        Of the draw of real images, the first weights and the order of examples.
    """

    arm: str
    size: int
    seed: int

    @property
    def name(self) -> str:
        """For files."""
        return f"{self.arm.replace('+', '-')}-{self.size}-{self.seed}"


@dataclass(frozen=True)
class AugmentDesign:
    """What a study of augmentation compares.

    Every training takes equally many steps of equally many crops, whatever it learns from; of "real+synthetic", half of
    the crops are real.

    Parameters
    ----------
    sizes : tuple of int
        Numbers of real images, ascending.
    seeds : int
        How often everything is repeated, with other real images.
    synthetic : int
        Number of synthetic samples.
    steps : int
        Of each training.
    segmenter : str
        A key of `cellsim.study.segmenters.SEGMENTERS`.
    test : float
        Share of the parents that are held out, the same in all trainings.
    tested : int
        Images of these parents that are scored at most.

    Raises
    ------
    InputError
        If a value is not allowed.
    """

    sizes: tuple[int, ...] = (2, 4, 8)
    seeds: int = 3
    synthetic: int = 200
    steps: int = 1000
    segmenter: str = "unet"
    test: float = 0.25
    tested: int = 100

    def __post_init__(self) -> None:
        if not self.sizes or min(self.sizes) < 1 or list(self.sizes) != sorted(set(self.sizes)):
            raise InputError(f"sizes must be numbers >= 1, ascending, got {list(self.sizes)}")
        for name in ("seeds", "synthetic", "steps", "tested"):
            if getattr(self, name) < 1:
                raise InputError(f"{name} must be >= 1, got {getattr(self, name)}")
        if not 0 < self.test < 1:
            raise InputError(f"test must be > 0 and < 1, got {self.test}")
        if self.segmenter not in SEGMENTERS:
            raise InputError(
                f"no segmenter {self.segmenter!r}{near_miss(self.segmenter, SEGMENTERS)} "
                f"(segmenters: {', '.join(SEGMENTERS)})"
            )

    def trials(self, fitted: bool) -> Iterator[Trial]:
        """List the trainings, in the order in which they are done.

        Parameters
        ----------
        fitted : bool
            Whether synthetic samples depend on the real images; else those alone make one training a seed.

        Yields
        ------
        Trial
            Seed after seed, so that an early end leaves whole comparisons.
        """
        for seed in range(self.seeds):
            if not fitted:
                yield Trial(SYNTHETIC, 0, seed)
            for size in self.sizes:
                for arm in ARMS if fitted else (REAL, BOTH):
                    yield Trial(arm, size, seed)

    def record(self) -> dict[str, Any]:
        """Return the design as plain values.

        Returns
        -------
        dict
            JSON values; without the sizes and the number of seeds, to which a study may be extended.
        """
        return {name: value for name, value in asdict(self).items() if name not in ("sizes", "seeds")}


def digest_of(values: dict[str, Any]) -> str:
    """Return the digest of plain values.

    Parameters
    ----------
    values : dict
        JSON values.

    Returns
    -------
    str
        SHA-256, 64 hexadecimal digits.
    """
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
