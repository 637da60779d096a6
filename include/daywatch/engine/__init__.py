"""DuckDB, which does the columnar work, within bounds on memory and threads."""
