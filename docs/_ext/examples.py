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
CROWD = {
    "kind": "population",
    "points": {"kind": "poisson", "density": 0.008},
    "shape": {"kind": "star", "radius": {"uniform": [4, 6]}, "elongation": {"uniform": [1, 1.6]}, "roughness": 0.08},
    "overlap": 0.2,
    "shared": "cut",
}
CELLS = {
    "kind": "packing",
    "shape": {"kind": "ellipsoid", "radius": {"uniform": [9, 14]}, "elongation": {"uniform": [1.2, 3]}},
    "cover": 0.3,
}
CULTURE = {
    "kind": "cells",
    "points": {"kind": "clusters", "points": 18, "clusters": 2, "clustered": 0.5, "spread": 15, "tries": 50},
    "cytoplasm": {"kind": "simcep", "radius": 12, "alpha": 0.3, "beta": 0.05},
    "nucleus": {"kind": "simcep", "radius": 5},
    "overlap": 0.1,
    "margin": 0,
    "fewer": True,
}
STAINS = (
    {"kind": "texture", "structure": "cytoplasm", "channel": "cytoplasm", "brightness": 0.4, "persistence": 0.9},
    {"kind": "texture", "structure": "nuclei", "channel": "nuclei", "brightness": 0.8},
)
FIELD = {
    "kind": "packing",
    "shape": {"kind": "ellipsoid", "radius": {"uniform": [7, 12]}, "elongation": {"uniform": [1, 1.8]}},
    "cover": 0.25,
    "gap": 2.0,
}
NUCLEI_SET = "nuclei.zarr"  # made from NUCLEI when the pictures are drawn; `bank` takes its objects from it

