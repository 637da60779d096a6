"""The charts of a mail, as PNG."""
