"""Ingestion: captures and labels to canonical Parquet, and what cannot be read to quarantine."""
