"""A model's YAML, proposed from what its team already has: captures, labels, a training file."""
