"""A record's request and response as typed, redacted rows."""
