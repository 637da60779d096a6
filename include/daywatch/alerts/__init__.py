"""Alerts: who hears of a window, and the services through which people listen besides mail."""
