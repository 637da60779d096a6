"""Notifying: whether a mail is sent, the mail itself, and sending it."""
