"""Training: one loop for every paper; plans say what is trained, on what, for how long."""
