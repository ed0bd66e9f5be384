"""Outlines: the region of the canvas that tissue covers."""

KINDS = {
    "bezier": "cellsim.generators.outlines.bezier:Bezier",
    "colonies": "cellsim.generators.outlines.colonies:Colonies",
    "curves": "cellsim.generators.outlines.curves:Curves",
    "full": "cellsim.generators.outlines.full:Full",
}
