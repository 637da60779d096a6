"""Drift of columns: scores from exact kernels or from Evidently, and drift of stored profiles."""
