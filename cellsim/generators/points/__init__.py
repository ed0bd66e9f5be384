"""Point processes: where objects stand."""

KINDS = {
    "poisson": "cellsim.generators.points.poisson:Poisson",
    "matern-ii": "cellsim.generators.points.matern:MaternII",
    "strauss": "cellsim.generators.points.strauss:Strauss",
    "disks": "cellsim.generators.points.disks:Disks",
    "ssi": "cellsim.generators.points.ssi:SSI",
}
