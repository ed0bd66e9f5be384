"""The model of SIMCEP under estimation: its first guess, its recipe, and what moves which parameter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Self

import numpy as np

from cellsim.evaluate.comparison import spaced
from cellsim.evaluate.summary import STATISTICS, Table, centre_and_spread
from cellsim.fitting.clusters import cluster_k
from cellsim.fitting.laws import Law, Plain, short
from cellsim.sample import Canvas

NUMBERS = (1, 2, 3, 4, 6, 8, 12, 16, 24)  # of clusters that are tried
BRIGHTNESS = 0.5  # of the stain; light makes it what it is in the image
OPTICS = ("psf", "defocus", "background", "autofluorescence", "illumination", "falloff")
MORE = 1.2  # times as many points as guessed are enough; where there is no room, more only take longer
LARGER = 1.3  # likewise of radii, which objects lose where they overlap
TRIES = 50  # places, as in SIMCEP
IMAGES = 60  # whose numbers a recipe lists at most
SOFTEST = 0.02  # added to statistics that may be 0, before ratios of them are taken

STATISTIC = {statistic.name: statistic for statistic in STATISTICS}


class Rule(NamedTuple):
    """What moves a parameter: it follows a statistic to a power.

    Parameters
    ----------
    parameter : str
        Key of `Simcep.laws`.
    statistic : str
        The one that it changes most.
    power : float
        The parameter is multiplied by the ratio of the real to the synthetic statistic to this power.
    varies : bool
        Whether the parameter may vary from image to image, so that the spread of the statistic is followed too.
    """

    parameter: str
    statistic: str
    power: float
    varies: bool = False


FORMS = (
    Rule("points", "objects", 1.0, varies=True),
    Rule("radius", "radius", 1.0, varies=True),
    Rule("radius spread", "radius spread", 1.0),
    Rule("elongation", "elongation", 1.0),
    Rule("elongation spread", "elongation spread", 1.0),
    Rule("alpha", "roughness", 1.0, varies=True),
    Rule("overlap", "touching", 1.0),
)
LEVELS = (
    Rule("illumination", "brightness", 2.0, varies=True),
    Rule("variation", "brightness spread", 1.0),
    Rule("depth", "texture", 1.0),
    Rule("persistence", "coarseness", -2.0),
    Rule("background", "background", 1.0, varies=True),
    Rule("autofluorescence", "unevenness", 2.0, varies=True),
    Rule("variance", "noise", 2.0, varies=True),
    Rule("psf", "edge", 1.5, varies=True),
    Rule("defocus", "edge spread", 1.0),
    Rule("falloff", "falloff", 1.0),
)


@dataclass(frozen=True)
class Simcep:
    """Parameters of the model of SIMCEP.

    Parameters
    ----------
    canvas : Canvas
        2D.
    reach : float
        Distance in µm within which objects are neighbours.
    margin : float
        How far about the canvas points are spread, in µm.
    laws : mapping of str to Law
        By the names that `FORMS` and `LEVELS` use.
    together : float
        Chance that two points are in one cluster.
    spread : float
        Standard deviation of a cluster in µm.
    clusters : int
        Their number.
    inverted : bool
        Objects are darker than the background.
    """

    canvas: Canvas
    reach: float
    margin: float
    laws: Mapping[str, Law] = field(default_factory=dict)
    together: float = 0.0
    spread: float = 20.0
    clusters: int = 1
    inverted: bool = False

    @property
    def box(self) -> float:
        """Area in µm² that points are spread over."""
        return float(np.prod([edge + 2 * self.margin for edge in self.canvas.size]))

    @property
    def clustered(self) -> float:
        """Chance that a point is in a cluster."""
        return float(np.sqrt(min(self.together * self.clusters, 1.0)))

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules of the parameters that there are: without images, those of forms."""
        return tuple(rule for rule in (*FORMS, *LEVELS) if rule.parameter in self.laws)

    @classmethod
    def guess(cls, real: Table, canvas: Canvas, reach: float, inverted: bool) -> Self:
        """Estimate what can be estimated without a simulation.

        Parameters
        ----------
        real : dict
            Statistics of the real images.
        canvas : Canvas
            Theirs.
        reach : float
            Distance in µm within which objects are neighbours.
        inverted : bool
            Objects are darker than the background.

        Returns
        -------
        Simcep
            Without clusters.
        """
        seen = {name: centre_and_spread(real, statistic) for name, statistic in STATISTIC.items()}
        radius, between = np.exp(seen["radius"][0]), seen["radius"][1]
        within = _number(seen["radius spread"][0], 0.1)
        stretch = _number(seen["elongation"][0], 0.2)
        largest = radius * np.exp(1.5 * np.hypot(between, within) + stretch / 2)
        margin = short(min(largest, min(canvas.size) / 2))
        model = cls(canvas, reach, margin, inverted=inverted)
        reached = np.prod(canvas.size) + sum(canvas.size) * 2 * radius + np.pi * radius**2
        points = np.exp(seen["objects"][0]) * model.box / reached
        laws = {
            "points": Law(points, seen["objects"][1], 0.01, MORE * points * np.exp(4 * seen["objects"][1])),
            "radius": Law(radius, between, min(canvas.spacing) / 2, LARGER * radius),
            "radius spread": Law(within, low=1e-3, high=0.8),
            "elongation": Law(np.exp(stretch), low=1.0, high=8.0),
            "elongation spread": Law(_number(seen["elongation spread"][0], 0.1), low=1e-3, high=0.8),
            "alpha": Law(1.5 * np.exp(_number(seen["roughness"][0], -3.0)), low=1e-3, high=0.6),
            "overlap": Law(0.05 + 0.2 * _number(seen["touching"][0], 0.0), low=1e-3, high=0.8),
        }
        laws |= {} if np.isnan(seen["brightness"][0]) else _levels(seen, canvas)
        patterns = {rule.parameter: _scores(real, rule) for rule in (*FORMS, *LEVELS) if rule.varies}
        return replace(model, laws={n: replace(law, pattern=patterns.get(n, ())) for n, law in laws.items()})

    def corrected(self, real: Table, found: Table, step: float) -> Self:
        """Move every parameter by what its statistic lacks.

        Parameters
        ----------
        real, found : dict
            Statistics of the real images, and of those drawn from this model.
        step : float
            Share of the correction that is made.

        Returns
        -------
        Simcep
            The next guess.
        """
        laws = dict(self.laws)
        for rule in self.rules:
            by, variance = _lack(rule, real, found)
            laws[rule.parameter] = laws[rule.parameter].moved(step * by, step * variance)
        return replace(self, laws=laws, together=self._gathered(real, found, step))

    def _gathered(self, real: Table, found: Table, step: float) -> float:
        """Move the chance that pairs are in one cluster, by the K function at one distance."""
        at = np.array([self.reach])
        apart, together = cluster_k(at, self.spread, self.box)
        lack = (centre_and_spread(table, STATISTIC["clumping"])[0] for table in (real, found))
        missing = next(lack) - next(lack)
        gain = float(together[0] / apart[0]) - 1
        if np.isnan(missing) or gain <= 0.1:
            return self.together
        return float(np.clip(self.together + step * missing / gain, 0, 1 / self.clusters))

    def recipe(self, name: str, stored: str) -> dict[str, Any]:
        """Write the model as a recipe.

        Parameters
        ----------
        name : str
            Of the recipe.
        stored : str
            Type of the grey levels, "uint8" or "uint16".

        Returns
        -------
        dict
            Plain values, as YAML has them.
        """
        canvas = {"shape": list(self.canvas.shape), "spacing": list(self.canvas.spacing)}
        values = {"name": name, "canvas": canvas, "seed": 0, "generator": self._generator()}
        translators = self._translators() if "depth" in self.laws else []
        return {**values, "translators": translators, "store": {"image": stored}}

    def _generator(self) -> dict[str, Any]:
        laws = self.laws
        points = {
            "kind": "clusters",
            "points": laws["points"].plain(),
            "clusters": self.clusters,
            "clustered": short(self.clustered),
            "spread": short(self.spread),
            "tries": TRIES,
        }
        alpha = laws["alpha"].plain()
        shape = {
            "kind": "simcep",
            "radius": _lognormal(laws["radius"], laws["radius spread"]),
            "scale": replace(laws["radius"], median=1.0, low=1e-3, high=np.inf).plain(),
            "elongation": _lognormal(laws["elongation"], laws["elongation spread"]),
            "alpha": alpha,
            "beta": short(laws["alpha"].median),
        }
        generator = {"kind": "population", "points": points, "shape": shape, "overlap": laws["overlap"].plain()}
        return {**generator, "shared": "first", "margin": self.margin, "fewer": True}

    def _translators(self) -> list[dict[str, Any]]:
        laws = self.laws
        texture = {
            "kind": "texture",
            "brightness": BRIGHTNESS,
            "variation": laws["variation"].plain(),
            "persistence": laws["persistence"].plain(),
            "bias": short(1 - laws["depth"].median),
        }
        optics = {"kind": "wide-field"} | {name: laws[name].plain() for name in OPTICS}
        noise = {"kind": "gaussian-noise", "variance": laws["variance"].plain()}
        return [texture, optics, noise, *([{"kind": "invert"}] if self.inverted else [])]


