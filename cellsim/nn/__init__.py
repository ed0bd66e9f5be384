"""Building blocks of networks, and weights on disk. Only this room, training and neural steps import torch."""
