"""Labels -> image, or image -> image. The table of the translators."""

KINDS = {
    "texture": "cellsim.translators.optics.texture:Texture",
    "fluorescence": "cellsim.translators.optics.fluorescence:Fluorescence",
    "wide-field": "cellsim.translators.optics.wide_field:WideField",
    "rcm": "cellsim.translators.optics.rcm:ReflectanceConfocal",
    "phase-contrast": "cellsim.translators.optics.phase:PhaseContrast",
    "histology": "cellsim.translators.optics.histology:Histology",
    "detector": "cellsim.translators.optics.detector:Detector",
}
