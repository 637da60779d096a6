"""From a record's request and response to typed, redacted rows."""
