"""The stored inferences of one or more windows: selected, sorted, counted, and as CSV, JSON or a table."""
