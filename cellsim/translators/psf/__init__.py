"""Point spread functions: what a microscope makes of a point of light."""

KINDS = {
    "gaussian": "cellsim.translators.psf.gaussian:Gaussian",
    "born-wolf": "cellsim.translators.psf.born_wolf:BornWolf",
    "gibson-lanni": "cellsim.translators.psf.gibson_lanni:GibsonLanni",
}
