"""What people say of objects, or of images, that have more or less of a statistic."""

from __future__ import annotations

# Statistic -> what is said of objects (or of images) that have more of it, and of those that have less
SAID = {
    "area": ("are {by} larger", "are {by} smaller"),
    "volume": ("are {by} larger", "are {by} smaller"),
    "perimeter": ("have a perimeter that is {by} longer", "have a perimeter that is {by} shorter"),
    "surface area": ("have a surface that is {by} larger", "have a surface that is {by} smaller"),
    "elongation": ("are {by} more elongated", "are {by} less elongated"),
    "solidity": ("are {by} more solid, with fewer dents", "are {by} less solid, with more dents"),
    "roughness": ("have {by} rougher outlines", "have {by} smoother outlines"),
    "density": ("hold {by} more {objects} for their size", "hold {by} fewer {objects} for their size"),
    "cover": ("are {by} more covered by {objects}", "are {by} less covered by {objects}"),
    "number of neighbours": ("have {by} more neighbours", "have {by} fewer neighbours"),
    "contact fraction": (
        "touch others along {by} more of their outline",
        "touch others along {by} less of their outline",
    ),
    "nearest neighbour distance": ("are {by} farther from the nearest other", "are {by} nearer to the nearest other"),
    "local density": ("are {by} more crowded", "are {by} less crowded"),
    "local order": ("are {by} more aligned with those around", "are {by} less aligned with those around"),
    "orientation order": ("have {by} more aligned {objects}", "have {by} less aligned {objects}"),
    "clustering, L(r) - r": ("show more clustering of {objects}", "show less clustering of {objects}"),
    "brightness": ("are {by} brighter", "are {by} darker"),
    "contrast to background": ("stand out {by} more from the background", "stand out {by} less from the background"),
    "texture": ("are {by} more textured", "are {by} less textured"),
    "coarseness": ("have a texture that is {by} coarser", "have a texture that is {by} finer"),
    "edge blur": ("have {by} more blurred edges", "have {by} sharper edges"),
    "background": ("have a background that is {by} brighter", "have a background that is {by} darker"),
    "noise": ("are {by} noisier", "are {by} less noisy"),
    "unevenness of the background": (
        "have a background that is {by} less even",
        "have a background that is {by} more even",
    ),
    "light falloff": ("lose {by} more light towards their corners", "lose {by} less light towards their corners"),
}