RINGS = "rings.png"  # an image drawn beside it


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
    canvas : Canvas
        For generators and translators; that of the weights for what was learnt.
    """

    step: Mapping[str, Any]
    equation: str
    vary: str = ""
    over: tuple[float, ...] = ()
    generator: Mapping[str, Any] | None = None
    before: tuple[Mapping[str, Any], ...] = ()
    canvas: Canvas = CANVAS


EXAMPLES = {
    # points
    "poisson": Example(
        {"density": 0.01},
        r"P(N(A) = n) = \frac{(\lambda |A|)^n}{n!} \, e^{-\lambda |A|}",
        "density",
        (0.003, 0.01, 0.03),
    ),
    "matern-i": Example(
        {"density": 0.0017, "distance": 8},
        r"\lambda = \mu \, e^{-\mu b} \le \frac{1}{e b}, \qquad b = \pi d^2 \; (\text{in 3D } \tfrac{4}{3} \pi d^3)",
        "distance",
        (1, 5, 8),
    ),
    "matern-ii": Example(
        {"density": 0.0045, "distance": 8},
        r"\lambda = \frac{1 - e^{-\mu b}}{b}, \qquad b = \pi d^2 \; (\text{in 3D } \tfrac{4}{3} \pi d^3)",
        "distance",
        (1, 5, 8),
    ),
    "strauss": Example(
        {"density": 0.01, "distance": 8, "gamma": 0.1},
        r"f(x_1, \ldots, x_n) \propto \beta^n \, \gamma^{\, \# \{ i < j \, : \, |x_i - x_j| < d \}}",
        "gamma",
        (0, 0.1, 1),
    ),
    "disks": Example(
        {"activity": 0.02, "radius": {"uniform": [3, 6]}, "penalty": 10},
        r"f \propto \beta^n \exp \left( -w \sum_{i < j} s_{ij}"
        r" + a \, \# \{ i < j : 0 \le |x_i - x_j| - r_i - r_j < h \} \right),"
        r" \qquad s_{ij} = \frac{|D_i \cap D_j|}{\min(|D_i|, |D_j|)} \le s_{\max}",
        "penalty",
        (0, 10, 100),
    ),
    "ssi": Example(
        {"distance": 8},
        r"x_{n+1} \sim \text{uniform on } \{ x : |x - x_i| \ge d, \; i = 1 \ldots n \}",
        "density",
        (0.002, 0.006, 0.0105),
    ),
    "thomas": Example(
        {"density": 0.02, "cluster_density": 0.0015, "spread": 3},
        r"g(r) = 1 + \frac{e^{-r^2 / 4 \sigma^2}}{(4 \pi \sigma^2)^{D/2} \, \kappa}",
        "spread",
        (1.5, 4, 12),
    ),
    "clusters": Example(
        {"points": 200, "clusters": 6, "clustered": 0.7, "spread": 5},
        r"x_i \sim p \, \frac{1}{K} \sum_{k=1}^{K} N(c_k, \sigma^2) + (1 - p) \; \text{uniform}",
        "clustered",
        (0, 0.6, 1),
    ),
    # fields
    "formula": Example(
        {"formula": "exp(-x / 50) * (0.5 + 0.5 * cos(y / 5))"},
        r"v(x) = f(z, y, x)",
    ),
    "image": Example(
        {"image": RINGS, "spacing": 0.5}, r"v(x) = J_{\lfloor x / s \rfloor} / \max J", "spacing", (0.2, 0.5, 1)
    ),
    "smooth": Example(
        {"scale": 10, "mean": 0.5, "spread": 0.25},
        r"v(x) = m + s \sqrt{\tfrac{2}{K}} \sum_{k=1}^{K} \cos(w_k \cdot x + \varphi_k),"
        r" \qquad w_k \sim N(0, \ell^{-2})",
        "scale",
        (5, 10, 20),
    ),
    # shapes
    "ellipsoid": Example(
        {"radius": 6, "elongation": 1.5},
        r"\frac{s^2}{a^2} + \frac{t^2}{b^2} \le 1, \qquad a = r e^{(D-1)/D}, \quad b = r e^{-1/D}",
        "elongation",
        (1, 2, 4),
    ),
    "star": Example(
        {"radius": 7, "elongation": 1.3, "roughness": 0.1},
        r"|x| \le r \exp \left( g(u) - \tfrac{D}{2} \rho^2 \right), \qquad g(u) = \sum_{k=2}^{K} \sigma_k \sum_m"
        r" z_{km} Y_{km}(u), \qquad \sigma_k^2 \propto k^{-f}, \quad \sum_k \sigma_k^2 = \rho^2",
        "roughness",
        (0.05, 0.1, 0.2),
    ),
    "simcep": Example(
        {"radius": 7, "alpha": 0.2, "beta": 0.1},
        r"x_k = \cos(2 \pi k / V + \beta u_k) + \alpha v_k, \qquad y_k = \sin(2 \pi k / V + \beta u'_k) + \alpha v'_k",
        "alpha",
        (0, 0.2, 0.4),
    ),
    "bank": Example(
        {"dataset": NUCLEI_SET, "smallest": 30},
        r"M(x) = \left[ \, m \left( F R_\theta^{-1} x / s \right) \ge \tfrac{1}{2} \right]",
        "scale",
        (0.7, 1, 1.3),
    ),
    "maskgan": Example(
        {"weights": "nuclei-maskgan", "scale": 0.4},
        r"M(x) = \left[ \, G(z) \left( R_\theta^{-1} x / s \right) \ge t \right], \qquad z \sim N(0, 1), \quad"
        r" t : |M| = \sum_p \tfrac{1}{2} (1 + G_p(z))",
        "scale",
        (0.25, 0.4, 0.6),
    ),
    # outlines
    "band": Example(
        {"width": 30, "angle": 30, "offset": 10},
        r"M(x) = \left[ \, |y \cos \alpha - x \sin \alpha - o| \le \tfrac{w}{2} \right]",
        "angle",
        (0, 30, 90),
    ),
    "bezier": Example(
        {"cover": 0.5, "corners": 9},
        r"B(t) = (1-t)^3 c_k + 3 t (1-t)^2 p_k + 3 t^2 (1-t) q_k + t^3 c_{k+1}, \qquad |c_k| = R (1 + \rho z_k)",
        "roughness",
        (0, 0.2, 0.4),
    ),
    "colonies": Example(
        {"number": 3, "radius": {"uniform": [15, 30]}},
        r"M(x) = \left[ \, |x - c_i| \le r_i \text{ for one } i \right], \qquad c_i \text{ uniform on the canvas}",
        "number",
        (1, 3, 6),
    ),
    "curves": Example(
        {"number": 3, "width": 8, "persistence": 100},
        r"M(x) = \left[ \, \min_s |x - c(s)| \le \tfrac{w}{2} \right], \qquad"
        r" \langle t(0) \cdot t(s) \rangle = e^{-s/P}",
        "persistence",
        (40, 100, 500),
    ),
    "full": Example({}, r"M(x) = 1"),
    "gyrus": Example(
        {"blade": 80, "width": 14, "opening": 40, "crest": 12, "waviness": 8},
        r"\theta(s) = \tfrac{T}{2} \tanh \frac{2 s}{T R} + \omega Z(s), \qquad T = \pi - \alpha, \qquad"
        r" M(x) = \left[ \, \min_s |x - c(s)| \le \tfrac{w(s)}{2} \right], \quad \dot c = (\cos \theta, \sin \theta)",
        "opening",
        (20, 50, 90),
    ),
    "mask-image": Example(
        {"image": RINGS, "spacing": 0.5, "threshold": 0.5},
        r"M(x) = \left[ \, J_{\lfloor x / s \rfloor} > t \max J \right]",
        "threshold",
        (0.2, 0.5, 0.9),
    ),
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
    "population": Example(
        {k: v for k, v in CROWD.items() if k != "kind"},
        r"\text{keep } O_n = S_n + x_n \text{ if } |O_n \cap O_i| \le h \min(|O_n|, |O_i|) \;"
        r" \forall i < n \text{ kept}",
        "overlap",
        (0, 0.2, 1),
    ),
    "cells": Example(
        {k: v for k, v in CULTURE.items() if k != "kind"},
        r"\text{put cell } n \text{ at the first } x_{nt} \text{ with } |N_n \cap N_i| \le h \min(|N_n|, |N_i|) \;"
        r" \forall i < n",
        "points.clustered",
        (0, 0.5, 1),
    ),
    "nuclei-golgi": Example(
        {
            "points": {"kind": "ssi", "density": 0.0025, "distance": 15},
            "nucleus": {"kind": "ellipsoid", "radius": 5, "elongation": 1.5},
            "golgi": {"kind": "ellipsoid", "radius": 2},
            "distance": {"normal": [8.5, 0.5]},
            "polarity": {"kind": "formula", "formula": ["0", "1"]},
            "spread": 30,
            "pair_warp": 1.0,
        },
        r"g_i = n_i + d_i \, v_i, \qquad \angle(v_i, p(n_i)) \sim N(0, s^2), \qquad"
        r" M(x) = M_0(x + u(x)), \quad \lVert \nabla u \rVert < 1",
        "pair_warp",
        (0, 1, 3),
    ),
    "flow-gan": Example(
        {"weights": "tissue-flows-128"},
        r"M = \operatorname{decode} \left( G(\bar w + \psi (f(z) - \bar w)) \right), \qquad z \sim N(0, 1)",
        "truncation",
        (0.5, 1, 1.3),
        canvas=Canvas(shape=(256, 256), spacing=(0.25, 0.25)),
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
    "wide-field": Example(
        {"falloff": 0.4},
        r"I = \ell \, \left( \sum_i G_{\sigma_i} * f_i + t \sqrt{a E(f) / E(t)} \right), \qquad"
        r" \sigma_i^2 = s^2 + d^2 z_i^2",
        "defocus",
        (0, 0.5, 1.5),
        CULTURE,
        STAINS,
    ),
    "confocal": Example(
        {"psf": {"kind": "gaussian", "lateral": 0.4, "axial": 1.5}, "autofluorescence": 0.05},
        r"I_c = h * \left( (f_c + A) \, e^{s Z} \, e^{-d / \ell} \right) + b",
        "psf.lateral",
        (0.2, 1, 3),
        NUCLEI,
        ({"kind": "texture"},),
    ),
    "specks": Example(
        {"density": 0.003, "radius": {"uniform": [0.5, 1.5]}},
        r"J = I + \sum_{i=1}^{N} L_i \, 2^{-|x - x_i|^2 / r_i^2}, \qquad N \sim \text{Poisson}",
        "density",
        (0.001, 0.003, 0.01),
        NUCLEI,
        ({"kind": "texture"}, {"kind": "confocal", "psf": {"kind": "gaussian", "lateral": 0.4}}),
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
    "pix2pix": Example(
        {"weights": "nuclei-pix2pix"},
        r"I = G(\text{layers of } M, z), \qquad \min_G \max_D \; E \log D(M, I) + E \log (1 - D(M, G(M, z)))"
        r" + \lambda \, E \lVert I - G(M, z) \rVert_1",
        generator=FIELD,
        canvas=Canvas(shape=(200, 200), spacing=(1, 1)),
    ),
    "detector": Example(
        {"photons": 100, "read_noise": 2},
        r"J = g \, \frac{N + r Z}{P} + o, \qquad N \sim \text{Poisson}(I P)",
        "photons",
        (10, 50, 400),
        TISSUE,
        ({"kind": "rcm"},),
    ),
    "canny": Example(
        {"sigma": 1.5},
        r"E = \left\{ x : |\nabla J| \text{ greatest along } \nabla J, \; |\nabla J| \ge"
        r" \frac{h}{\sqrt{2 \pi} \, \sigma} \right\}, \qquad J = G_\sigma * I",
        "sigma",
        (0.5, 1, 2),
        NUCLEI,
        ({"kind": "fluorescence"}, {"kind": "detector", "photons": 400}),
    ),
    "gabor": Example(
        {"wavelength": 5},
        r"J = \max_\theta \left( g_\theta * I \right)_+, \qquad g = a \, e^{-u^2 / 2 s^2 - v^2 / 2 t^2}"
        r" \left( \cos \frac{2 \pi u}{\lambda} - k \right)",
        "wavelength",
        (2.5, 5, 10),
        TISSUE,
        ({"kind": "rcm"},),
    ),
    "contrast-stretch": Example(
        {},
        r"J = \frac{I - a}{b - a}, \quad \text{cut to } [0, 1], \qquad P(I \le a) = \text{low}, \quad"
        r" P(I \le b) = \text{high}",
        "high",
        (70, 90, 98),
        NUCLEI,
        ({"kind": "fluorescence", "background": 0.1}, {"kind": "detector", "photons": 200}),
    ),
    "local-normalisation": Example(
        {"scale": 10},
        r"J = \frac{1}{2} + \frac{1}{2 r} \, \frac{I - m}{s + f}, \qquad m = G * I, \quad s^2 = G * (I - m)^2",
        "scale",
        (3, 10, 30),
        TISSUE,
        ({"kind": "rcm", "heterogeneity": 0.6},),
    ),
    "gaussian-noise": Example(
        {"variance": 0.001},
        r"J = I + \sqrt{v} \, Z, \quad \text{cut to } [0, 1]",
        "variance",
        (0.0001, 0.001, 0.01),
        NUCLEI,
        ({"kind": "fluorescence"},),
    ),
    "jpeg": Example(
        {"quality": 50},
        r"J = \operatorname{DCT}^{-1} \left( q \operatorname{round} \left( \operatorname{DCT}(I) / q \right) \right)"
        r" \quad \text{in blocks of } 8 \times 8",
        "quality",
        (5, 30, 90),
        NUCLEI,
        ({"kind": "fluorescence"},),
    ),
    "invert": Example({}, r"J = 1 - I", generator=NUCLEI, before=({"kind": "fluorescence"},)),
    "binary": Example(
        {},
        r"J(x) = \left[ \, L(x) > 0 \right], \qquad \text{with a border } \left[ \, L(x) > 0, \; L(y) \in \{0, L(x)\}"
        r" \; \forall y \sim x \right]",
        "border",
        (False, True),
        CROWD,
    ),
    # psf
    "gaussian": Example(
        {"lateral": 0.25, "axial": 0.8},
        r"h(z, r) \propto e^{-r^2 / 2 \sigma^2 - z^2 / 2 \sigma_z^2}",
        "axial",
        (0.25, 0.5, 1),
    ),
    "born-wolf": Example(
        {"numerical_aperture": 1.2, "wavelength_nm": 520},
        r"h(z, r) = \left| 2 \int_0^1 J_0(k a r \rho) \, e^{-i k z a^2 \rho^2 / 2 n} \rho \, d\rho \right|^2,"
        r" \qquad k = \frac{2 \pi}{\lambda}",
        "numerical_aperture",
        (0.6, 0.9, 1.3),
    ),
    "gibson-lanni": Example(
        {"numerical_aperture": 1.2, "wavelength_nm": 520, "depth": 20, "pinhole": False},
        r"h(z, r) = \left| 2 \int_0^1 J_0(k a r \rho) \, e^{i k W(z, \rho)} \rho \, d\rho \right|^2, \qquad"
        r" W = n (z + d) \sqrt{1 - \tfrac{a^2 \rho^2}{n^2}} - \tfrac{m^2}{n} d \sqrt{1 - \tfrac{a^2 \rho^2}{m^2}}",
        "depth",
        (0, 5, 20),
    ),
}
