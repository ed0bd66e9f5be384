"""What is trained: the networks, losses and optimisers of one paper each."""

KINDS: dict[str, str] = {
    "mask-gan": "cellsim.train.objectives.mask_gan:MaskGan",
    "stylegan2": "cellsim.train.objectives.stylegan2:StyleGan2",
    "pix2pix": "cellsim.train.objectives.pix2pix:Pix2Pix",
    "segmenter": "cellsim.train.objectives.segmenter:Segmenter",
}
