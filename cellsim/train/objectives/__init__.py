"""What is trained: the networks, losses and optimisers of one paper each."""

KINDS: dict[str, str] = {}
