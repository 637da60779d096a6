"""Sources of captures: a small module each, which implements ``source.Source`` and has a name in the YAML."""
