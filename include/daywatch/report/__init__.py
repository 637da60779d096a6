"""The report of a window: what it shows, its HTML mail, its plain text and its charts."""
