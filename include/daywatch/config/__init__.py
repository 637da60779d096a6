"""Configuration: one YAML a model, read once, frozen, with every mistake named at once."""
