"""Data sets, such as the training file, as the rows of a baseline."""
