"""What is trained on: how samples of a data set become tensors."""

KINDS: dict[str, str] = {
    "mask-crops": "cellsim.train.examples.mask_crops:MaskCrops",
    "pairs": "cellsim.train.examples.pairs:Pairs",
    "objects": "cellsim.train.examples.objects:Objects",
    "segmentation-crops": "cellsim.train.examples.segmentation_crops:SegmentationCrops",
}
