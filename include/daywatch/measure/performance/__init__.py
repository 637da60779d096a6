"""Performance on labelled rows, with confidence intervals."""
