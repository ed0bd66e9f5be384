"""Pictures of the page on filters."""

from __future__ import annotations

from pathlib import Path

from pictures import panels, save, show_image

from cellsim.recipe import Recipe
from cellsim.seeds import stream
from cellsim.translators.filters.canny import Canny
from cellsim.translators.filters.gabor import Gabor
from cellsim.translators.filters.local_normalisation import LocalNormalisation


def draw_filters(folder: Path) -> None:
    """Draw an epidermis, and what each filter makes of it."""
    raw = Recipe.load("epidermis").draw(1)
    normalise = LocalNormalisation(scale=10, range=1.5, floor=0.05)
    normalised = normalise(raw, stream(0, 0, "normalise"))
    filtered = {
        "epidermis": raw,
        "local-normalisation": normalised,
        "gabor after it": Gabor(wavelength=5)(normalised, stream(0, 0, "gabor")),
        "canny after it": Canny(sigma=1, low=0.2, high=0.4)(normalised, stream(0, 0, "canny")),
    }
    figure, axes = panels(len(filtered))
    for at, (name, sample) in zip(axes, filtered.items(), strict=True):
        if sample.image is not None:
            show_image(sample.image, at)
        at.set_title(name)
    save(figure, folder / "filters.png")


PICTURES = (draw_filters,)
