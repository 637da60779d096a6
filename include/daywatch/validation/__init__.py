"""Validation: Great Expectations on DuckDB."""
