"""An example of every kind: the picture on its page. A new kind needs a line here, or the build fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cellsim.sample import Canvas

CANVAS = Canvas(shape=(200, 200), spacing=(0.5, 0.5))

TISSUE = {
    "kind": "tissue",
    "outline": {"kind": "bezier", "cover": 0.6, "corners": 9},
    "seeds": {"kind": "ssi", "density": 0.006, "distance": 9},
    "membrane": 1.0,
}
NUCLEI = {
    "kind": "packing",
    "shape": {"kind": "ellipsoid", "radius": {"uniform": [4, 6]}, "elongation": {"uniform": [1, 1.8]}},
    "cover": 0.3,
    "gap": 1,
}
CELLS = {
    "kind": "packing",
    "shape": {"kind": "ellipsoid", "radius": {"uniform": [9, 14]}, "elongation": {"uniform": [1.2, 3]}},
    "cover": 0.3,
}
NUCLEI_SET = "nuclei.zarr"  # made from NUCLEI when the pictures are drawn; `bank` takes its objects from it


@dataclass(frozen=True)
class Example:
    """A step as a recipe would have it, its equation, and the field whose values its picture compares.

    Parameters
    ----------
    step : mapping
        Fields of the step without its kind.
    equation : str
        What it computes, in LaTeX.
    vary : str
        Path of a field in the step; "" for a picture of the step alone.
    over : tuple
        Values of that field.
    generator : mapping
        For translators: what makes the labels.
    before : tuple of mappings
        For translators: what comes before it.
    """

    step: Mapping[str, Any]
    equation: str
    vary: str = ""
    over: tuple[float, ...] = ()
    generator: Mapping[str, Any] | None = None
    before: tuple[Mapping[str, Any], ...] = ()


EXAMPLES = {
    # points
    "poisson": Example(
        {"density": 0.01},
        r"P(N(A) = n) = \frac{(\lambda |A|)^n}{n!} \, e^{-\lambda |A|}",
        "density",
        (0.003, 0.01, 0.03),
    ),
    "matern-ii": Example(
        {"density": 0.0045, "distance": 8},
        r"\lambda = \frac{1 - e^{-\mu b}}{b}, \qquad b = \pi d^2 \; (\text{in 3D } \tfrac{4}{3} \pi d^3)",
        "distance",
        (1, 5, 8),
    ),
    "ssi": Example(
        {"density": 0.01, "distance": 8},
        r"x_{n+1} \sim \text{uniform on } \{ x : |x - x_i| \ge d, \; i = 1 \ldots n \}",
        "distance",
        (1, 5, 8),
    ),
    # shapes
    "ellipsoid": Example(
        {"radius": 6, "elongation": 1.5},
        r"\frac{s^2}{a^2} + \frac{t^2}{b^2} \le 1, \qquad a = r e^{(D-1)/D}, \quad b = r e^{-1/D}",
        "elongation",
        (1, 2, 4),
    ),
    "bank": Example(
        {"dataset": NUCLEI_SET, "smallest": 30},
        r"M(x) = \left[ \, m \left( F R_\theta^{-1} x / s \right) \ge \tfrac{1}{2} \right]",
        "scale",
        (0.7, 1, 1.3),
    ),
    # outlines
    "bezier": Example(
        {"cover": 0.5, "corners": 9},
        r"B(t) = (1-t)^3 c_k + 3 t (1-t)^2 p_k + 3 t^2 (1-t) q_k + t^3 c_{k+1}, \qquad |c_k| = R (1 + \rho z_k)",
        "roughness",
        (0, 0.2, 0.4),
    ),
    "full": Example({}, r"M(x) = 1"),
    # generators
    "tissue": Example(
        {k: v for k, v in TISSUE.items() if k != "kind"},
        r"C_i = \left\{ x \in M : |x - s_i| \le |x - s_j|, \; \frac{|x - s_j|^2 - |x - s_i|^2}{2 |s_j - s_i|}"
        r" \ge \frac{g}{2} \; \forall j \ne i \right\}",
        "seeds.density",
        (0.002, 0.005, 0.008),
    ),
    "packing": Example(
        {k: v for k, v in NUCLEI.items() if k != "kind"},
        r"O_{n+1} = S + x, \quad x \text{ uniform on } R, \quad \operatorname{dist}(O_{n+1}, O_i) \ge g",
        "cover",
        (0.1, 0.3, 0.5),
    ),
    # translators
    "texture": Example(
        {},
        r"I = L_i \left( b + (1 - b) \, \frac{s - \min_i s}{\max_i s - \min_i s} \right), \qquad"
        r" s(x) = \sum_k p^k \sum_j u_{kj} \, B(2^k x - j)",
        "persistence",
        (0.2, 0.5, 1),
        NUCLEI,
    ),
    "fluorescence": Example(
        {},
        r"I = \left( (1 - a) \, G_\sigma * f + a \, G_h * f + b + A \right) e^{s Z}, \qquad"
        r" f = L_i \max(1 + c T, 0)",
        "psf",
        (0.5, 1, 2),
        NUCLEI,
    ),
    "rcm": Example(
        {},
        r"I = \left( (1 - w) \, G_\sigma * r + w \, G_d * r \right)"
        r" \exp \left( h \, Z_h + s \, Z_s - \tfrac{1}{2} (h^2 + s^2) \right), \qquad s^2 = \ln(1 + c^2)",
        "speckle",
        (0, 0.35, 0.7),
        TISSUE,
    ),
    "phase-contrast": Example(
        {},
        r"I = \left( b - c \, (G_\sigma * f - G_h * f) \right) e^{s Z}, \qquad"
        r" f = L_i \, u (2 - u) \, T, \quad u = \min(d / e, 1)",
        "halo",
        (2, 6, 15),
        CELLS,
    ),
    "histology": Example(
        {},
        r"I_k = L_k \, 10^{-(H h_k + E e_k)}, \qquad k = \text{red, green, blue}",
        "eosin",
        (0.05, 0.15, 0.4),
        NUCLEI,
    ),
    "detector": Example(
        {"photons": 100, "read_noise": 2},
        r"J = g \, \frac{N + r Z}{P} + o, \qquad N \sim \text{Poisson}(I P)",
        "photons",
        (10, 50, 400),
        TISSUE,
        ({"kind": "rcm"},),
    ),
}
