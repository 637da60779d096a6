"""The report: what the mail shows."""
