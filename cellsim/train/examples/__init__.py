"""What is trained on: how samples of a data set become tensors."""

KINDS: dict[str, str] = {}
