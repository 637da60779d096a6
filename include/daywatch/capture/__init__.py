"""Captures: the objects an endpoint wrote, to canonical Parquet and a quarantine file."""
