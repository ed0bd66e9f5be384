"""StyleGAN2-ADA: a generator and a discriminator of images, here of encoded masks."""
