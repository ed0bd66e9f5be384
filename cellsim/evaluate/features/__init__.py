"""Features: from samples to vectors of numbers, in which data sets are compared."""

KINDS = {
    "texture": "cellsim.evaluate.features.texture:Texture",
    "lite0": "cellsim.evaluate.features.lite0:Lite0",
    "inception": "cellsim.evaluate.features.inception:Inception",
    "segmenter": "cellsim.evaluate.features.segmenter:Segmenter",
    "flow-texture": "cellsim.evaluate.features.flow_texture:FlowTexture",
    "morphology": "cellsim.evaluate.features.forms:Forms",
}
