"""Chance -> labels. The table of the samplers of instance masks."""

KINDS = {
    "tissue": "cellsim.generators.tissue:Tissue",
    "packing": "cellsim.generators.packing:Packing",
    "population": "cellsim.generators.population:Population",
    "cells": "cellsim.generators.cells:Cells",
    "nuclei-golgi": "cellsim.generators.nuclei_golgi:NucleiGolgi",
    "flow-gan": "cellsim.generators.flow_gan:FlowGan",
}
