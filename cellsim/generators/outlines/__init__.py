"""Outlines: the region of the canvas that tissue covers."""

KINDS = {
    "bezier": "cellsim.generators.outlines.bezier:Bezier",
    "full": "cellsim.generators.outlines.full:Full",
}
