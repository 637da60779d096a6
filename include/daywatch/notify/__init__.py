"""Telling people: whether a window is worth a mail, and sending it."""
