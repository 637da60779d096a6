"""A mail server for development: stores every mail as a file, delivers none, and shows all on a page."""
