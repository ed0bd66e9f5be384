"""Label images and their other faces: pure functions on arrays, N-D where it is natural."""
