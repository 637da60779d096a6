"""From a model's YAML to its configuration: read, checked, every error with file and line."""
