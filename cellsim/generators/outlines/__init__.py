"""Outlines: the region of the canvas that tissue covers."""

KINDS = {
    "band": "cellsim.generators.outlines.band:Band",
    "bezier": "cellsim.generators.outlines.bezier:Bezier",
    "colonies": "cellsim.generators.outlines.colonies:Colonies",
    "curves": "cellsim.generators.outlines.curves:Curves",
    "full": "cellsim.generators.outlines.full:Full",
    "gyrus": "cellsim.generators.outlines.gyrus:Gyrus",
    "mask-image": "cellsim.generators.outlines.mask_image:MaskImage",
}
