"""Sources of captures: each a small module behind ``source.Source``, chosen in the YAML by name."""
