"""YAML files as nodes that know their file and line: parsed within bounds, merged with what models share, shown."""
