"""DuckDB, where the columnar work is done."""
