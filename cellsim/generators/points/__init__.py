"""Point processes: where objects stand."""

KINDS = {
    "poisson": "cellsim.generators.points.poisson:Poisson",
    "matern-ii": "cellsim.generators.points.matern:MaternII",
    "ssi": "cellsim.generators.points.ssi:SSI",
}
