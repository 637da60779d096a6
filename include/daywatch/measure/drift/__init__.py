"""Drift of columns: scores by exact kernels or by Evidently, and drift of stored profiles."""
