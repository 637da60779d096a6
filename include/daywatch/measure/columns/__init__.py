"""The columns of baseline and window side by side: values, counts, categories, words, correlations."""
