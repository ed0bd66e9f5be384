"""Building blocks of networks, and weights on disk. Only this room, training and neural steps import torch."""

KINDS: dict[str, str] = {
    "unet-chain": "cellsim.nn.unet:UnetChain",
    "pix2pix-unet": "cellsim.nn.pix2pix_unet:Pix2PixUnet",
    "resnet": "cellsim.nn.resnet:Resnet",
    "patchgan": "cellsim.nn.patchgan:PatchGan",
    "small-patchgan": "cellsim.nn.patchgan:SmallPatchGan",
    "mask-generator": "cellsim.nn.mask_gan:MaskGenerator",
    "mask-discriminator": "cellsim.nn.mask_gan:MaskDiscriminator",
    "segmentation-unet": "cellsim.nn.segmentation_unet:SegmentationUnet",
}
