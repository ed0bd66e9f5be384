"""Shapes: what one object looks like."""

KINDS = {
    "bank": "cellsim.generators.shapes.bank:Bank",
    "ellipsoid": "cellsim.generators.shapes.ellipsoid:Ellipsoid",
    "maskgan": "cellsim.generators.shapes.maskgan:MaskGan",
    "simcep": "cellsim.generators.shapes.simcep:Simcep",
    "star": "cellsim.generators.shapes.star:Star",
}
