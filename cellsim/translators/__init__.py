"""Labels -> image, or image -> image. The table of the translators."""

KINDS = {
    "texture": "cellsim.translators.optics.texture:Texture",
    "fluorescence": "cellsim.translators.optics.fluorescence:Fluorescence",
    "wide-field": "cellsim.translators.optics.wide_field:WideField",
    "confocal": "cellsim.translators.optics.confocal:Confocal",
    "specks": "cellsim.translators.optics.specks:Specks",
    "rcm": "cellsim.translators.optics.rcm:ReflectanceConfocal",
    "phase-contrast": "cellsim.translators.optics.phase:PhaseContrast",
    "histology": "cellsim.translators.optics.histology:Histology",
    "pix2pix": "cellsim.translators.pix2pix:Pix2Pix",
    "detector": "cellsim.translators.optics.detector:Detector",
    "canny": "cellsim.translators.filters.canny:Canny",
    "gabor": "cellsim.translators.filters.gabor:Gabor",
    "contrast-stretch": "cellsim.translators.filters.contrast_stretch:ContrastStretch",
    "local-normalisation": "cellsim.translators.filters.local_normalisation:LocalNormalisation",
    "gaussian-noise": "cellsim.translators.filters.gaussian_noise:GaussianNoise",
    "jpeg": "cellsim.translators.filters.jpeg:Jpeg",
    "invert": "cellsim.translators.filters.invert:Invert",
    "binary": "cellsim.translators.filters.binary:Binary",
}
