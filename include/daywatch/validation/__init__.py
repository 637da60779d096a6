"""Validation: a Great Expectations suite, suggested from the baseline, edited by people, run on DuckDB."""
