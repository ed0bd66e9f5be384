"""What a comparison of two data sets finds: plain numbers and small arrays, for tables and figures."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
RARE = 0.01  # of samples that are no copies are suspects, at most
LEVEL = 0.01  # of the test for more suspects than that
Group = Literal["form", "place", "light"]  # of objects; of where they stand; of the image


class Interval(NamedTuple):
    """An estimate with its confidence interval.

    Parameters
    ----------
    value : float
        The estimate.
    low, high : float
        Bounds of the central 95 % of the bootstrap.
    """

    value: float
    low: float
    high: float


class Distance(NamedTuple):
    """A distance between two sets of features, and what two halves of the real set have between them.

    Parameters
    ----------
    metric : str
        "Fréchet distance", "kernel distance", "precision", "recall".
    features : str
        Such as "texture", "FED-lite0", "FID", "flow texture", "morphology".
    of : {"images", "masks"}
        What was compared.
    found : Interval
        Real against synthetic.
    floor : Interval
        Real against real, split in halves, at the same number of samples: what is lost to small samples alone.
    samples : int
        Of each set that entered.
    """

    metric: str
    features: str
    of: Literal["images", "masks"]
    found: Interval
    floor: Interval
    samples: int


class Difference(NamedTuple):
    """A statistic of the real set beside that of the synthetic one.

    Parameters
    ----------
    statistic : str
        Its name for people, such as "nuclear area".
    unit : str
        "" for a plain number.
    group : {"form", "place", "light"}
        What it is a property of.
    by : {"object", "image"}
        What has one value of it.
    real, synthetic : (N,) float64 arrays
        The values, without nan.
    effect : float
        Difference of the means over the pooled standard deviation (Cohen's d), synthetic less real.
    wasserstein : float
        Earth mover's distance of the two distributions, in the unit.
    ks : float
        Kolmogorov-Smirnov distance, 0 to 1.
    p : float
        Chance of a Kolmogorov-Smirnov distance at least as great if there were no difference.
    """

    statistic: str
    unit: str
    group: Group
    by: Literal["object", "image"]
    real: Floats
    synthetic: Floats
    effect: float
    wasserstein: float
    ks: float
    p: float


class Curve(NamedTuple):
    """A function of distance, averaged over the images of each set.

    Parameters
    ----------
    name : str
        Such as "Ripley's L".
    unit : str
        Of the function; "" for a plain number.
    distances : (R,) float64 array
        In µm.
    real, synthetic : (R,) float64 arrays
        Means over images.
    real_envelope, synthetic_envelope : (2, R) float64 arrays
        Central 95 % of single images, low and high.
    independent : (R,) float64 array
        What points that are independent of each other have.
    independent_envelope : (2, R) float64 array
        Central 95 % of simulations of such points, of as many as in the real images.
    """

    name: str
    unit: str
    distances: Floats
    real: Floats
    synthetic: Floats
    real_envelope: Floats
    synthetic_envelope: Floats
    independent: Floats
    independent_envelope: Floats


class Copies(NamedTuple):
    """How near each synthetic sample is to a real one, against how near real ones are to each other.

    Parameters
    ----------
    of : {"images", "masks"}
        What was compared.
    features : str
        In which distances are taken.
    nearest : (N,) int64 array
        Index of the nearest real sample of each synthetic one.
    distance : (N,) float64 array
        To it.
    among_real : (M,) float64 array
        Distance of each real sample to the nearest other of another parent.
    suspects : tuple of int
        Synthetic samples nearer to a real one than (almost) any two real ones are, the nearest first.
    """

    of: Literal["images", "masks"]
    features: str
    nearest: NDArray[np.int64]
    distance: Floats
    among_real: Floats
    suspects: tuple[int, ...]

    @property
    def convincing(self) -> bool:
        """Whether there are more suspects than chance explains: of samples that are no copies, 1 % are suspects."""
        from scipy.stats import binom

        return bool(binom.sf(len(self.suspects) - 1, len(self.nearest), RARE) < LEVEL)
