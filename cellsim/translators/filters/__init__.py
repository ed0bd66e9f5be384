"""Image processing: filters, noise, compression, and the binary image of the labels."""
