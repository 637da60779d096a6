"""Baselines: the frozen reference data, its profile and its suggested suite."""
