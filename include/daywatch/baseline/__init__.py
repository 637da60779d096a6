"""The baseline: the frozen reference rows of a model, their profile and their suggested suite."""
