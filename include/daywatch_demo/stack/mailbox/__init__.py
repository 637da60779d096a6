"""A mail server for development: takes every mail, keeps it as a file, delivers none, shows all on a page."""
