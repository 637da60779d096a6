"""The same numbers for subsets of the rows, and the slice that predicts worst."""
