"""Labels -> image, or image -> image. The table of the translators."""

KINDS = {
    "rcm": "cellsim.translators.optics.rcm:ReflectanceConfocal",
    "fluorescence": "cellsim.translators.optics.fluorescence:Fluorescence",
    "detector": "cellsim.translators.optics.detector:Detector",
}