def _scores(real: Table, rule: Rule) -> tuple[float, ...]:
    """Take standard scores of a statistic of some of the real images, 0 where it was not measured."""
    values = real[rule.statistic]
    if STATISTIC[rule.statistic].mean == "geometric":
        values = np.log(np.maximum(values, 1e-12))
    values = values[spaced(len(values), min(len(values), IMAGES))]
    measured = ~np.isnan(values)
    scores = np.zeros(len(values))
    if measured.any():
        scores[measured] = values[measured] - values[measured].mean()
    return tuple((np.sign(rule.power) * scores / max(scores.std(), 1e-9)).tolist())


def _levels(seen: Mapping[str, tuple[float, float]], canvas: Canvas) -> dict[str, Law]:
    """First guess of what makes the image."""
    depth = float(np.clip(4 * np.exp(_number(seen["texture"][0], -2.0)), 0.05, 0.9))
    blur = np.exp(_number(seen["edge"][0], 0.0)) * min(canvas.spacing)
    dark, uneven, noise = (np.exp(_number(seen[name][0], -5.0)) for name in ("background", "unevenness", "noise"))
    stain, dark = BRIGHTNESS * (1 - depth / 2), min(dark, 0.9)
    level, between = np.exp(seen["brightness"][0]) * (1 - dark) / stain, seen["brightness"][1]
    return {
        "illumination": Law(level**2, 2 * between, 1e-6),
        "variation": Law(_number(seen["brightness spread"][0], 0.1), low=1e-3, high=1.5),
        "depth": Law(depth, low=0.01, high=1.0),
        "persistence": Law(0.5, low=0.05, high=2.0),
        "background": Law(stain * dark / (1 - dark), seen["background"][1], 1e-6, 10 * BRIGHTNESS),
        "autofluorescence": Law(10 * uneven**2, 2 * _number(seen["unevenness"][1], 0.0), 1e-8, 10.0),
        "variance": Law(noise**2, 2 * _number(seen["noise"][1], 0.0), 1e-12, 1.0),
        "psf": Law(blur, _number(seen["edge"][1], 0.0), 0.05 * min(canvas.spacing)),
        "defocus": Law(blur / 2, low=0.01 * min(canvas.spacing)),
        "falloff": Law(max(_number(seen["falloff"][0], 0.0), 1e-3), low=1e-3, high=0.9),
    }


def _lack(rule: Rule, real: Table, found: Table) -> tuple[float, float]:
    """Find what to add to the logarithm of a parameter, and to its variance."""
    statistic = STATISTIC[rule.statistic]
    (centre, spread), (other, other_spread) = (centre_and_spread(table, statistic) for table in (real, found))
    if statistic.mean == "arithmetic":
        centre, other = (np.log(max(mean, 0.0) + SOFTEST) for mean in (centre, other))
    variance = rule.power**2 * (spread**2 - other_spread**2) if rule.varies else 0.0
    return rule.power * (centre - other), variance


def _lognormal(middle: Law, spread: Law) -> Plain:
    return Law(middle.median, spread.median).plain()


def _number(value: float, otherwise: float) -> float:
    return otherwise if np.isnan(value) else value
