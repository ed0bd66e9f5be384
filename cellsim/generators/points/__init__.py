"""Point processes: where objects stand."""

KINDS = {
    "poisson": "cellsim.generators.points.poisson:Poisson",
    "matern-i": "cellsim.generators.points.matern:MaternI",
    "matern-ii": "cellsim.generators.points.matern:MaternII",
    "strauss": "cellsim.generators.points.strauss:Strauss",
    "disks": "cellsim.generators.points.disks:Disks",
    "ssi": "cellsim.generators.points.ssi:SSI",
    "thomas": "cellsim.generators.points.thomas:Thomas",
    "clusters": "cellsim.generators.points.clusters:Clusters",
}
