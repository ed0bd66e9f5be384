"""Pictures of the page on flows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pictures import coloured, panels, save

from cellsim.masks.encodings import ENCODINGS
from cellsim.masks.relabel import whole_cells
from cellsim.recipe import Recipe


def draw_encodings(folder: Path) -> None:
    """Draw touching cells in every encoding."""
    labels, _ = whole_cells(Recipe.load("epidermis", ["generator.membrane=0"]).draw(3).labels[0][80:176, 80:176], 30)
    figure, axes = panels(3, 2)
    axes[0].imshow(coloured(labels), interpolation="nearest")
    axes[0].set_title("cells")
    for at, (name, encoding) in zip(axes[1:], ENCODINGS.items(), strict=True):
        image = encoding.encode(labels)
        shown = np.moveaxis(image, 0, -1) if encoding.channels == 3 else image[0]
        at.imshow(shown, cmap="gray", vmin=0, vmax=255 if name == "binary" else None, interpolation="nearest")
        at.set_title(name)
    save(figure, folder / "encodings.png")


PICTURES = (draw_encodings,)
