"""Results as rows: which value goes into which column."""
