"""Notifying: who gets a mail, and when."""
