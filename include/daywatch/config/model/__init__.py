"""A model's configuration, one module a section of its YAML."""
