"""Configuration: one YAML file for each model, read once, frozen, with all its errors reported at once."""
