"""Fields: numbers and directions that change from place to place."""

KINDS = {
    "formula": "cellsim.generators.fields.formula:Formula",
    "image": "cellsim.generators.fields.image:ImageField",
    "smooth": "cellsim.generators.fields.smooth:Smooth",
}
